"use client";

import Link from "next/link";
import { parseAsBoolean, parseAsString, useQueryState, useQueryStates } from "nuqs";
import { plural } from "../../charts/format.ts";
import { Empty } from "../../components/empty.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { FilterField } from "../../components/filter-field.tsx";
import { Select } from "../../components/select.tsx";
import { Table, type TableColumn } from "../../components/table.tsx";
import { useTyped } from "../../components/use-typed.ts";
import { useEnvironment } from "../../frame/environment.tsx";
import { LeaseEnd } from "../service/lease-end.tsx";
import { PolicySheet } from "../service/policy-sheet.tsx";
import { PolicyMarks } from "../service/policy-marks.tsx";
import { choices, passes, policyRows, type PolicyRow } from "./policy-rows.ts";
import { useAllPolicies } from "./use-all-policies.ts";
import "../service/service.css";
import "./policies.css";

const FILTER = {
  q: parseAsString.withDefault(""),
  kind: parseAsString,
  service: parseAsString,
  changed: parseAsBoolean.withDefault(false),
  differs: parseAsBoolean.withDefault(false),
};

/** Every policy of every service in one list; a line opens the same card as the page of its service. */
export function PoliciesScreen() {
  const { environment } = useEnvironment();
  const policies = useAllPolicies(environment || "production");
  const [filter, setFilter] = useQueryStates(FILTER);
  const [open, setOpen] = useQueryState("open", parseAsString);
  const [text, type] = useTyped(filter.q, (q) => void setFilter({ q: q || null }));
  const all = policies.data?.items ?? [];
  const rows = policyRows(all);
  const shown = rows.filter((row) => passes(row, { ...filter, text: filter.q }));
  const { kinds, services } = choices(all);
  const opened = rows.find(({ id }) => id === open);
  return (
    <div className="po svc">
      <div className="po-bar">
        <h1>Policies</h1>
        <span className="svc-note">{summary(rows, shown.length)}</span>
        <Select
          label="Kind"
          value={filter.kind ?? ""}
          options={[{ value: "", label: "all" }, ...kinds.map((value) => ({ value, label: value }))]}
          onChange={(kind) => void setFilter({ kind: kind || null })}
        />
        <Select
          label="Service"
          value={filter.service ?? ""}
          options={[{ value: "", label: "all" }, ...services.map((value) => ({ value, label: value }))]}
          onChange={(service) => void setFilter({ service: service || null })}
        />
        <Toggle label="Changed by the console" on={filter.changed} onChange={(on) => void setFilter({ changed: on || null })} />
        <Toggle label="Differs between instances" on={filter.differs} onChange={(on) => void setFilter({ differs: on || null })} />
        <span className="hf-grow" />
        <FilterField label="Filter policies" value={text} onChange={type} />
      </div>
      {policies.isError ? <ErrorNote error={policies.error} /> : null}
      {policies.data?.more === true ? (
        <p data-tone="warning">There are more policies than this list reads. Filter by service there.</p>
      ) : null}
      {policies.data === undefined ? (
        policies.isError ? null : (
          <p className="svc-note">Reading the policies…</p>
        )
      ) : all.length === 0 ? (
        <Empty title="No service has declared a policy">
          <p>
            A breaker, limiter, timeout, retry, bulkhead or shedder of the agent appears here with its settings as soon as its service
            connects. The <Link href="/agents">agents</Link> page shows how.
          </p>
        </Empty>
      ) : shown.length === 0 ? (
        <p className="svc-note">
          None of {all.length} policies passes the filter.{" "}
          <button type="button" className="po-link" onClick={() => void setFilter(null)}>
            Show all
          </button>
        </p>
      ) : (
        <Table label="Policies" columns={columnsOf((id) => void setOpen(id))} rows={shown} rowKey={({ id }) => id} />
      )}
      {opened === undefined ? null : (
        <Opened key={opened.id} row={opened} environment={environment || "production"} onClose={() => void setOpen(null)} />
      )}
    </div>
  );
}

function summary(rows: readonly PolicyRow[], shown: number): string {
  const changed = rows.filter((row) => row.changed.length > 0).length;
  const differs = rows.filter((row) => row.differs.length > 0).length;
  const of = shown === rows.length ? "" : ` of ${String(rows.length)}`;
  return `${String(shown)}${of}, ${String(changed)} changed, ${String(differs)} differing`;
}

function Toggle({ label, on, onChange }: { readonly label: string; readonly on: boolean; readonly onChange: (on: boolean) => void }) {
  return (
    <label className="po-toggle">
      <input type="checkbox" checked={on} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}

function columnsOf(onOpen: (id: string) => void): readonly TableColumn<PolicyRow>[] {
  return [
    {
      key: "name",
      title: "Policy",
      cell: ({ id, policy }) => (
        <button type="button" className="po-link" onClick={() => onOpen(id)}>
          <b>{policy.name}</b> {policy.policy}
        </button>
      ),
    },
    {
      key: "state",
      title: "Changed, differs",
      cell: ({ policy, drift, changed, differs, said }) =>
        changed.length + differs.length === 0 ? (
          <span className="svc-note">as the code says</span>
        ) : (
          <span className="po-marks">
            <PolicyMarks policy={policy} drift={drift} />
            {said === null ? null : (
              <span className="svc-note po-said" title={said}>
                {said}
              </span>
            )}
          </span>
        ),
    },
    {
      key: "until",
      title: "Until",
      figure: true,
      cell: ({ policy, until }) => (policy.changes.length === 0 ? null : <LeaseEnd at={until} />),
    },
    {
      key: "services",
      title: "Services",
      cell: ({ policy: { services } }) => (
        <span className="po-services">
          {services.slice(0, 2).map((service) => (
            <Link key={service} href={`/services/${encodeURIComponent(service)}`}>
              {service}
            </Link>
          ))}
          {services.length > 2 ? <span title={services.join(", ")}>and {services.length - 2} more</span> : null}
        </span>
      ),
    },
    {
      key: "instances",
      title: "Instances",
      figure: true,
      cell: ({ policy: { instances } }) => (
        <span data-tone={instances.live < instances.total ? "warning" : "plain"} title={plural(instances.total, "instance")}>
          {instances.live}/{instances.total}
        </span>
      ),
    },
    {
      key: "revision",
      title: "Revision",
      figure: true,
      cell: ({ policy }) => (policy.revision === 0 ? "" : `r${String(policy.revision)}`),
    },
  ];
}

/** The card of a policy; of one that several services have, for the one that is chosen. */
function Opened({
  row: { policy },
  environment,
  onClose,
}: {
  readonly row: PolicyRow;
  readonly environment: string;
  readonly onClose: () => void;
}) {
  const [of, setOf] = useQueryState("of", parseAsString);
  const service = policy.services.find((name) => name === of) ?? policy.services[0] ?? "";
  return (
    <PolicySheet
      key={service}
      policy={policy}
      service={service}
      environment={environment}
      onClose={() => {
        void setOf(null);
        onClose();
      }}
    >
      {policy.services.length < 2 ? null : (
        <Select
          label="Narrower scopes and suggestions are of"
          value={service}
          options={policy.services.map((value) => ({ value, label: value }))}
          onChange={(next) => void setOf(next)}
        />
      )}
    </PolicySheet>
  );
}
