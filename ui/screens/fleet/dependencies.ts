/** What the fleet depends on, seen through its callers: breakers and pools grouped by their far side. Pure. */
import { linkState, valueOf, type InstanceState } from "../../../core/fleet.ts";
import { poolLoad, resourceStatus, severity, type Status } from "../../../core/health.ts";

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

/** Dependencies that are not services of this fleet themselves, worst first, then by name. Only live instances speak. */
export function dependenciesOf(fleet: readonly InstanceState[], now: number): readonly Dependency[] {
  const services = new Set(fleet.map((instance) => instance.service));
  const all = new Map<string, Found>();
  for (const instance of fleet) {
    if (linkState(instance, now) !== "live") continue;
    for (const resource of instance.resources) {
      if ((resource.kind !== "breaker" && resource.kind !== "pool") || resource.retired === true) continue;
      const name = resource.target ?? resource.name;
      if (services.has(name)) continue;
      let found = all.get(name);
      if (!found) {
        const status: Status = "closed";
        found = { name, status, callers: new Set(), worstCaller: instance.service, p99Us: null, load: null, waiting: 0 };
        all.set(name, found);
      }
      found.callers.add(instance.service);
      const status = resourceStatus(instance, resource);
      if (severity(status) > severity(found.status)) Object.assign(found, { status, worstCaller: instance.service });
      if (resource.kind === "breaker") found.p99Us = highest(found.p99Us, valueOf(instance, resource, "p99Us"));
      else {
        found.load = highest(found.load, poolLoad(instance, resource));
        found.waiting += valueOf(instance, resource, "waiting") ?? 0;
      }
    }
  }
  return [...all.values()]
    .map((found) => ({ ...found, callers: [...found.callers].sort() }))
    .sort((a, b) => severity(b.status) - severity(a.status) || (a.name < b.name ? -1 : 1));
}

const highest = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.max(a, b));
