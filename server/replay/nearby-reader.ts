/** What changed around a moment, from the log. */
import { NEARBY_FAMILIES, nearbyChanges } from "../../core/replay-nearby.ts";
import type { NearbyAnswer } from "../../protocol/replay-api.ts";
import type { LoggedEvent } from "../../protocol/live.ts";
import type { Store } from "../store/store.ts";
import { readFleetAt, type StoryParts } from "./story-reader.ts";

/** Events of one family on one side of the moment, the closest ones. */
const EVENTS_MOST = 500;

/** Families whose events always name a service. */
const OF_INSTANCES: ReadonlySet<string> = new Set(["agent.", "breaker.", "pool.", "shed.", "shedder."]);

export interface NearbyParts extends StoryParts {
  readonly store: StoryParts["store"] & Pick<Store, "listEvents">;
}

export interface NearbyQuery {
  readonly environment: string;
  readonly at: number;
  readonly service?: string;
  readonly windowMs: number;
}

export async function readNearby(parts: NearbyParts, { environment, at, service, windowMs }: NearbyQuery): Promise<NearbyAnswer> {
  const from = Math.max(0, at - windowMs);
  const sides = NEARBY_FAMILIES.flatMap((kind) => [
    { kind, since: from, until: at, order: "desc" as const },
    { kind, since: at + 1, until: at + windowMs, order: "asc" as const },
  ]);
  const events: LoggedEvent[] = [];
  for (const side of sides) {
    const own = service !== undefined && OF_INSTANCES.has(side.kind) ? { service } : {};
    const { items } = await parts.store.listEvents({ ...side, ...own, environment, limit: EVENTS_MOST });
    events.push(...items);
  }
  // A change for everything has no service of its own, and is everybody's.
  const wanted = service === undefined ? events : events.filter((event) => event.service === null || event.service === service);
  const { story } = await readFleetAt(parts, environment, from);
  const versions = new Map<string, Set<string>>();
  for (const instance of story.values()) {
    if (instance.version === undefined) continue;
    const known = versions.get(instance.service) ?? new Set<string>();
    versions.set(instance.service, known.add(instance.version));
  }
  return { environment, at, windowMs, items: nearbyChanges(wanted, { at, versions }) };
}
