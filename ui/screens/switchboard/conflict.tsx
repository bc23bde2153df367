import type { FlipAnswer, SwitchAnswer } from "../../../protocol/api.ts";
import { ProblemError } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { actorName } from "../events/sentence.ts";
import { conflictFlips } from "./conflict-flips.ts";
import { scopeWords } from "./switch-state.ts";

/** Somebody was faster: what they changed, and a way to look again before anything is sent. */
export function Conflict({ entry, error, onLookAgain }: { readonly entry: SwitchAnswer; readonly error: unknown; readonly onLookAgain: () => void }) {
  const flips = error instanceof ProblemError ? conflictFlips(error.problem.conflict) : [];
  return (
    <div className="sw-conflict" role="alert">
      <strong>{entry.title} was changed while you were looking</strong>
      {flips.length > 0 ? (
        <ul>
          {flips.map((flip) => (
            <li key={flip.id}>
              {flip.status === "live" ? "Switched" : flip.status === "reverted" ? "Reverted" : "Expired"}: <b>{flip.position}</b> {scopeWords(flip.scope) ?? "on the whole fleet"}, {changedBy(flip)}: {flip.reason}
            </li>
          ))}
        </ul>
      ) : entry.lastChange === null ? null : (
        <p>
          {actorName(entry.lastChange.by)}, <RelativeTime at={entry.lastChange.at} />: {entry.lastChange.reason}
        </p>
      )}
      <p>
        It stands at <b>{entry.desired}</b> now, r{entry.revision}. Nothing of yours was sent.
      </p>
      <Button onClick={onLookAgain}>I have seen it, go on from r{entry.revision}</Button>
    </div>
  );
}

function changedBy(flip: FlipAnswer): string {
  return actorName(flip.status === "live" ? flip.author : (flip.endedBy ?? flip.author));
}
