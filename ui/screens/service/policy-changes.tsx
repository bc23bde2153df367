"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ChangeAnswer } from "../../../protocol/api.ts";
import { post } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { usePast } from "../../live/hooks.ts";
import { actorName } from "../events/sentence.ts";
import { Confirm } from "../switchboard/confirm.tsx";
import { receiptSentence, receiptSummary } from "../switchboard/receipt-summary.ts";
import { scopeWords } from "../switchboard/switch-state.ts";
import { useSteadyKey } from "../switchboard/use-steady-key.ts";
import { LeaseEnd } from "./lease-end.tsx";
import { changeWords, REASON_MAX, REASON_MIN } from "./policy-form.ts";
import { useChange } from "./use-policies.ts";
import "../switchboard/switchboard.css";

/** Instances that are named. */
const NAMED = 20;

/** Changes in force, newest first, each with its receipts as they come in and the way back. */
export function PolicyChanges({
  changes,
  refusal,
  onKeep,
}: {
  readonly changes: readonly ChangeAnswer[];
  readonly refusal: string | undefined;
  /** Given where they are to be ended: each begins with its form to do so, which this closes. */
  readonly onKeep?: () => void;
}) {
  if (changes.length === 0) return null;
  return (
    <ul className="pol-changes" aria-label="Changes in force">
      {changes.map((change) => (
        <Change key={change.id} change={change} refusal={refusal} onKeep={onKeep} />
      ))}
    </ul>
  );
}

function Change({
  change,
  refusal,
  onKeep,
}: {
  readonly change: ChangeAnswer;
  readonly refusal: string | undefined;
  readonly onKeep: (() => void) | undefined;
}) {
  const [reverting, setReverting] = useState(onKeep !== undefined);
  // What each agent says is known of now only.
  const past = usePast();
  const { applied, targeted } = change.receipts;
  return (
    <li>
      <p>
        <b>{changeWords(change)}</b> <span className="svc-note">{scopeWords(change.scope) ?? "every service"}</span>{" "}
        <span className="svc-mono">
          {applied}/{targeted} applied
        </span>{" "}
        <LeaseEnd at={change.expiresAt} />
      </p>
      <p className="svc-note">
        {actorName(change.author)}, <RelativeTime at={change.createdAt} />, r{change.revision}: {change.reason}
      </p>
      {past ? null : <Receipts id={change.id} />}
      {reverting ? (
        <Revert
          change={change}
          refusal={refusal}
          held={onKeep !== undefined}
          onDone={() => setReverting(false)}
          onKeep={onKeep ?? (() => setReverting(false))}
        />
      ) : (
        <Button refusal={refusal} onClick={() => setReverting(true)}>
          Revert r{change.revision}
        </Button>
      )}
    </li>
  );
}

/** What the agents say; each that did not apply it, with its reason. */
function Receipts({ id }: { readonly id: string }) {
  const change = useChange(id);
  if (change.data === undefined) return <p className="svc-note">Waiting for the receipt…</p>;
  const summary = receiptSummary(change.data);
  const waiting = summary.groups.flatMap(({ cells }) => cells.filter(({ state }) => state === "pending" || state === "sent"));
  const late = [...summary.refused, ...summary.unknown, ...waiting];
  return (
    <>
      <p role="status" data-tone={summary.complete ? "closed" : "quiet"}>
        {receiptSentence(summary)}
      </p>
      {late.length === 0 ? null : (
        <ul>
          {late.slice(0, NAMED).map((cell) => (
            <li key={cell.key} data-tone={cell.state === "refused" ? "open" : "quiet"}>
              {cell.key} {cell.state}
              {cell.reason === null ? "" : `: ${cell.reason}`}
            </li>
          ))}
          {late.length > NAMED ? <li data-tone="quiet">and {late.length - NAMED} more</li> : null}
        </ul>
      )}
    </>
  );
}

function Revert({
  change,
  refusal,
  held,
  onDone,
  onKeep,
}: {
  readonly change: ChangeAnswer;
  readonly refusal: string | undefined;
  /** Held or typed, not pressed. */
  readonly held: boolean;
  readonly onDone: () => void;
  readonly onKeep: () => void;
}) {
  const [reason, setReason] = useState("");
  const client = useQueryClient();
  const keys = useSteadyKey();
  const revert = useMutation({
    mutationFn: (body: { reason: string }) =>
      post<ChangeAnswer>(`/changes/${encodeURIComponent(change.id)}/revert`, body, keys.keyFor({ id: change.id, ...body })),
    onSuccess: onDone,
    onSettled: () => client.invalidateQueries({ queryKey: ["policies"] }),
  });
  const trimmed = reason.trim();
  const blocked = refusal ?? (trimmed.length < REASON_MIN ? "Say why, in a few words." : undefined);
  const act = (): void => {
    if (blocked === undefined && !revert.isPending) revert.mutate({ reason: trimmed });
  };
  return (
    <section className="pol-form" aria-label={`Revert r${String(change.revision)}`}>
      <Field
        label={held ? "Reason to let go" : "Reason to revert"}
        value={reason}
        maxLength={REASON_MAX}
        autoComplete="off"
        onChange={(event) => setReason(event.target.value)}
      />
      <ErrorNote error={revert.error} />
      {held ? (
        <Confirm word={change.key} refusal={blocked} busy={revert.isPending} onConfirm={act}>
          Hold to let go of {change.key}, {changeWords(change)}
        </Confirm>
      ) : null}
      <div className="pol-actions">
        {held ? null : (
          <Button tone="primary" refusal={blocked} disabled={revert.isPending} onClick={act}>
            Revert now
          </Button>
        )}
        <Button tone="quiet" onClick={onKeep}>
          Keep it
        </Button>
      </div>
    </section>
  );
}
