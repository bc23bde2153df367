"use client";
/** "As it was": what of the policy differs from a moment, and the way back as ordinary changes, looked at first and confirmed by hand. */
import { useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ChangeSetAnswer, UndoneSet } from "../../protocol/change-set-api.ts";
import type { PolicyDifferenceAnswer } from "../../protocol/replay-api.ts";
import { get, post, query } from "../api/client.ts";
import { newId } from "../api/new-id.ts";
import { useMe } from "../api/queries.ts";
import { plural } from "../charts/format.ts";
import { Button } from "../components/button.tsx";
import { Chip } from "../components/chip.tsx";
import { formatDuration } from "../components/duration.ts";
import { ErrorNote } from "../components/error-note.tsx";
import { Field } from "../components/field.tsx";
import { Sheet } from "../components/sheet.tsx";
import { useLiveStore } from "../live/live-provider.tsx";
import { Confirm } from "../screens/switchboard/confirm.tsx";
import { REASON_MAX, REASON_MIN } from "../screens/switchboard/flip-form.ts";
import { useEnvironment } from "./environment.tsx";
import { inForceWords, wayBack, type DifferenceItem } from "./replay-steps.ts";
import { momentWords } from "./replay-words.ts";

export function ReplayDifference({ at, onClose }: { readonly at: number; readonly onClose: () => void }) {
  const { environment } = useEnvironment();
  const live = useLiveStore();
  const words = momentWords(at, live.liveNow());
  const difference = useQuery({
    queryKey: ["policy-difference", environment, at],
    queryFn: ({ signal }) => get<PolicyDifferenceAnswer>(`/policies/difference${query({ environment, at })}`, signal),
    staleTime: 0,
  });
  const items = difference.data?.items ?? [];
  return (
    <Sheet
      open
      onClose={onClose}
      title={`As it was at ${words}`}
      description="Switches, settings and overrides: what stood then against what stands now. This is about now; a replay changes nothing."
    >
      {difference.isPending ? <p className="hf-hint">Comparing…</p> : null}
      {difference.isError ? <ErrorNote error={difference.error} /> : null}
      {difference.isSuccess && items.length === 0 ? (
        <p className="hf-hint">
          Nothing differs: r{difference.data.revision.then} then, r{difference.data.revision.now} now.
        </p>
      ) : null}
      <ul className="rp-differences">
        {items.map((item) => (
          <Difference key={`${item.kind} ${item.key} ${item.policy ?? ""}`} item={item} />
        ))}
      </ul>
      {items.some((item) => item.steps.length > 0) ? <BringBack items={items} at={at} words={words} /> : null}
    </Sheet>
  );
}

function Difference({ item }: { readonly item: DifferenceItem }) {
  return (
    <li>
      <p className="rp-from-to">
        <b>{item.key}</b> <span className="hf-hint">{item.policy ?? item.kind}</span>
      </p>
      <p className="rp-from-to">
        <span className="hf-hint">now</span> <Chip>{inForceWords(item.now)}</Chip> <span aria-label="to">→</span>
        <span className="hf-hint">then</span> <Chip>{inForceWords(item.then)}</Chip>
      </p>
      <ul>
        {item.steps.map((step) => (
          <li key={`${step.step} ${step.of}`} className="hf-hint">
            {step.step === "end" ? "Ends" : "Again"}: {step.text}
            {step.step === "end"
              ? ""
              : step.expiresInSeconds === null
                ? ", no expiry"
                : `, for ${formatDuration(step.expiresInSeconds * 1000)}`}
          </li>
        ))}
        {item.left.map((step) => (
          <li key={`left ${step.of}`} className="hf-hint">
            Not brought back: {step.text}. {step.why}
          </li>
        ))}
      </ul>
    </li>
  );
}

interface BringBackProps {
  readonly items: readonly DifferenceItem[];
  readonly at: number;
  readonly words: string;
}

/** All of it in one change: all or none, and undone as one. */
function BringBack({ items, at, words }: BringBackProps) {
  const { environment } = useEnvironment();
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const { refusal, keyOf } = useAct(reason);
  const count = items.reduce((sum, item) => sum + item.steps.length, 0);
  const back = useMutation({
    mutationFn: () =>
      post<ChangeSetAnswer>(`/change-sets${query({ environment })}`, wayBack(items, { title: `As it was at ${words}`, reason }), keyOf()),
    onSettled: () => readAgain(client),
  });
  if (back.isSuccess) return <Undo set={back.data} />;
  return (
    <section className="rp-back" aria-label="Bring it back">
      <Field
        label="Reason"
        hint="goes to the timeline and the log"
        value={reason}
        maxLength={REASON_MAX}
        autoComplete="off"
        placeholder={`Back to ${new Date(at).toISOString().slice(11, 16)} UTC, before the trouble`}
        onChange={(event) => setReason(event.target.value)}
      />
      <ErrorNote error={back.error} />
      {back.isError ? <p className="hf-hint">Nothing was changed. Look at the difference again, then go on.</p> : null}
      <Confirm word={environment} busy={back.isPending} refusal={refusal} onConfirm={() => back.mutate()}>
        Hold to make {plural(count, "change")} as one, as it was at {words}, in {environment.toUpperCase()}
      </Confirm>
    </section>
  );
}

/** What was made, and the one step back. */
function Undo({ set }: { readonly set: ChangeSetAnswer }) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const { refusal, keyOf } = useAct(reason);
  const undo = useMutation({
    mutationFn: () => post<UndoneSet>(`/change-sets/${encodeURIComponent(set.id)}/undo`, { reason: reason.trim() }, keyOf()),
    onSettled: () => readAgain(client),
  });
  const count = set.made.length + set.ended.length;
  if (undo.isSuccess)
    return (
      <div role="status">
        <p>Taken back: {plural(undo.data.made.length + undo.data.ended.length, "change")}.</p>
        {undo.data.left.map(({ change, why }) => (
          <p key={change.id} className="hf-hint">
            Left as it is: {change.key}; {why}.
          </p>
        ))}
      </div>
    );
  return (
    <section className="rp-back" aria-label="Undo">
      <p role="status">Made as one: {plural(count, "change")}. The switchboard shows when agents follow.</p>
      <Field
        label="Reason to take it back"
        value={reason}
        maxLength={REASON_MAX}
        autoComplete="off"
        onChange={(event) => setReason(event.target.value)}
      />
      <ErrorNote error={undo.error} />
      <Button refusal={refusal} onClick={() => undo.mutate()}>
        {undo.isPending ? "Taking it back…" : `Undo all ${plural(count, "change")}`}
      </Button>
    </section>
  );
}

/** Whether this person may act with this reason, and the key under which it is sent however often. Another reason is another act. */
function useAct(reason: string): { readonly refusal: string | undefined; readonly keyOf: () => string } {
  const me = useMe();
  const [keys] = useState(() => new Map<string, string>());
  const keyOf = (): string => {
    const key = keys.get(reason) ?? newId();
    keys.set(reason, key);
    return key;
  };
  const refusal =
    me.data === undefined
      ? "Asking what you may do…"
      : me.data.role === "viewer"
        ? "You are a viewer: you see everything and change nothing. Ask an operator."
        : reason.trim().length < REASON_MIN
          ? "Say why, in a few words."
          : undefined;
  return { refusal, keyOf };
}

const readAgain = (client: QueryClient): Promise<unknown> =>
  Promise.all(["switches", "policies", "policy-difference"].map((part) => client.invalidateQueries({ queryKey: [part] })));
