/**
 * What changed around a moment, most telling first: near before far, and what may have caused it before what may have followed. A change of
 * policy or a deploy a minute before says more than a transition just after. Pure.
 */
import type { LoggedEvent } from "../protocol/live.ts";
import type { NearbyChange } from "../protocol/replay-api.ts";
import { eventTitle } from "./incidents/event-words.ts";

export type NearbyKind = NearbyChange["kind"];

const KIND_OF: Readonly<Record<string, NearbyKind>> = {
  flip: "policy",
  policy: "policy",
  override: "policy",
  fault: "policy",
  deploy: "deploy",
  agent: "instance",
  incident: "incident",
  breaker: "transition",
  pool: "pressure",
  shed: "pressure",
  shedder: "pressure",
};
/** Families of events that are looked at, as prefixes; a type without a dot is a whole one. Rare ones first. */
export const NEARBY_FAMILIES = Object.keys(KIND_OF).map((family) => (family === "deploy" ? family : `${family}.`));

/** What a transition or a person's other doings tell already. */
const NOISE = new Set([
  "breaker.half_opened",
  "agent.started",
  "agent.events_dropped",
  "incident.noted",
  "incident.edited",
  "incident.grew",
]);

/** Like ones no further apart than this are told once. */
const ALIKE_MS = 5_000;
/** Closer than this is as good as at once. */
const AT_ONCE_MS = 5_000;
/** How far away something feels, as a part of how far it is. */
const CAUSE_BEFORE = 0.25;
const AFTER = 2;
const ITEMS_MOST = 50;

export interface NearbyMoment {
  readonly at: number;
  /** Versions of each service before: the first instance with another one is a deploy. */
  readonly versions: ReadonlyMap<string, ReadonlySet<string>>;
}

/** @param events in any order */
export function nearbyChanges(events: readonly LoggedEvent[], moment: NearbyMoment): NearbyChange[] {
  const groups = new Map<string, { readonly first: LoggedEvent; last: number; readonly instances: Set<string | null> }[]>();
  for (const event of [...events].sort((a, b) => a.at - b.at || a.id - b.id)) {
    if (kindOf(event, moment) === null) continue;
    const id = JSON.stringify([event.type, event.service, event.actor, eventTitle({ ...event, instance: null })]);
    const alike = groups.get(id) ?? [];
    groups.set(id, alike);
    const open = alike.at(-1);
    if (open && event.at - open.last <= ALIKE_MS) {
      open.last = event.at;
      open.instances.add(event.instance);
    } else alike.push({ first: event, last: event.at, instances: new Set([event.instance]) });
  }
  return [...groups.values()]
    .flat()
    .flatMap(({ first, instances }) => {
      const kind = kindOf(first, moment);
      return kind === null ? [] : [itemOf(first, { kind, moment, alike: instances.size - 1 })];
    })
    .sort((a, b) => distanceOf(a) - distanceOf(b) || a.at - b.at || a.event.id - b.event.id)
    .slice(0, ITEMS_MOST);
}

function kindOf({ type, service, data }: LoggedEvent, { versions }: NearbyMoment): NearbyKind | null {
  if (NOISE.has(type)) return null;
  const kind = KIND_OF[type.split(".")[0] ?? ""] ?? null;
  if (type !== "agent.joined" || service === null) return kind;
  const known = versions.get(service);
  const version = data["version"];
  return known && known.size > 0 && typeof version === "string" && !known.has(version) ? "deploy" : kind;
}

interface About {
  readonly kind: NearbyKind;
  readonly moment: NearbyMoment;
  readonly alike: number;
}

function itemOf(event: LoggedEvent, { kind, moment, alike }: About): NearbyChange {
  const { id, at, receivedAt, type, service, instance, resource, actor, data } = event;
  return {
    kind,
    at,
    offsetMs: at - moment.at,
    text: eventTitle(event),
    service,
    actor,
    event: { id, at, receivedAt, type, service, instance, resource, actor, data },
    alike,
  };
}

function distanceOf({ kind, offsetMs }: NearbyChange): number {
  const far = Math.abs(offsetMs) + AT_ONCE_MS;
  if (offsetMs > 0) return far * AFTER;
  return kind === "policy" || kind === "deploy" ? far * CAUSE_BEFORE : far;
}
