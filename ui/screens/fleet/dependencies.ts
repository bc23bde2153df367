/** What the fleet depends on, seen through its callers: breakers and pools grouped by their far side. Pure. */
import { valueAt, type ResourceState } from "../../../core/fleet.ts";
import { poolLoad, severity, type Status } from "../../../core/health.ts";
import { columnIndex } from "../../../protocol/kinds.ts";
import type { Tile } from "./tile-model.ts";

const P99 = columnIndex("breaker", "p99Us");
const WAITING = columnIndex("pool", "waiting");

export interface Dependency {
  readonly name: string;
  readonly status: Status;
  /** Services that call it, by name. */
  readonly callers: readonly string[];
  /** Where to look first: the caller with the worst state. */
  readonly worstCaller: string;
  /** Slowest p99 any caller measures, in microseconds; null when none does. */
  readonly p99Us: number | null;
  /** Fullest pool towards it, 0 to 1; null without a pool. */
  readonly load: number | null;
  /** Calls waiting for a place, over all callers. */
  readonly waiting: number;
}

interface Found {
  readonly name: string;
  status: Status;
  readonly callers: Set<string>;
  worstCaller: string;
  p99Us: number | null;
  load: number | null;
  waiting: number;
}

/** Breakers and pools with what is behind them. Instances that declare alike share the list. */
const doors = new WeakMap<readonly ResourceState[], readonly { readonly name: string; readonly resource: ResourceState }[]>();

function doorsOf(resources: readonly ResourceState[]) {
  let found = doors.get(resources);
  if (!found) {
    found = resources
      .filter(({ kind, retired }) => (kind === "breaker" || kind === "pool") && retired !== true)
      .map((resource) => ({ name: resource.target ?? resource.name, resource }));
    doors.set(resources, found);
  }
  return found;
}

/** Dependencies that are not services of this fleet themselves, worst first, then by name. Only live instances speak. */
export function dependenciesOf(tiles: readonly Pick<Tile, "instance" | "link" | "troubles" | "service">[]): readonly Dependency[] {
  const services = new Set(tiles.map(({ service }) => service));
  const all = new Map<string, Found>();
  for (const { instance, link, troubles, service } of tiles) {
    if (link !== "live") continue;
    for (const { name, resource } of doorsOf(instance.resources)) {
      if (services.has(name)) continue;
      let found = all.get(name);
      if (!found) {
        found = { name, status: "closed", callers: new Set(), worstCaller: service, p99Us: null, load: null, waiting: 0 };
        all.set(name, found);
      }
      found.callers.add(service);
      const status = troubles.length === 0 ? "closed" : (troubles.find((trouble) => trouble.resource === resource)?.status ?? "closed");
      if (severity(status) > severity(found.status)) Object.assign(found, { status, worstCaller: service });
      if (resource.kind === "breaker") found.p99Us = highest(found.p99Us, valueAt(instance, resource, P99));
      else {
        found.load = highest(found.load, poolLoad(instance, resource));
        found.waiting += valueAt(instance, resource, WAITING) ?? 0;
      }
    }
  }
  return [...all.values()]
    .map((found) => ({ ...found, callers: [...found.callers].sort() }))
    .sort((a, b) => severity(b.status) - severity(a.status) || (a.name < b.name ? -1 : 1));
}

const highest = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.max(a, b));
