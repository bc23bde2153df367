"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { IncidentRuleBody, RuleAnswer, TriggerName, TryAnswer } from "../../../protocol/incident-rule-api.ts";
import { post, ProblemError, put, query } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { useServices } from "../../live/hooks.ts";
import { useSteadyKey } from "../switchboard/use-steady-key.ts";
import { SEVERITIES, SEVERITY_WORDS } from "./incident-words.ts";
import { draftOf, PATIENCE, readRule, ruleId, ruleSentence, TRIGGER_NAMES, TRIGGERS, type RuleDraft, type RuleField } from "./rule-form.ts";
import { RuleTrial } from "./rule-trial.tsx";

export interface RuleEditorProps {
  /** Null for a new one. */
  readonly id: string | null;
  readonly rule: IncidentRuleBody;
  readonly taken: readonly string[];
  readonly environment: string;
  readonly refusal: string | undefined;
  readonly onClose: () => void;
}

/** A rule as a form. What it would have opened in the last days is one button away. */
export function RuleEditor({ id, rule, taken, environment, refusal, onClose }: RuleEditorProps) {
  const [draft, setDraft] = useState<RuleDraft>(() => draftOf(rule));
  const [withOthers, setWithOthers] = useState(false);
  const client = useQueryClient();
  const keys = useSteadyKey();
  const ids = useId();
  const services = useServices().map(({ name }) => name);
  const { rule: read, wrong } = readRule(draft);
  const attempt = useMutation({
    mutationFn: (body: IncidentRuleBody) =>
      post<TryAnswer>(`/incident-rules/try${query({ environment })}`, { rule: body, days: 7, withOthers }),
  });
  const save = useMutation({
    mutationFn: (body: IncidentRuleBody) =>
      put<RuleAnswer>(`/incident-rules/${id ?? ruleId(body.title, taken)}${query({ environment })}`, body, keys.keyFor(body)),
    onSuccess: onClose,
    onError: (error) => {
      if (error instanceof ProblemError && error.code === "idempotency_lost") keys.forget();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["incident-rules"] }),
  });
  const set = (part: Partial<RuleDraft>): void => {
    setDraft({ ...draft, ...part });
    attempt.reset();
  };
  const field = (one: RuleField) => (
    <Field
      key={one.key}
      label={one.label}
      hint={one.hint}
      error={wrong[one.key]}
      value={draft.typed[one.key] ?? ""}
      inputMode="decimal"
      autoComplete="off"
      onChange={(event) => set({ typed: { ...draft.typed, [one.key]: event.target.value } })}
    />
  );
  const trigger = TRIGGERS[draft.on];
  return (
    <form
      className="in-form"
      aria-label="Rule"
      onSubmit={(event) => {
        event.preventDefault();
        if (read !== null && refusal === undefined && !save.isPending) save.mutate(read);
      }}
    >
      <Field label="Name" value={draft.title} maxLength={120} autoComplete="off" onChange={(event) => set({ title: event.target.value })} />
      <div className="in-two">
        <div className="hf-field">
          <label htmlFor={`${ids}on`}>Watches</label>
          <select
            id={`${ids}on`}
            className="in-input"
            value={draft.on}
            onChange={(event) => set({ on: event.target.value as TriggerName })}
          >
            {TRIGGER_NAMES.map((name) => (
              <option key={name} value={name}>
                {TRIGGERS[name].title}
              </option>
            ))}
          </select>
          <p className="hf-hint">{trigger.says}</p>
        </div>
        <div className="hf-field">
          <label htmlFor={`${ids}sv`}>Service</label>
          <input
            id={`${ids}sv`}
            list={`${ids}list`}
            value={draft.service}
            placeholder="every service"
            autoComplete="off"
            onChange={(event) => set({ service: event.target.value })}
          />
          <datalist id={`${ids}list`}>
            {services.map((service) => (
              <option key={service} value={service} />
            ))}
          </datalist>
        </div>
        {trigger.fields.map(field)}
        {draft.on === "breaker_open" || draft.on === "pool_saturated" ? (
          <Field
            label={draft.on === "breaker_open" ? "Breaker" : "Pool"}
            placeholder="every one"
            value={draft.resource}
            autoComplete="off"
            onChange={(event) => set({ resource: event.target.value })}
          />
        ) : null}
      </div>
      <div className="in-field">
        <span>Severity</span>
        <Segmented
          label="Severity"
          value={String(draft.severity)}
          onChange={(value) => set({ severity: SEVERITIES.find((one) => String(one) === value) ?? 3 })}
          options={SEVERITIES.map((one) => ({ value: String(one), label: `${String(one)} ${SEVERITY_WORDS[one]}` }))}
        />
      </div>
      <h3>How patient it is</h3>
      <div className="in-two">{PATIENCE.map(field)}</div>
      <label className="in-tick">
        <input type="checkbox" checked={draft.enabled} onChange={(event) => set({ enabled: event.target.checked })} /> In force
      </label>
      {read === null ? null : <p className="in-saved">{ruleSentence(read)}</p>}
      <div className="in-actions">
        <Button disabled={read === null || attempt.isPending} onClick={() => (read === null ? undefined : attempt.mutate(read))}>
          {attempt.isPending ? "Looking back…" : "Try on the last 7 days"}
        </Button>
        <label className="in-tick">
          <input type="checkbox" checked={withOthers} onChange={(event) => setWithOthers(event.target.checked)} /> together with the other
          rules
        </label>
      </div>
      <ErrorNote error={attempt.error} />
      {attempt.data === undefined ? null : <RuleTrial answer={attempt.data} />}
      <ErrorNote error={save.error} />
      <div className="in-actions">
        <Button type="submit" tone="primary" refusal={refusal} disabled={read === null || save.isPending}>
          {save.isPending ? "Saving…" : "Save the rule"}
        </Button>
        <Button tone="quiet" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
