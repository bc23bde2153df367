"use client";
import { Countdown } from "../../components/countdown.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { useSwitches } from "../../api/queries.ts";
import { actorName } from "../events/sentence.ts";
import { changeText } from "../switchboard/draft.ts";
import { leftSwitched, PROMISED } from "../switchboard/left.ts";
import { useLiveChanges } from "../switchboard/use-plans.ts";

/** Everything that people changed and that is in force: the oldest first, for it is the most forgotten. */
export function WallSwitched({ environment, room }: { readonly environment: string; readonly room: number }) {
  const changes = useLiveChanges(environment);
  const switches = useSwitches(environment);
  if (changes.data === undefined || switches.data === undefined)
    return (
      <p className="wl-plain">
        {changes.isError || switches.isError ? "What is switched could not be read just now." : "Reading the changes…"}
      </p>
    );
  const left = leftSwitched(changes.data, switches.data);
  return (
    <>
      {changes.isError || switches.isError ? <p className="wl-plain">This could not be read again just now.</p> : null}
      {left.length === 0 ? <p className="wl-plain">Nothing is switched.</p> : null}
      <ol className="wl-list" aria-label="In force">
        {left.slice(0, room).map((change) => (
          <li key={change.id} className="wl-row">
            <Glyph status={change.kind === "switch" ? "switched" : "forced"} size={20} label={PROMISED[change.kind]} />
            <span className="wl-what">
              <b>{changeText(change)}</b>
              <span>
                {actorName(change.author)}, <RelativeTime at={change.createdAt} />: {change.reason}
              </span>
            </span>
            <span className="wl-figure">{change.expiresAt === null ? "never ends" : <Countdown at={change.expiresAt} />}</span>
          </li>
        ))}
      </ol>
      {left.length > room ? <p className="wl-foot">and {left.length - room} more</p> : null}
    </>
  );
}
