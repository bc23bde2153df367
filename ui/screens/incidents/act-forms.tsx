"use client";
import { useId, useState, type ReactNode } from "react";
import type { IncidentAnswer } from "../../../protocol/incident-api.ts";
import { symptomTitle } from "../../../core/incidents/words.ts";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { useFocusReturn } from "../../components/focus-return.tsx";
import type { Act } from "./use-incident-acts.ts";
import { useOpenIncidents, usePastIncidents } from "./use-incidents.ts";

interface FormProps {
  readonly busy: boolean;
  readonly onClose: () => void;
}

interface ActFormProps extends FormProps {
  readonly onAct: (act: Act) => void;
}

function ActForm({
  label,
  act,
  ready,
  busy,
  onSubmit,
  onClose,
  children,
}: FormProps & {
  readonly label: string;
  readonly act: string;
  readonly ready: boolean;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}) {
  useFocusReturn();
  return (
    <form
      className="in-form in-act-form"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !busy) onSubmit();
      }}
    >
      {children}
      <div className="in-actions">
        <Button type="submit" tone="primary" disabled={!ready || busy}>
          {act}
        </Button>
        <Button tone="quiet" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

export function AssignForm({
  incident,
  onAssign,
  ...rest
}: FormProps & { readonly incident: IncidentAnswer; readonly onAssign: (assignee: string | null) => void }) {
  const [name, setName] = useState("");
  return (
    <ActForm label="Assign" act="Assign" ready={name.trim() !== ""} onSubmit={() => onAssign(name.trim())} {...rest}>
      <Field label="Who" value={name} maxLength={120} autoFocus autoComplete="off" onChange={(event) => setName(event.target.value)} />
      {incident.assignee === null ? null : (
        <Button disabled={rest.busy} onClick={() => onAssign(null)}>
          To nobody
        </Button>
      )}
    </ActForm>
  );
}

export function ReopenForm({ onAct, ...rest }: ActFormProps) {
  const [reason, setReason] = useState("");
  return (
    <ActForm label="Reopen" act="Reopen" ready onSubmit={() => onAct({ do: "reopen", reason: reason.trim() })} {...rest}>
      <Field
        label="Why, if you like"
        hint="goes to the timeline"
        value={reason}
        maxLength={500}
        autoFocus
        autoComplete="off"
        onChange={(event) => setReason(event.target.value)}
      />
    </ActForm>
  );
}

export function MergeForm({
  incident,
  environment,
  onAct,
  ...rest
}: ActFormProps & { readonly incident: IncidentAnswer; readonly environment: string }) {
  const [into, setInto] = useState("");
  const id = useId();
  const open = useOpenIncidents(environment);
  const past = usePastIncidents(environment, "resolved");
  const others = [...(open.data ?? []), ...(past.data?.pages.flatMap(({ items }) => items) ?? [])].filter(
    (other) => other.id !== incident.id,
  );
  return (
    <ActForm label="Merge" act="Merge" ready={into !== ""} onSubmit={() => onAct({ do: "merge", into })} {...rest}>
      <div className="hf-field">
        <label htmlFor={id}>Into</label>
        <select id={id} className="in-input" value={into} onChange={(event) => setInto(event.target.value)}>
          <option value="">{others.length === 0 ? "There is no other incident" : "Choose the one that stays"}</option>
          {others.map((other) => (
            <option key={other.id} value={other.id}>
              #{other.number} {other.title}
            </option>
          ))}
        </select>
        <p className="hf-hint">Symptoms, notes and links of this one go there. It is not taken back by a click.</p>
      </div>
    </ActForm>
  );
}

export function SplitForm({ incident, onAct, ...rest }: ActFormProps & { readonly incident: IncidentAnswer }) {
  const [keys, setKeys] = useState<readonly string[]>([]);
  const [title, setTitle] = useState("");
  const all = keys.length === incident.symptoms.length;
  return (
    <ActForm
      label="Split"
      act="Split"
      ready={keys.length > 0 && !all}
      onSubmit={() => onAct({ do: "split", symptoms: keys, title: title.trim() })}
      {...rest}
    >
      <fieldset className="in-choices" data-long="true">
        <legend>What becomes an incident of its own</legend>
        {incident.symptoms.map((symptom) => (
          <label key={symptom.key}>
            <input
              type="checkbox"
              checked={keys.includes(symptom.key)}
              onChange={(event) => setKeys(event.target.checked ? [...keys, symptom.key] : keys.filter((key) => key !== symptom.key))}
            />
            {symptomTitle(symptom)}
          </label>
        ))}
      </fieldset>
      {all ? <p className="hf-wrong">At least one must stay here.</p> : null}
      <Field
        label="Its title"
        hint="left empty, it is named by its symptoms"
        value={title}
        maxLength={120}
        autoComplete="off"
        onChange={(event) => setTitle(event.target.value)}
      />
    </ActForm>
  );
}
