"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check } from "lucide-react";
import { useState } from "react";
import type { ChangeAnswer } from "../../../protocol/api.ts";
import type { UndoneSet } from "../../../protocol/change-set-api.ts";
import { post } from "../../api/client.ts";
import { plural } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { Countdown } from "../../components/countdown.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { actorName } from "../events/sentence.ts";
import { Confirm } from "./confirm.tsx";
import { changeText } from "./draft.ts";
import { REASON_MAX, REASON_MIN } from "./flip-form.ts";
import { readAgain, useChangeSet } from "./use-plans.ts";
import { useRefusal } from "./use-refusal.ts";
import { useSteadyKey } from "./use-steady-key.ts";

/** A set that was made: what the agents say of each of its changes, and the one step back. */
export function MadeSet({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const set = useChangeSet(id);
  // Kept here: the set is read again as soon as it is undone, and what was left as it is stands only in this answer.
  const [undone, setUndone] = useState<UndoneSet | null>(null);
  if (set.isPending) return <p className="sw-note">Reading the receipts…</p>;
  if (set.data === undefined) return <ErrorNote error={set.error} />;
  const { made, ended, author, createdAt, reason, title, undoneBy } = set.data;
  return (
    <>
      <section className="sw-part" aria-label="Receipts">
        <p role="status">
          <b>{title}</b>: {plural(made.length + ended.length, "change")} as one, by {actorName(author)}, <RelativeTime at={createdAt} />
        </p>
        <p className="sw-note">{reason}</p>
        <ul className="pl-changes">
          {made.map((change) => (
            <Made key={change.id} change={change} />
          ))}
          {ended.map((change) => (
            <li key={change.id}>
              <b>{changeText(change)}</b> <span className="sw-note">ended</span>
            </li>
          ))}
        </ul>
      </section>
      {undone !== null ? (
        <Undone undone={undone} />
      ) : undoneBy === null ? (
        <Undo id={id} count={made.length + ended.length} onUndone={setUndone} />
      ) : (
        <p className="sw-note">It was taken back.</p>
      )}
      <div className="sw-actions">
        <Button tone="quiet" onClick={onClose}>
          Done
        </Button>
      </div>
    </>
  );
}

function Made({ change }: { readonly change: ChangeAnswer }) {
  const { applied, targeted, refused, unknown } = change.receipts;
  return (
    <li>
      <b>{changeText(change)}</b>{" "}
      <span className="sw-mono">
        {applied === targeted && targeted > 0 ? (
          <Check className="sw-check" size={14} strokeWidth={2.5} aria-label="applied on all" />
        ) : null}{" "}
        {applied}/{targeted} applied
      </span>{" "}
      {refused === 0 ? null : <span className="sw-refused">{refused} refused </span>}
      {unknown === 0 ? null : <span className="sw-note">{unknown} not heard </span>}
      <span className="sw-note">
        {change.status !== "live" ? change.status : change.expiresAt === null ? "never ends" : <Countdown at={change.expiresAt} />}
      </span>
    </li>
  );
}

function Undone({ undone: { made, ended, left } }: { readonly undone: UndoneSet }) {
  return (
    <section className="sw-part" role="status">
      <p>Taken back: {plural(made.length + ended.length, "change")}.</p>
      {left.map(({ change, why }) => (
        <p key={change.id} className="sw-note">
          Left as it is: {changeText(change)}; {why}.
        </p>
      ))}
    </section>
  );
}

interface UndoProps {
  readonly id: string;
  readonly count: number;
  readonly onUndone: (undone: UndoneSet) => void;
}

function Undo({ id, count, onUndone }: UndoProps) {
  const [reason, setReason] = useState("");
  const client = useQueryClient();
  const refusal = useRefusal();
  const keys = useSteadyKey();
  const undo = useMutation({
    mutationFn: (body: { reason: string }) =>
      post<UndoneSet>(`/change-sets/${encodeURIComponent(id)}/undo`, body, keys.keyFor({ id, ...body })),
    onSuccess: onUndone,
    onSettled: () => readAgain(client),
  });
  return (
    <section className="sw-part" aria-label="Undo">
      <Field
        label="Reason to take it back"
        value={reason}
        maxLength={REASON_MAX}
        autoComplete="off"
        onChange={(event) => setReason(event.target.value)}
      />
      <ErrorNote error={undo.error} />
      <Confirm
        word="undo"
        busy={undo.isPending}
        refusal={refusal ?? (reason.trim().length < REASON_MIN ? "Say why, in a few words." : undefined)}
        onConfirm={() => undo.mutate({ reason: reason.trim() })}
      >
        Hold to undo {plural(count, "change")} as one
      </Confirm>
    </section>
  );
}
