"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { ChangeAnswer } from "../../../protocol/api.ts";
import type { PolicyAnswer } from "../../../protocol/policy-api.ts";
import type { OverrideState } from "../../../protocol/settings.ts";
import { post, ProblemError, put, query } from "../../api/client.ts";
import { newId } from "../../api/new-id.ts";
import { plural } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { Confirm } from "../switchboard/confirm.tsx";
import { useSteadyKey } from "../switchboard/use-steady-key.ts";
import { Consequences } from "./consequences.tsx";
import {
  EXPIRIES,
  emptyDraft,
  fieldsFor,
  missing,
  policyOrder,
  REASON_MAX,
  STATE_WORDS,
  type ChangeKind,
  type PolicyDraft,
  type PolicyOrder,
} from "./policy-form.ts";
import { ScopeSelect } from "./scope-select.tsx";
import { SettingInputs } from "./setting-inputs.tsx";
import { useChangePreview } from "./use-policies.ts";
import { useSuggestions } from "./use-suggestions.ts";
import "../switchboard/switchboard.css";

export interface PolicyEditorProps {
  readonly kind: ChangeKind;
  readonly policy: PolicyAnswer;
  readonly service: string;
  readonly environment: string;
  readonly refusal: string | undefined;
  readonly onClose: () => void;
  /** Told of the change that was made; without it the form just closes. */
  readonly onMade?: (change: ChangeAnswer) => void;
}

const TITLES: Readonly<Record<ChangeKind, string>> = {
  settings: "Change settings",
  override: "Override",
  fault: "Inject faults",
};

/** One change: values or state, reason, lease, scope, what it would do, then the act. */
export function PolicyEditor({ kind, policy, service, environment, refusal, onClose, onMade = onClose }: PolicyEditorProps) {
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
    onSuccess: onMade,
    onError: (error) => {
      if (error instanceof ProblemError && error.code === "idempotency_lost") keys.forget();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["policies"] }),
  });
  const fields = fieldsFor(kind, policy);
  const suggestions = useSuggestions({ policy, service, environment, wanted: kind === "settings" });
  const moved = kind !== "fault" && policy.revision !== seen && !send.isPending;
  const order = policyOrder(change, seen);
  const blocked = refusal ?? (moved ? "It was changed meanwhile. Look at it first." : (missing(change) ?? undefined));
  const set = (part: Partial<PolicyDraft>): void => {
    setDraft({ ...draft, ...part });
    if (!send.isPending) send.reset();
  };
  const act = (): void => {
    if (order !== null && blocked === undefined && !send.isPending) send.mutate(order);
  };
  const hit = preview.data?.targeted;
  return (
    <section className="pol-form" aria-labelledby={title}>
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
        <SettingInputs fields={fields} draft={draft} suggestions={suggestions} onChange={set} />
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
      {kind === "override" ? (
        <Confirm word={policy.name} refusal={blocked} busy={send.isPending} onConfirm={act}>
          Hold to put {policy.policy} {policy.name} to {draft.state === "" ? "…" : STATE_WORDS[draft.state]} on{" "}
          {hit === undefined ? "…" : plural(hit, "instance")} in {environment.toUpperCase()}
        </Confirm>
      ) : null}
      <div className="pol-actions">
        {kind === "override" ? null : (
          <Button tone="primary" refusal={blocked} disabled={send.isPending} onClick={act}>
            {send.isPending ? "Sending…" : `${TITLES[kind]} now`}
          </Button>
        )}
        <Button tone="quiet" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </section>
  );
}
