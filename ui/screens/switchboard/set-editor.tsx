"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ChangeSetAnswer, ChangeSetPreview, ChangeSetRequest } from "../../../protocol/change-set-api.ts";
import { post, ProblemError, query } from "../../api/client.ts";
import { newId } from "../../api/new-id.ts";
import { plural } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Field } from "../../components/field.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { Confirm } from "./confirm.tsx";
import { setRequest, SET_MOST, type Draft } from "./draft.ts";
import { EXPIRY_SECONDS, REASON_MAX, REASON_MIN, type Expiry } from "./flip-form.ts";
import { SetPreview } from "./set-preview.tsx";
import { readAgain } from "./use-plans.ts";
import { useRefusal } from "./use-refusal.ts";
import { useSteadyKey } from "./use-steady-key.ts";

const PREVIEW_MS = 5_000;
const EXPIRIES: readonly { readonly value: Expiry; readonly label: string }[] = [
  { value: "15m", label: "15 min" },
  { value: "1h", label: "1 h" },
  { value: "4h", label: "4 h" },
  { value: "none", label: "No expiry" },
];

export interface SetEditorProps {
  readonly draft: Draft;
  /** What this person chose of the draft. */
  readonly choice?: string | undefined;
  readonly environment: string;
  readonly onMade: (set: ChangeSetAnswer) => void;
}

/** Several changes as one: what each would do, a reason, an end, then a deliberate act. All are made or none. */
export function SetEditor({ draft, choice = "", environment, onMade }: SetEditorProps) {
  const [reason, setReason] = useState("");
  const [expiry, setExpiry] = useState<Expiry>("1h");
  const preview = useSetPreview(draft, environment);
  const refusal = useRefusal();
  const client = useQueryClient();
  const keys = useSteadyKey();
  const make = useMutation({
    mutationFn: (body: ChangeSetRequest) => post<ChangeSetAnswer>(`/change-sets${query({ environment })}`, body, keys.keyFor(body)),
    onSuccess: onMade,
    onError: (error) => {
      if (error instanceof ProblemError && error.code === "idempotency_lost") keys.forget();
    },
    onSettled: () => readAgain(client),
  });
  const look = preview.data;
  const looked = useLookedAt(draft, look, choice);
  // What moves while it is being made is what it makes.
  const moved = looked.moved && !make.isPending && !make.isSuccess;
  const request = look && setRequest(draft, { reason, expiresInSeconds: EXPIRY_SECONDS[expiry], seen: look.items });
  const count = (request?.items?.length ?? 0) + (request?.ends?.length ?? 0);
  const blocked =
    refusal ??
    missing(draft, look) ??
    (moved ? "Something changed meanwhile. Look at it first." : count === 0 ? "All of it is so already." : undefined) ??
    (reason.trim().length < REASON_MIN ? "Say why, in a few words." : undefined);
  return (
    <>
      <SetPreview draft={draft} preview={preview} />
      <section className="sw-part">
        <Field
          label="Reason"
          hint="goes to the timeline and the log, with each change"
          value={reason}
          maxLength={REASON_MAX}
          autoComplete="off"
          placeholder="What is wrong, and what this buys"
          onChange={(event) => setReason(event.target.value)}
        />
        {draft.items.length === 0 ? null : (
          <div>
            <h3>Expires by itself after</h3>
            <Segmented label="Expires by itself after" value={expiry} onChange={setExpiry} options={EXPIRIES} />
            {expiry === "none" ? <p className="sw-warn">It stays until somebody puts it back.</p> : null}
          </div>
        )}
      </section>
      <section className="sw-part sw-act" aria-label="Confirm">
        <ErrorNote error={make.error} />
        {moved ? (
          <div className="sw-conflict" role="status">
            <strong>It changed while you looked.</strong>
            <p>What is listed above is new. Nothing was sent.</p>
            <Button
              onClick={() => {
                looked.lookAgain();
                make.reset();
              }}
            >
              I have looked
            </Button>
          </div>
        ) : null}
        <Confirm
          word={environment}
          busy={make.isPending}
          refusal={blocked}
          onConfirm={() => (request === undefined ? undefined : make.mutate(request))}
        >
          Hold to {draft.items.length === 0 ? "end" : "make"} {plural(count, "change")} as one in {environment.toUpperCase()}: {draft.title}
        </Confirm>
        <p className="sw-note">All are made or none, and they are undone as one.</p>
      </section>
    </>
  );
}

/** Asked again while the sheet is open. Each item keeps one id, so that a share hits exactly the instances that were counted. */
function useSetPreview({ items, ends }: Draft, environment: string) {
  const [ids] = useState(() => new Map<string, string>());
  const idOf = (text: string): string => {
    const id = ids.get(text) ?? newId();
    ids.set(text, id);
    return id;
  };
  const wish = {
    items: items.map((item) => ({ ...item, expiresInSeconds: null, flipId: idOf(JSON.stringify(item)) })),
    ends: ends.map(({ id }) => id),
  };
  const fits = items.length <= SET_MOST && ends.length <= SET_MOST;
  return useQuery({
    queryKey: ["set-preview", environment, wish],
    enabled: fits && items.length + ends.length > 0,
    queryFn: () => post<ChangeSetPreview>(`/change-sets/preview${query({ environment })}`, wish),
    refetchInterval: PREVIEW_MS,
  });
}

interface LookedAt {
  readonly moved: boolean;
  readonly lookAgain: () => void;
}

/** What was first shown for a choice is what was looked at; anything else must be looked at first. */
function useLookedAt(draft: Draft, look: ChangeSetPreview | undefined, choice: string): LookedAt {
  const [seen, setSeen] = useState<{ readonly choice: string; readonly shown: string } | null>(null);
  const shown = look === undefined ? null : JSON.stringify([draft, look.items.map(({ revision }) => revision)]);
  const lookAgain = (): void => setSeen(shown === null ? null : { choice, shown });
  if (shown !== null && seen?.choice !== choice) lookAgain();
  return { moved: seen?.choice === choice && shown !== null && seen.shown !== shown, lookAgain };
}

function missing({ items, ends }: Draft, look: ChangeSetPreview | undefined): string | undefined {
  if (items.length + ends.length === 0) return "There is nothing to change.";
  if (items.length > SET_MOST || ends.length > SET_MOST)
    return `One set has ${String(SET_MOST)} changes at most: choose fewer, or one capability.`;
  if (look === undefined) return "Counting…";
  const wrong = look.items.filter(({ problem }) => problem !== null).length;
  return wrong === 0 ? undefined : `${plural(wrong, "change")} cannot be made, so none is.`;
}
