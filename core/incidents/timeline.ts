/** Entries of a timeline: events of the log that belong to an incident, with what people added to them. */
import type { Entry, EntryKind } from "../../protocol/incident-api.ts";
import { columnsOf, type Kind } from "../../protocol/kinds.ts";
import type { LoggedEvent } from "../../protocol/live.ts";
import { eventTitle } from "./event-words.ts";
import type { Incident } from "./incident.ts";

/** What a person added: a note (`eventId` null), or changes to an event. */
export interface Addition {
  readonly id: string;
  readonly at: number;
  readonly eventId: number | null;
  /** Null keeps the event's own words. */
  readonly title: string | null;
  readonly text: string;
  readonly pinned: boolean;
  readonly by: string;
  readonly createdAt: number;
  /** What it was before it was edited. */
  readonly original: { readonly at: number; readonly title: string; readonly editedBy: string; readonly editedAt: number } | null;
}

/** A timeline begins this long before the first departure and ends this long after the end. */
const LEAD_MS = 15 * 60_000;
const TAIL_MS = 15 * 60_000;

export function windowOf({ startedAt, resolvedAt }: Pick<Incident, "startedAt" | "resolvedAt">, now: number): { from: number; to: number } {
  return { from: Math.max(0, startedAt - LEAD_MS), to: Math.min(now, resolvedAt ?? now) + TAIL_MS };
}

const KIND_OF: Readonly<Record<string, EntryKind>> = {
  breaker: "transition",
  pool: "pressure",
  shed: "pressure",
  shedder: "pressure",
  flip: "change",
  policy: "change",
  override: "change",
  fault: "change",
  switch: "receipt",
  deploy: "deploy",
  agent: "fleet",
  incident: "incident",
  note: "note",
};

const kindOf = ({ type }: Pick<LoggedEvent, "type">): EntryKind => KIND_OF[type.split(".")[0] ?? ""] ?? "other";

const NOISE = new Set(["breaker.half_opened", "agent.started", "agent.events_dropped", "incident.noted", "incident.edited"]);

/** What nobody looks for first: receipts, orderly comings and goings, and what is not known. */
function isNoise(event: LoggedEvent, kind: EntryKind): boolean {
  if (NOISE.has(event.type) || kind === "receipt" || kind === "other") return true;
  if (event.type === "agent.left") return event.data["reason"] !== "lost";
  return event.type === "agent.joined" && event.data["reason"] !== "reconnected";
}

/** Services whose events belong to it: those that had something, and what lies on their far side. */
export function servicesOf({ services, symptoms }: Pick<Incident, "services" | "symptoms">): ReadonlySet<string> {
  return new Set([...services, ...symptoms.flatMap(({ target }) => (target === null ? [] : [target]))]);
}

/** The entry of an event inside the incident's window; null when it belongs to something else. */
export function entryOf(event: LoggedEvent, incident: Pick<Incident, "id">, services: ReadonlySet<string>): Entry | null {
  const kind = kindOf(event);
  if (kind === "incident") {
    if (event.data["incidentId"] !== incident.id) return null;
  } else if (event.service === null ? kind !== "change" : !services.has(event.service)) return null;
  return {
    key: `e${event.id}`,
    at: event.at,
    kind,
    title: eventTitle(event),
    text: "",
    actor: event.actor,
    source: event.actor === "agent" ? "agent" : event.actor === "system" ? "console" : "person",
    noise: isNoise(event, kind),
    pinned: false,
    original: null,
    service: event.service,
    instance: event.instance,
    receipts: null,
    proof: proofOf(event),
    event: {
      id: event.id,
      at: event.at,
      receivedAt: event.receivedAt,
      type: event.type,
      service: event.service,
      instance: event.instance,
      resource: event.resource,
      actor: event.actor,
      data: event.data,
    },
  };
}

export function noteOf(addition: Addition): Entry {
  const { id, at, title, text, pinned, by, original } = addition;
  return {
    key: `n${id}`,
    at,
    kind: "note",
    title: title ?? "Note",
    text,
    actor: by,
    source: "person",
    noise: false,
    pinned,
    original,
    service: null,
    instance: null,
    receipts: null,
    proof: null,
    event: null,
  };
}

/** An event as a person wants it told. Whoever pins one wants it seen. */
export function edited(entry: Entry, { at, title, text, pinned, original }: Addition): Entry {
  return { ...entry, at, title: title ?? entry.title, text, pinned, noise: entry.noise && !pinned, original };
}

/** Order of a timeline: by time, events in the order of commits, notes behind what happened at that moment. */
export function byPlace(a: Entry, b: Entry): number {
  return a.at - b.at || (a.event?.id ?? Infinity) - (b.event?.id ?? Infinity) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

/** Columns worth looking at beside an event. */
const PROOF: Partial<Record<Kind, readonly string[]>> = {
  server: ["requests", "errors"],
  breaker: ["state", "failurePermille", "rejected"],
  pool: ["inUse", "waiting", "max"],
  queue: ["depth", "capacity"],
  shedder: ["admitted", "shedLow", "shedMedium", "shedHigh", "shedCritical"],
};
const AROUND_MS = 5 * 60_000;

function proofOf({ service, instance, resource, at }: LoggedEvent): Entry["proof"] {
  if (service === null || resource === null) return null;
  const columns = PROOF[resource.kind] ?? columnsOf(resource.kind).map(({ name }) => name);
  const key = instance === null ? null : `${service}/${instance}`;
  return { service, instance: key, resource: resource.name, columns: [...columns], from: Math.max(0, at - AROUND_MS), to: at + AROUND_MS };
}

/** Entries close together, as one mark on a time axis. */
export interface Cluster {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly kinds: readonly EntryKind[];
  /** Of the first entry; the title of a mark of one. */
  readonly key: string;
  readonly title: string;
}

/** Entries in order of time; those no further than `withinMs` from the one before are one cluster. */
export function clustersOf(entries: readonly Entry[], withinMs: number): Cluster[] {
  const clusters: { from: number; to: number; count: number; kinds: EntryKind[]; key: string; title: string }[] = [];
  for (const { at, kind, key, title } of entries) {
    const last = clusters.at(-1);
    if (last && at - last.to <= withinMs) {
      last.to = at;
      last.count++;
      if (!last.kinds.includes(kind)) last.kinds.push(kind);
    } else clusters.push({ from: at, to: at, count: 1, kinds: [kind], key, title });
  }
  return clusters;
}
