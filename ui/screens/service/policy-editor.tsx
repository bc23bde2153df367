"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { ChangeAnswer } from "../../../protocol/api.ts";
import type { ChangePreview, PolicyAnswer } from "../../../protocol/policy-api.ts";
import type { OverrideState } from "../../../protocol/settings.ts";
import { post, ProblemError, put, query } from "../../api/client.ts";
import { newId } from "../../api/new-id.ts";
import { plural } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { useService } from "../../live/hooks.ts";
import { useSteadyKey } from "../switchboard/use-steady-key.ts";
import {
  EXPIRIES,
  emptyDraft,
  fieldsFor,
  missing,
  policyOrder,
  REASON_MAX,
  STATE_WORDS,
  typedValues,
  type ChangeKind,
  type FormField,
  type PolicyDraft,
  type PolicyOrder,
} from "./policy-form.ts";
import { useChangePreview } from "./use-policies.ts";

export interface PolicyEditorProps {
  readonly kind: ChangeKind;
  readonly policy: PolicyAnswer;
  readonly service: string;
  readonly environment: string;
  readonly refusal: string | undefined;
  readonly onClose: () => void;
}

const TITLES: Readonly<Record<ChangeKind, string>> = {
  settings: "Change settings",
  override: "Override",
  fault: "Inject faults",
};

/** One change: values or state, reason, lease, scope, what it would do, then the act. */
export function PolicyEditor({ kind, policy, service, environment, refusal, onClose }: PolicyEditorProps) {
  const [draft, setDraft] = useState<PolicyDraft>(() => emptyDraft(kind, newId()));
  /** The revision this person has looked at: another one must be looked at first. */
  const [seen, setSeen] = useState(policy.revision);
  const client = useQueryClient();
  const keys = useSteadyKey();
  const title = useId();
  const change = { kind, policy, service, draft };
  const preview = useChangePreview(change, environment);
  const send = useMutation({
    mutationFn: ({ method, path, body }: PolicyOrder) =>
      (method === "PUT" ? put : post)<ChangeAnswer>(`${path}${query({ environment })}`, body, keys.keyFor(body)),
    onSuccess: onClose,
    onError: (error) => {
      if (error instanceof ProblemError && error.code === "idempotency_lost") keys.forget();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["policies"] }),
  });
  const fields = fieldsFor(kind, policy);
  const moved = kind !== "fault" && policy.revision !== seen && !send.isPending;
  const order = policyOrder(change, seen);
  const blocked = refusal ?? (moved ? "It was changed meanwhile. Look at it first." : (missing(change) ?? undefined));
  const set = (part: Partial<PolicyDraft>): void => {
    setDraft({ ...draft, ...part });
    if (!send.isPending) send.reset();
  };
  return (
    <form
      className="pol-form"
      aria-labelledby={title}
      onSubmit={(event) => {
        event.preventDefault();
        if (order !== null && blocked === undefined && !send.isPending) send.mutate(order);
      }}
    >
      <h4 id={title}>
        {TITLES[kind]} of the {policy.policy} {policy.name}
      </h4>
      {kind === "override" ? (
        <Segmented<OverrideState>
          label="State"
          value={draft.state === "" ? null : draft.state}
          onChange={(state) => set({ state })}
          options={policy.states.map((state) => ({ value: state, label: STATE_WORDS[state] }))}
        />
      ) : (
        <Values fields={fields} draft={draft} onChange={set} />
      )}
      <Field
        label="Reason"
        hint="goes to the timeline and the log"
        value={draft.reason}
        maxLength={REASON_MAX}
        autoComplete="off"
        onChange={(event) => set({ reason: event.target.value })}
      />
      <div className="pol-two">
        <div>
          <span className="svc-note">Ends by itself after</span>
          <Segmented label="Ends by itself after" value={draft.expiry} onChange={(expiry) => set({ expiry })} options={EXPIRIES[kind]} />
        </div>
        <ScopeSelect policy={policy} service={service} value={draft.scope} onChange={(scope) => set({ scope })} />
      </div>
      {draft.expiry === "none" ? <p data-tone="warning">It stays until somebody reverts it.</p> : null}
      {preview.isError ? <ErrorNote error={preview.error} /> : null}
      {preview.data === undefined || preview.isError ? null : <Consequences preview={preview.data} old={preview.isPlaceholderData} />}
      {moved ? (
        <p role="alert" data-tone="warning">
          It was changed meanwhile (r{policy.revision}): see above what is in force now.{" "}
          <Button onClick={() => setSeen(policy.revision)}>I have looked</Button>
        </p>
      ) : (
        <ErrorNote error={send.error} />
      )}
      <div className="pol-actions">
        <Button type="submit" tone="primary" refusal={blocked} disabled={send.isPending}>
          {send.isPending ? "Sending…" : `${TITLES[kind]} now`}
        </Button>
        <Button tone="quiet" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

function Values({
  fields,
  draft,
  onChange,
}: {
  readonly fields: readonly FormField[];
  readonly draft: PolicyDraft;
  readonly onChange: (part: Partial<PolicyDraft>) => void;
}) {
  const { wrong } = typedValues(fields, draft.typed);
  return (
    <div className="pol-fields">
      {fields.map((field) => {
        const text = draft.typed[field.key] ?? String(field.now);
        const type = (value: string): void => onChange({ typed: { ...draft.typed, [field.key]: value } });
        if (field.type !== "int") return <Choice key={field.key} field={field} value={text} onChange={type} />;
        return (
          <Field
            key={field.key}
            label={field.key}
            hint={field.fixed ? "fixed by the code" : `${String(field.low)} to ${String(field.high)}, now ${String(field.now)}`}
            error={wrong[field.key]}
            value={text}
            inputMode="numeric"
            autoComplete="off"
            disabled={field.fixed}
            onChange={(event) => type(event.target.value)}
          />
        );
      })}
    </div>
  );
}

function Choice({
  field,
  value,
  onChange,
}: {
  readonly field: FormField;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="hf-field">
      <label htmlFor={id}>{field.key}</label>
      <select id={id} className="pol-select" value={value} disabled={field.fixed} onChange={(event) => onChange(event.target.value)}>
        {field.options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
      <p className="hf-hint">{field.fixed ? "fixed by the code" : `now ${String(field.now)}`}</p>
    </div>
  );
}

const SHARES = ["10%", "25%", "50%"] as const;

function ScopeSelect({
  policy,
  service,
  value,
  onChange,
}: {
  readonly policy: PolicyAnswer;
  readonly service: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  const instances = useService(service);
  return (
    <div>
      <label className="svc-note" htmlFor={id}>
        For
      </label>
      <select id={id} className="pol-select" value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="service">every instance of {service}</option>
        {policy.services.length > 1 ? <option value="everywhere">every service that has it: {policy.services.join(", ")}</option> : null}
        {SHARES.map((share) => (
          <option key={share} value={share}>
            {share.replace("%", " %")} of {service}
          </option>
        ))}
        {instances.map(({ key, instance }) => (
          <option key={key} value={key}>
            {instance} only
          </option>
        ))}
      </select>
    </div>
  );
}

/** Who is hit, what moves, who would refuse, and what shows when it ends. */
function Consequences({ preview, old }: { readonly preview: ChangePreview; readonly old: boolean }) {
  const spread = (entries: ChangePreview["moves"][number]["from"]): string =>
    entries.length === 1
      ? String(entries[0]?.value ?? "")
      : entries.map((entry) => `${String(entry.value)} on ${String(entry.instances)}`).join(", ");
  return (
    <div className="pol-consequences" data-old={old}>
      <p role="status">
        {preview.targeted === 0 ? "It hits nobody." : `It hits ${plural(preview.targeted, "instance")} now`}
        {preview.absent > 0 ? `, ${String(preview.absent)} of them away: they get it when they are back` : ""}
        {preview.refusals.length > 0 ? `. ${String(preview.refusals.length)} would refuse` : ""}
      </p>
      <ul>
        {preview.moves.map((move) => (
          <li key={move.key}>
            <b>{move.key}</b> {spread(move.from)} → <b>{String(move.to)}</b>
            <span className="svc-note">, then {spread(move.returnsTo)}</span>
          </li>
        ))}
        {preview.refusals.slice(0, 10).map((refusal) => (
          <li key={refusal.instance} data-tone="warning">
            {refusal.instance}: {refusal.reason}
          </li>
        ))}
      </ul>
    </div>
  );
}
