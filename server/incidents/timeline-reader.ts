/** Timelines, read from the log and from what people added, page by page. */
import type { Incident } from "../../core/incidents/incident.ts";
import { byPlace, edited, entryOf, noteOf, servicesOf, windowOf, type Addition } from "../../core/incidents/timeline.ts";
import { additionsAt } from "../../core/replay-incident.ts";
import type { Entry, EntryKind } from "../../protocol/incident-api.ts";
import type { Clock } from "../clock.ts";
import type { PolicyService } from "../policy/policy-service.ts";
import { InvalidCursor, type Page, type Store } from "../store/store.ts";

export interface TimelineQuery {
  readonly kinds?: readonly EntryKind[] | undefined;
  /** Also what is hidden by default. */
  readonly noise: boolean;
  readonly pinnedOnly: boolean;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface TimelineParts {
  readonly store: Pick<Store, "listEvents" | "listIncidentEntries">;
  readonly policy: { readonly receipts: Pick<PolicyService["receipts"], "counts"> };
  readonly clock: Pick<Clock, "now">;
  /** As it was read then: nothing that was written later, and no counts of receipts, which are of now. */
  readonly asOf?: number;
}

const BATCH = 500;
/** Events looked at for one page; a page may then hold fewer than asked for, or none, and still have a next one. */
const LOOKED_AT_MOST = 20_000;

/** Oldest first. @throws InvalidCursor */
export async function readTimeline(parts: TimelineParts, incident: Incident, query: TimelineQuery): Promise<Page<Entry>> {
  const { store, clock, asOf = Infinity } = parts;
  const after = query.cursor === undefined ? null : readPlace(query.cursor);
  const { from, to } = windowOf(incident, clock.now());
  const services = servicesOf(incident);
  const additions = additionsAt(await store.listIncidentEntries(incident.id), asOf);
  const edits = new Map(additions.flatMap((one) => (one.eventId === null ? [] : [[one.eventId, one] as const])));
  const extras = await extrasOf(parts, incident, additions);
  const wanted = (entry: Entry): boolean =>
    (after === null || byPlace(after, entry) < 0) &&
    (query.noise || !entry.noise) &&
    (!query.pinnedOnly || entry.pinned) &&
    (query.kinds === undefined || query.kinds.includes(entry.kind));
  const waiting = extras.filter((entry) => entry.at <= asOf && wanted(entry));
  const found: Entry[] = [];
  let cursor: string | null | undefined;
  let looked = 0;
  let reached: Entry | null = null;
  do {
    const page = await store.listEvents({
      environment: incident.environment,
      since: Math.max(from, after?.at ?? from),
      until: Math.min(to, asOf),
      limit: BATCH,
      order: "asc",
      ...(cursor == null ? {} : { cursor }),
    });
    for (const event of page.items) {
      reached = placeOf(event);
      while (waiting[0] && byPlace(waiting[0], reached) < 0) found.push(waiting.shift() as Entry);
      const plain = edits.has(event.id) ? null : entryOf(event, incident, services);
      if (plain !== null && wanted(plain)) found.push(plain);
    }
    looked += page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== null && found.length <= query.limit && looked < LOOKED_AT_MOST);
  const ended = cursor === null;
  // What lies beyond the last event looked at waits for the next page.
  if (ended) found.push(...waiting);
  const items = await Promise.all(found.slice(0, query.limit).map((entry) => withReceipts(parts, entry)));
  const last = found.length > query.limit ? items.at(-1) : ended ? undefined : (reached ?? undefined);
  return { items, nextCursor: last === undefined ? null : writePlace(last) };
}

/** Notes, and events that somebody edited: few, and at times of their own. In order. */
async function extrasOf(parts: TimelineParts, incident: Incident, additions: readonly Addition[]): Promise<Entry[]> {
  const services = servicesOf(incident);
  const extras: Entry[] = [];
  for (const addition of additions) {
    if (addition.eventId === null) {
      extras.push(noteOf(addition));
      continue;
    }
    const { items } = await parts.store.listEvents({
      environment: incident.environment,
      afterId: addition.eventId - 1,
      limit: 1,
      order: "asc",
    });
    const [event] = items;
    const entry = event?.id === addition.eventId ? entryOf(event, incident, services) : null;
    if (entry) extras.push(edited(entry, addition));
  }
  return extras.sort(byPlace);
}

async function withReceipts({ policy, asOf }: TimelineParts, entry: Entry): Promise<Entry> {
  if (asOf !== undefined) return entry;
  const flipId = entry.kind === "change" ? entry.event?.data["flipId"] : undefined;
  if (typeof flipId !== "string") return entry;
  const { targeted, applied, refused } = await policy.receipts.counts(flipId);
  return { ...entry, receipts: { targeted, applied, refused } };
}

type Place = Pick<Entry, "at" | "key"> & { readonly event: Pick<NonNullable<Entry["event"]>, "id"> | null };

const writePlace = ({ at, key, event }: Place): string => Buffer.from(JSON.stringify([at, event?.id ?? null, key])).toString("base64url");

function placeOf({ at, id }: { readonly at: number; readonly id: number }): Entry {
  return readPlace(writePlace({ at, key: `e${id}`, event: { id } }));
}

/** Only what `byPlace` looks at. @throws InvalidCursor */
function readPlace(cursor: string): Entry {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    throw new InvalidCursor();
  }
  const [at, id, key] = Array.isArray(parts) && parts.length === 3 ? (parts as unknown[]) : [];
  if (!Number.isSafeInteger(at) || !(id === null || Number.isSafeInteger(id)) || typeof key !== "string") throw new InvalidCursor();
  const place = { at, key, event: id === null ? null : { id } };
  return place as Entry;
}
