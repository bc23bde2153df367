"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { IncidentStatus } from "../../../protocol/incident-api.ts";
import { useMe } from "../../api/queries.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { ConflictNote } from "./conflict-note.tsx";
import { AssignForm, MergeForm, ReopenForm, SplitForm } from "./act-forms.tsx";
import type { IncidentPart } from "./incident-head.tsx";
import { incidentHref, isOpenStatus } from "./incident-words.ts";
import { useAct, useChange, type Act } from "./use-incident-acts.ts";

type Form = "assign" | "reopen" | "merge" | "split";

/** What a person can do with the whole of it. */
export function IncidentActs({ incident, environment, refusal }: IncidentPart) {
  const [form, setForm] = useState<Form | null>(null);
  const me = useMe().data?.name;
  const router = useRouter();
  const change = useChange();
  const act = useAct(incident.id);
  const { status } = incident;
  const open = isOpenStatus(status);
  const busy = change.isPending || act.isPending;
  const close = (): void => setForm(null);
  const to = (next: Exclude<IncidentStatus, "merged">): void => change.mutate({ wish: { status: next }, seen: incident });
  const assign = (assignee: string | null): void => change.mutate({ wish: { assignee }, seen: incident }, { onSuccess: close });
  const perform = (order: Act): void =>
    act.mutate(order, {
      onSuccess: (next) => {
        close();
        if (next.number !== incident.number) router.push(incidentHref(next.number));
      },
    });
  const opener = (name: Form, words: string, why?: string) => (
    <Button refusal={refusal ?? why} aria-expanded={form === name} onClick={() => setForm(form === name ? null : name)}>
      {words}
    </Button>
  );
  return (
    <section className="in-acts" aria-label="Acts">
      <div className="in-actions">
        {status === "open" ? (
          <Button tone="primary" refusal={refusal} disabled={busy} onClick={() => to("acknowledged")}>
            Acknowledge
          </Button>
        ) : null}
        {status === "acknowledged" ? (
          <Button refusal={refusal} disabled={busy} onClick={() => to("open")}>
            Take back acknowledgement
          </Button>
        ) : null}
        {open ? (
          <Button tone={status === "acknowledged" ? "primary" : "default"} refusal={refusal} disabled={busy} onClick={() => to("resolved")}>
            Resolve
          </Button>
        ) : (
          opener("reopen", "Reopen")
        )}
        {me === undefined || incident.assignee === me ? null : (
          <Button refusal={refusal} disabled={busy} onClick={() => assign(me)}>
            Assign to me
          </Button>
        )}
        {opener("assign", "Assign…")}
        {opener("merge", "Merge…")}
        {opener("split", "Split…", incident.symptoms.length < 2 ? "It has one symptom: there is nothing to split." : undefined)}
      </div>
      {form === "assign" ? <AssignForm key={incident.assignee} incident={incident} busy={busy} onAssign={assign} onClose={close} /> : null}
      {form === "reopen" ? <ReopenForm busy={busy} onAct={perform} onClose={close} /> : null}
      {form === "merge" ? <MergeForm incident={incident} environment={environment} busy={busy} onAct={perform} onClose={close} /> : null}
      {form === "split" ? <SplitForm incident={incident} busy={busy} onAct={perform} onClose={close} /> : null}
      <ConflictNote change={change} />
      <ErrorNote error={act.error} />
    </section>
  );
}
