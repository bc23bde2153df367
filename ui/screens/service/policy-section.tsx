"use client";

import { useState } from "react";
import type { PolicyAnswer, PolicySetting } from "../../../protocol/policy-api.ts";
import { plural } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { Chip } from "../../components/chip.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Table } from "../../components/table.tsx";
import { useConnection } from "../../live/hooks.ts";
import { PolicyChanges } from "./policy-changes.tsx";
import { PolicyEditor } from "./policy-editor.tsx";
import { STATE_WORDS, type ChangeKind } from "./policy-form.ts";
import { usePolicies, useRefusal } from "./use-policies.ts";
import "./policy.css";

/** Policies whose settings the console can change: what is in force, where it comes from, and the forms to change it. */
export function PolicySection({ service }: { readonly service: string }) {
  const { environment } = useConnection();
  const policies = usePolicies(environment || "production", service);
  if (policies.isError) return <ErrorNote error={policies.error} />;
  if (policies.data === undefined || policies.data.length === 0) return null;
  return (
    <section aria-labelledby="policies-title">
      <div className="svc-section-head">
        <h2 id="policies-title">Policies</h2>
        <span className="svc-note">settings in force, and what may be changed while it runs</span>
      </div>
      <div className="pol-list">
        {policies.data.map((policy) => (
          <PolicyCard key={`${policy.name} ${policy.policy}`} policy={policy} service={service} environment={environment || "production"} />
        ))}
      </div>
    </section>
  );
}

const ACTIONS: readonly { readonly kind: ChangeKind; readonly label: string }[] = [
  { kind: "settings", label: "Change settings" },
  { kind: "override", label: "Override" },
  { kind: "fault", label: "Inject faults" },
];

function PolicyCard({
  policy,
  service,
  environment,
}: {
  readonly policy: PolicyAnswer;
  readonly service: string;
  readonly environment: string;
}) {
  const [editing, setEditing] = useState<ChangeKind | null>(null);
  const refusal = useRefusal();
  const changed = policy.settings.filter((setting) => setting.effective.some((entry) => entry.origin === "remote")).length;
  const words = [
    ...policy.override.map((entry) => STATE_WORDS[entry.state]),
    ...(changed === 0 ? [] : [`${plural(changed, "setting")} changed`]),
    ...(policy.fault.inForce.length === 0 ? [] : ["faults injected"]),
  ];
  const { total, live } = policy.instances;
  return (
    <details className="pol" open={editing !== null || words.length > 0}>
      <summary>
        <h3>{policy.name}</h3>
        <span className="svc-note">{policy.policy}</span>
        {words.map((word) => (
          <Chip key={word} status="forced">
            {word}
          </Chip>
        ))}
        <span className="svc-note svc-push">
          {plural(total, "instance")}
          {live < total ? `, ${String(total - live)} away` : ""}, r{policy.revision}
        </span>
      </summary>
      {policy.note === null ? null : <p className="svc-note">{policy.note}</p>}
      <Table
        label={`Settings of the ${policy.policy} ${policy.name}`}
        rows={policy.settings}
        rowKey={(setting) => setting.key}
        columns={[
          { key: "setting", title: "Setting", cell: (setting) => setting.key },
          { key: "now", title: "In force", cell: (setting) => <InForce setting={setting} total={total} /> },
          { key: "code", title: "Code", cell: (setting) => <Spread entries={setting.code} /> },
          { key: "limits", title: "May be", cell: limitsOf },
        ]}
      />
      <PolicyChanges changes={policy.changes} refusal={refusal} />
      {editing === null ? (
        <div className="pol-actions">
          {ACTIONS.filter(({ kind }) => mayBe(kind, policy)).map(({ kind, label }) => (
            <Button key={kind} refusal={refusal} onClick={() => setEditing(kind)}>
              {label}
            </Button>
          ))}
        </div>
      ) : (
        <PolicyEditor
          key={editing}
          kind={editing}
          policy={policy}
          service={service}
          environment={environment}
          refusal={refusal}
          onClose={() => setEditing(null)}
        />
      )}
    </details>
  );
}

function mayBe(kind: ChangeKind, policy: PolicyAnswer): boolean {
  if (kind === "fault") return policy.fault.allowed > 0;
  return kind === "override" ? policy.states.length > 0 : policy.settings.some((setting) => !setting.fixed);
}

function InForce({ setting, total }: { readonly setting: PolicySetting; readonly total: number }) {
  return (
    <span className="pol-values">
      {setting.effective.map((entry) => (
        <span key={`${String(entry.value)} ${String(entry.revision)}`}>
          <b className="svc-mono">{String(entry.value)}</b>{" "}
          <Chip {...(entry.origin === "remote" ? { status: "forced" as const } : {})}>
            {entry.origin === "remote" ? `r${String(entry.revision)}` : "code"}
          </Chip>
          {entry.instances < total ? <span className="svc-note"> on {entry.instances}</span> : null}
        </span>
      ))}
    </span>
  );
}

/** One value, or each with how many instances have it. */
function Spread({ entries }: { readonly entries: PolicySetting["code"] }) {
  const [first] = entries;
  if (entries.length <= 1) return <span className="svc-mono">{String(first?.value ?? "unknown")}</span>;
  return (
    <span data-tone="warning">
      {entries.map((entry) => `${String(entry.value)} on ${String(entry.instances)}`).join(", ")}: instances differ
    </span>
  );
}

function limitsOf(setting: PolicySetting): string {
  if (setting.fixed) return "fixed by the code";
  if (setting.type === "flag") return "true or false";
  if (setting.type === "choice") return (setting.options ?? []).join(", ");
  const [low, high] = setting.bounds ?? [setting.min ?? 0, setting.max ?? 0];
  return `${String(low)} to ${String(high)}${setting.bounds === null ? "" : " (by the code)"}`;
}
