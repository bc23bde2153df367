/** Entries of a timeline as they are listed: repeats as one, and when each happened. Pure. */
import type { Entry } from "../../../protocol/incident-api.ts";
import { MOMENT_PARAM } from "../../frame/links.ts";

/** A row of the list: an entry, or the first of some that say the same of one thing. */
export interface TimelineRow {
  readonly key: string;
  readonly entries: readonly [Entry, ...Entry[]];
}

/** Repeats this close together are one row. */
const REPEAT_MS = 60_000;

/** Entries in order of time. What a person wrote, edited or pinned always stands for itself. */
export function rowsOf(entries: readonly Entry[]): readonly TimelineRow[] {
  const rows: { key: string; entries: [Entry, ...Entry[]] }[] = [];
  for (const entry of entries) {
    const last = rows.at(-1);
    const before = last?.entries.at(-1);
    if (last && before && sameThing(before, entry) && entry.at - before.at <= REPEAT_MS) last.entries.push(entry);
    else rows.push({ key: entry.key, entries: [entry] });
  }
  return rows;
}

function sameThing(a: Entry, b: Entry): boolean {
  if (a.event === null || b.event === null || a.pinned || b.pinned || a.original !== null || b.original !== null) return false;
  if (a.kind === "change" || a.kind === "deploy" || a.kind === "incident") return false;
  return (
    a.event.type === b.event.type &&
    a.service === b.service &&
    a.event.resource?.name === b.event.resource?.name &&
    a.event.resource?.kind === b.event.resource?.kind
  );
}

/** What several entries of one row say together: `orders: breaker payments opened`, of the instances one by one. */
export function rowTitle({ entries }: TimelineRow): string {
  const [first] = entries;
  if (entries.length === 1 || first.instance === null || first.service === null) return first.title;
  const own = `${first.instance}: `;
  return first.title.startsWith(own) ? `${first.service}: ${first.title.slice(own.length)}` : first.title;
}

/** +1:29, -0:40: since the first departure from normal. */
export function sinceStart(at: number, startedAt: number): string {
  const seconds = Math.round(Math.abs(at - startedAt) / 1_000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const clock = hours > 0 ? `${String(hours)}:${two(minutes)}:${two(seconds % 60)}` : `${String(minutes)}:${two(seconds % 60)}`;
  return `${at < startedAt ? "−" : "+"}${clock}`;
}

/** A page as it was at a moment. */
export function momentHref(path: string, at: number, environment: string): string {
  const search = new URLSearchParams({ env: environment, [MOMENT_PARAM]: new Date(at).toISOString().replace(".000", "") });
  return `${path}?${search.toString()}`;
}
