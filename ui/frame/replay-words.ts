/** What is said of a moment that is not now. Pure. */
import { formatClock } from "../charts/format.ts";
import { formatDuration } from "../components/duration.ts";
import { utcClock } from "../replay/moments.ts";

const DAY_MS = 86_400_000;

/** "14:02:10", with its date when that is not today's. Local, as every other time on the page. */
export function momentWords(at: number, now: number): string {
  const clock = formatClock(at);
  const sameDay = now - at < DAY_MS && new Date(at).toDateString() === new Date(now).toDateString();
  return sameDay ? clock : `${new Date(at).toLocaleDateString(undefined, { day: "numeric", month: "short" })} ${clock}`;
}

/** "12:04 ago, 14:02:10 UTC"; the second only where clocks on the wall differ from UTC. */
export function sinceWords(at: number, now: number): string {
  const ago = `${formatDuration(now - at)} ago`;
  return new Date(at).getTimezoneOffset() === 0 ? `${ago}, UTC` : `${ago}, ${utcClock(at)} UTC`;
}

/** "38 s before", "2:10 after", "at this moment". */
export function offsetWords(offsetMs: number): string {
  if (Math.abs(offsetMs) < 1000) return "at this moment";
  return `${formatDuration(Math.abs(offsetMs))} ${offsetMs < 0 ? "before" : "after"}`;
}
