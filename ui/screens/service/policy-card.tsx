"use client";

import { useState } from "react";
import { policyDrift } from "../../../core/policy-drift.ts";
import type { PolicyAnswer, PolicySetting } from "../../../protocol/policy-api.ts";
import { plural } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { Chip } from "../../components/chip.tsx";
import { Table } from "../../components/table.tsx";
import { useRefusal } from "../switchboard/use-refusal.ts";
import { DriftNote } from "./drift-note.tsx";
import { PolicyChanges } from "./policy-changes.tsx";
import { PolicyEditor } from "./policy-editor.tsx";
import type { ChangeKind } from "./policy-form.ts";
import { PolicyMarks } from "./policy-marks.tsx";
import "./policy.css";

export interface PolicyCardProps {
  readonly policy: PolicyAnswer;
  /** Whose instances the narrower scopes mean. */
  readonly service: string;
  readonly environment: string;
}

const ACTIONS: readonly { readonly kind: ChangeKind; readonly label: string }[] = [
  { kind: "settings", label: "Change settings" },
  { kind: "override", label: "Override" },
  { kind: "fault", label: "Inject faults" },
];

/** One policy, folded to a line while nothing is the matter with it. */
export function PolicyCard({ policy, service, environment }: PolicyCardProps) {
  const drift = policyDrift(policy);
  const { total, live } = policy.instances;
  const marked = policy.changes.length + policy.override.length + drift.settings.length > 0;
  // It does not fold by itself: somebody may be writing in it.
  const [unfolded, unfold] = useState(marked);
  if (marked && !unfolded) unfold(true);
  return (
    <details className="pol" open={unfolded}>
      <summary>
        <h3>{policy.name}</h3>
        <span className="svc-note">{policy.policy}</span>
        <PolicyMarks policy={policy} drift={drift} />
        <span className="svc-note svc-push">
          {plural(total, "instance")}
          {live < total ? `, ${String(total - live)} away` : ""}, r{policy.revision}
        </span>
      </summary>
      <PolicyBody policy={policy} service={service} environment={environment} />
    </details>
  );
}

/** Settings in force and where each comes from, who differs, the changes in force, and the forms to make one. */
export function PolicyBody({ policy, service, environment }: PolicyCardProps) {
  const [editing, setEditing] = useState<ChangeKind | null>(null);
  const refusal = useRefusal();
  return (
    <div className="pol-body">
      {policy.note === null ? null : <p className="svc-note">{policy.note}</p>}
      <Table
        label={`Settings of the ${policy.policy} ${policy.name}`}
        rows={policy.settings}
        rowKey={(setting) => setting.key}
        columns={[
          { key: "setting", title: "Setting", cell: (setting) => setting.key },
          { key: "now", title: "In force", cell: (setting) => <InForce setting={setting} total={policy.instances.total} /> },
          { key: "code", title: "Code", cell: (setting) => <Spread entries={setting.code} /> },
          { key: "limits", title: "May be", cell: limitsOf },
        ]}
      />
      <DriftNote drift={policyDrift(policy)} />
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
    </div>
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
