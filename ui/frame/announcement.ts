/** What is said aloud of events: transitions only, the weightiest first. Pure. */
import type { LoggedEvent } from "../../protocol/live.ts";
import { sentence } from "../screens/events/sentence.ts";

/** At most one sentence in so many milliseconds. */
export const SPEAK_EVERY_MS = 5_000;

const SPOKEN = /^(breaker|flip)\.|^incident\.(opened|reopened|resolved|changed)$/;
const NEWS_MS = 60_000;
/** A severity that nobody told: as bad as the middle. */
const MIDDLE = 3;

/** "severity 3 to 2": from and to; null of any other change. */
function severities({ type, data }: Pick<LoggedEvent, "type" | "data">): readonly [number, number] | null {
  const [, before, after] = type === "incident.changed" ? (/^severity (\d) to (\d)$/.exec(String(data["what"] ?? "")) ?? []) : [];
  return before === undefined || after === undefined ? null : [Number(before), Number(after)];
}

/** Lower comes first; null is not said at all. */
export function weight(event: Pick<LoggedEvent, "type" | "data">): number | null {
  const { type, data } = event;
  if (!SPOKEN.test(type)) return null;
  if (type === "incident.changed") {
    const [before, after] = severities(event) ?? [0, 0];
    return after < before ? after * 10 + 1 : null;
  }
  const severity = typeof data["severity"] === "number" ? data["severity"] : MIDDLE;
  if (type === "incident.opened" || type === "incident.reopened") return severity * 10;
  if (type === "incident.resolved") return 60;
  return type === "breaker.opened" || type === "breaker.forced_open" ? 70 : 80;
}

const wordsOf = (event: LoggedEvent): string => {
  const escalated = severities(event);
  return escalated ? `Incident ${String(event.data["number"] ?? "")} escalated to SEV${String(escalated[1])}` : sentence(event);
};

/**
 * One sentence for what came after `spokenId`, newest first in `events`; null when there is nothing to say. What is older than a minute
 * before `now` is no news: a page that was away does not read its past aloud.
 */
export function announcement(
  events: readonly LoggedEvent[],
  { spokenId, now }: { readonly spokenId: number; readonly now: number },
): { readonly text: string; readonly spokenId: number } | null {
  const fresh = events
    .filter((event) => event.id > spokenId && event.at > now - NEWS_MS)
    .flatMap((event) => {
      const heavy = weight(event);
      return heavy === null ? [] : [{ event, heavy }];
    })
    .sort((a, b) => a.heavy - b.heavy || b.event.id - a.event.id);
  const [first] = fresh;
  if (!first) return null;
  const more = fresh.length - 1;
  const text = `${wordsOf(first.event)}${more === 0 ? "" : `. And ${String(more)} more ${more === 1 ? "change" : "changes"}`}`;
  return { text, spokenId: Math.max(...fresh.map(({ event }) => event.id)) };
}
