import type { FlipAnswer, SwitchAnswer } from "../../../protocol/api.ts";
import { Button } from "../../components/button.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { actorName } from "../events/sentence.ts";
import { scopeWords } from "./switch-state.ts";

export interface ConflictProps {
  readonly entry: SwitchAnswer;
  /** The revision of the switch now. */
  readonly revision: number;
  /** What was made or ended since this person looked; empty when the console has not said yet. */
  readonly flips: readonly FlipAnswer[];
  readonly onLookAgain: () => void;
}

/** Somebody was faster: what they changed, and a way to look again before anything is sent. */
export function Conflict({ entry, revision, flips, onLookAgain }: ConflictProps) {
  return (
    <div className="sw-conflict" role="alert">
      <strong>{entry.title} was changed while you were looking</strong>
      {flips.length > 0 ? (
        <ul>
          {flips.map((flip) => (
            <li key={flip.id}>
              {flip.status === "live" ? "Switched" : flip.status === "reverted" ? "Reverted" : "Expired"}: <b>{flip.position}</b>{" "}
              {scopeWords(flip.scope) ?? "on the whole fleet"}, {changedBy(flip)}: {flip.reason}
            </li>
          ))}
        </ul>
      ) : entry.lastChange === null ? null : (
        <p>
          {actorName(entry.lastChange.by)}, <RelativeTime at={entry.lastChange.at} />: {entry.lastChange.reason}
        </p>
      )}
      <p>
        It stands at <b>{flips[0]?.status === "live" && scopeWords(flips[0].scope) === null ? flips[0].position : entry.desired}</b> now, r
        {revision}. Nothing of yours was changed.
      </p>
      <Button onClick={onLookAgain}>I have seen it, go on from r{revision}</Button>
    </div>
  );
}

function changedBy(flip: FlipAnswer): string {
  return actorName(flip.status === "live" ? flip.author : (flip.endedBy ?? flip.author));
}
