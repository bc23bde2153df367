"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ChangeAnswer } from "../../../protocol/api.ts";
import { post } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { Countdown } from "../../components/countdown.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { usePast } from "../../live/hooks.ts";
import { actorName } from "../events/sentence.ts";
import { receiptSentence, receiptSummary } from "../switchboard/receipt-summary.ts";
import { scopeWords } from "../switchboard/switch-state.ts";
import { useSteadyKey } from "../switchboard/use-steady-key.ts";
import { changeWords, REASON_MAX, REASON_MIN } from "./policy-form.ts";
import { useChange } from "./use-policies.ts";

/** Changes in force, newest first, each with its receipts as they come in and the way back. */
export function PolicyChanges({ changes, refusal }: { readonly changes: readonly ChangeAnswer[]; readonly refusal: string | undefined }) {
  if (changes.length === 0) return null;
  return (
    <ul className="pol-changes" aria-label="Changes in force">
      {changes.map((change) => (
        <Change key={change.id} change={change} refusal={refusal} />
      ))}
    </ul>
  );
}

function Change({ change, refusal }: { readonly change: ChangeAnswer; readonly refusal: string | undefined }) {
  const [reverting, setReverting] = useState(false);
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
        <span className="svc-note">{change.expiresAt === null ? "no expiry" : <Countdown at={change.expiresAt} />}</span>
      </p>
      <p className="svc-note">
        {actorName(change.author)}, <RelativeTime at={change.createdAt} />, r{change.revision}: {change.reason}
      </p>
      {past ? null : <Receipts id={change.id} />}
      {reverting ? (
        <Revert change={change} refusal={refusal} onDone={() => setReverting(false)} />
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
  return (
    <>
      <p role="status" data-tone={summary.complete ? "closed" : "quiet"}>
        {receiptSentence(summary)}
      </p>
      {summary.refused.length + summary.unknown.length === 0 ? null : (
        <ul>
          {[...summary.refused, ...summary.unknown].slice(0, 20).map((cell) => (
            <li key={cell.key} data-tone={cell.state === "refused" ? "open" : "quiet"}>
              {cell.name} {cell.state}
              {cell.reason === null ? "" : `: ${cell.reason}`}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Revert({
  change,
  refusal,
  onDone,
}: {
  readonly change: ChangeAnswer;
  readonly refusal: string | undefined;
  readonly onDone: () => void;
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
  return (
    <form
      className="pol-form"
      aria-label={`Revert r${String(change.revision)}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (blocked === undefined && !revert.isPending) revert.mutate({ reason: trimmed });
      }}
    >
      <Field
        label="Reason to revert"
        value={reason}
        maxLength={REASON_MAX}
        autoComplete="off"
        onChange={(event) => setReason(event.target.value)}
      />
      <ErrorNote error={revert.error} />
      <div className="pol-actions">
        <Button type="submit" tone="primary" refusal={blocked} disabled={revert.isPending}>
          Revert now
        </Button>
        <Button tone="quiet" onClick={onDone}>
          Keep it
        </Button>
      </div>
    </form>
  );
}
