/** The order and the holding back of the feed, without React. */
import type { LoggedEvent } from "../../../protocol/live.ts";

export interface FeedFilter {
  /** Any of these; empty: every service, and what belongs to none. */
  readonly service: readonly string[];
  /** Any of these: exact types, or prefixes ending in a dot; empty is every kind. */
  readonly kind: readonly string[];
  /** Happened then or later; null: from the beginning. */
  readonly from: number | null;
  /** Happened then or earlier; null: until now. */
  readonly to: number | null;
}

export function passesFeed(event: Pick<LoggedEvent, "type" | "service" | "at">, { service, kind, from, to }: FeedFilter): boolean {
  if (event.at < (from ?? -Infinity) || event.at > (to ?? Infinity)) return false;
  if (service.length > 0 && !service.some((one) => event.service === one)) return false;
  return kind.length === 0 || kind.some((one) => event.type === one || (one.endsWith(".") && event.type.startsWith(one)));
}

export interface Feed {
  /** Newest first. */
  readonly rows: readonly LoggedEvent[];
  /** Newer than what is held on screen: waiting above. */
  readonly waiting: number;
}

/**
 * Pages of the log with the live events on top, each once. `heldAt` is the newest id on screen when the reader scrolled away: what is
 * newer waits, so that nothing moves under the eyes; null follows the log.
 */
export function feedOf(
  pages: readonly LoggedEvent[],
  live: readonly LoggedEvent[],
  { filter, heldAt }: { filter: FeedFilter; heldAt: number | null },
): Feed {
  const byId = new Map<number, LoggedEvent>();
  for (const event of pages) byId.set(event.id, event);
  for (const event of live) if (passesFeed(event, filter)) byId.set(event.id, event);
  // The log gives a stretch of time in the order of time: what was told late stands where it happened.
  const byTime = filter.from !== null || filter.to !== null;
  const all = [...byId.values()].sort((a, b) => (byTime ? b.at - a.at : 0) || b.id - a.id);
  if (heldAt === null) return { rows: all, waiting: 0 };
  const rows = all.filter((event) => event.id <= heldAt);
  return { rows, waiting: all.length - rows.length };
}

/** True when an event is the first of its day going down the list, in the reader's zone. */
export function startsDay(rows: readonly LoggedEvent[], index: number): boolean {
  const event = rows[index];
  const above = rows[index - 1];
  return event !== undefined && (above === undefined || new Date(event.at).toDateString() !== new Date(above.at).toDateString());
}

/** Kinds a person filters by: prefixes of types, in words. */
export const KINDS: readonly { readonly value: string; readonly label: string }[] = [
  { value: "breaker.", label: "Breakers" },
  { value: "pool.", label: "Pools" },
  { value: "shed.", label: "Shedding" },
  { value: "flip.", label: "Flips" },
  { value: "switch.", label: "Applied switches" },
  { value: "agent.", label: "Agents" },
  { value: "incident.", label: "Incidents" },
  { value: "deploy", label: "Deploys" },
  { value: "note", label: "Notes" },
];

const OF_THE_CONSOLE = /^(auth|token|user|session)\./;
const SYSTEM = "system";

/** Events of the console itself are kept apart from those of an environment. Older versions wrote them; now the audit log has what they told. */
export function environmentOf(kinds: readonly string[], environment: string): string {
  return kinds.length > 0 && kinds.every((kind) => OF_THE_CONSOLE.test(kind)) ? SYSTEM : environment;
}
