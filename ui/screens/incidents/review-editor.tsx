"use client";
import { useEffect, useState } from "react";
import type { IncidentAnswer } from "../../../protocol/incident-api.ts";
import { Button } from "../../components/button.tsx";
import { ConflictNote } from "./conflict-note.tsx";
import { keepDraft, keptDraft } from "./kept-draft.ts";
import { ActionFields, Prose } from "./review-fields.tsx";
import { reviewChange, reviewDraft, reviewProblem, type ReviewDraft } from "./review-form.ts";
import { useChange } from "./use-incident-acts.ts";

const LIST_WORDS = [
  ["contributing", "Contributing factors", "what made it possible or worse; left empty, they are taken from the cascade"],
  ["wentWell", "Went well", "one in each line"],
  ["wentBadly", "Went badly", "one in each line"],
  ["lucky", "Where we got lucky", "one in each line"],
] as const;

interface ReviewProps {
  readonly incident: IncidentAnswer;
  readonly refusal: string | undefined;
}

/** What only people know. Only what was changed is written, so that two can write different parts. */
export function ReviewEditor({ incident, refusal }: ReviewProps) {
  const [seen, setSeen] = useState(incident);
  const [draft, setDraft] = useState<ReviewDraft>(() => reviewDraft(incident.review));
  const change = useChange();
  const [offered, setOffered] = useState<ReviewDraft | null>(null);
  const wish = reviewChange(draft, seen.review);
  const touched = Object.keys(wish).length > 0;
  // While nothing is typed the form follows what others write.
  if (!touched && !change.isPending && JSON.stringify(incident.review) !== JSON.stringify(seen.review)) {
    setSeen(incident);
    setDraft(reviewDraft(incident.review));
  }
  const { id } = incident;
  useEffect(() => {
    const kept = keptDraft(inTab, id);
    // eslint-disable-next-line react-hooks/set-state-in-effect -- only the browser has it
    if (kept) setOffered(kept);
  }, [id]);
  useGuard(id, touched ? draft : null);
  const problem = reviewProblem(draft);
  const set = (part: Partial<ReviewDraft>): void => setDraft({ ...draft, ...part });
  const disabled = refusal !== undefined;
  const takeOver = (next: IncidentAnswer): void => {
    keepDraft(inTab, id, null);
    setSeen(next);
    setDraft(reviewDraft(next.review));
  };
  return (
    <form
      className="in-part in-form"
      aria-label="What people say of it"
      onSubmit={(event) => {
        event.preventDefault();
        if (touched && problem === null) change.mutate({ wish: { review: wish }, seen }, { onSuccess: takeOver });
      }}
    >
      <header>
        <h2>What people say of it</h2>
      </header>
      {offered === null || Object.keys(reviewChange(offered, seen.review)).length === 0 ? null : (
        <div className="in-merged" role="status">
          You typed here before and did not save.{" "}
          <Button
            refusal={refusal}
            onClick={() => {
              setDraft(offered);
              setOffered(null);
            }}
          >
            Take it up again
          </Button>{" "}
          <Button
            tone="quiet"
            onClick={() => {
              if (!touched) keepDraft(inTab, id, null);
              setOffered(null);
            }}
          >
            Throw it away
          </Button>
        </div>
      )}
      <Prose
        label="Summary"
        hint="left empty, it is put together from what was measured"
        rows={4}
        most={4000}
        value={draft.summary}
        disabled={disabled}
        onChange={(summary) => set({ summary })}
      />
      <Prose
        label="Trigger"
        hint="what set it off; left empty, the first cause is told with its reasons"
        rows={2}
        most={1000}
        value={draft.trigger}
        disabled={disabled}
        onChange={(trigger) => set({ trigger })}
      />
      {LIST_WORDS.map(([key, label, hint]) => (
        <Prose
          key={key}
          label={label}
          hint={hint}
          rows={3}
          most={10_500}
          value={draft[key]}
          disabled={disabled}
          onChange={(text) => set({ [key]: text })}
        />
      ))}
      <ActionFields actions={draft.actions} disabled={disabled} onChange={(actions) => set({ actions })} />
      {problem === null ? null : <p className="hf-wrong">{problem}</p>}
      <ConflictNote change={change} onDone={() => takeOver(incident)} />
      <div className="in-actions">
        <Button type="submit" tone="primary" refusal={refusal} disabled={!touched || problem !== null || change.isPending}>
          {change.isPending ? "Saving…" : touched ? "Save" : "Saved"}
        </Button>
        {touched ? (
          <>
            <Button tone="quiet" onClick={() => takeOver(incident)}>
              Take back what I typed
            </Button>
            <span className="in-note">Not saved yet; kept in this tab.</span>
          </>
        ) : null}
      </div>
    </form>
  );
}

const inTab = (): Storage => window.sessionStorage;

/** Keeps what is typed in this tab, and lets the browser ask before it is closed. Null: nothing is typed. */
function useGuard(id: string, draft: ReviewDraft | null): void {
  useEffect(() => {
    if (draft === null) return undefined;
    keepDraft(inTab, id, draft);
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [id, draft]);
}
