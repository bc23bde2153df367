import type { BreakerState } from "../../../protocol/kinds.ts";
import { Glyph } from "../../components/glyph.tsx";
import { BREAKER_WORDS, statusOfState } from "./breaker-words.ts";
import type { BreakerMember, BreakerView } from "./breaker-view.ts";

/** Up to here each instance has the mark of its state. */
const GLYPHS = 6;
/** Up to here it has a tick; more are counted. */
const TICKS = 120;

/** One mark for each instance. Ticks differ by height as well as by colour. */
export function InstanceTicks({ view }: { readonly view: BreakerView }) {
  const { members } = view;
  if (members.length < 2) return null;
  if (members.length > TICKS)
    return <span className="svc-note svc-mono svc-ticks">{`${String(view.inState)}/${String(members.length)}`}</span>;
  const small = members.length > GLYPHS;
  return (
    <span
      className="svc-ticks"
      data-small={small}
      role="img"
      aria-label={small ? countWords(members) : members.map(memberWords).join(", ")}
    >
      {members.map((member) => (
        <span key={member.key} title={memberWords(member)} {...(small ? { "data-state": member.state ?? "unknown" } : {})}>
          {small ? null : <Glyph status={statusOfState(member.state)} size={12} />}
        </span>
      ))}
    </span>
  );
}

const wordOf = (state: BreakerState | null): string => (state === null ? "not heard" : BREAKER_WORDS[state]);
const memberWords = ({ name, state }: BreakerMember): string => `${name}: ${wordOf(state)}`;

/** "3 open, 37 closed". */
function countWords(members: readonly BreakerMember[]): string {
  const counts = new Map<string, number>();
  for (const { state } of members) counts.set(wordOf(state), (counts.get(wordOf(state)) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${String(count)} ${word}`).join(", ");
}
