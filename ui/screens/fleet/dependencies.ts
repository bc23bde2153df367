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

/** Dependencies that are not services of this fleet themselves, worst first, then by name. Only live instances speak. */
export function dependenciesOf(fleet: readonly InstanceState[], now: number): readonly Dependency[] {
  const services = new Set(fleet.map((instance) => instance.service));
  const found = new Map<string, Dependency>();
  for (const instance of fleet) {
    if (linkState(instance, now) !== "live") continue;
    for (const resource of instance.resources) {
      if ((resource.kind !== "breaker" && resource.kind !== "pool") || resource.retired === true) continue;
      const name = resource.target ?? resource.name;
      if (services.has(name)) continue;
      const status = resourceStatus(instance, resource);
      const own: Dependency = {
        name,
        status: status === "unseen" ? "closed" : status,
        callers: [instance.service],
        worstCaller: instance.service,
        p99Us: resource.kind === "breaker" ? valueOf(instance, resource, "p99Us") : null,
        load: resource.kind === "pool" ? poolLoad(instance, resource) : null,
        waiting: resource.kind === "pool" ? (valueOf(instance, resource, "waiting") ?? 0) : 0,
      };
      const before = found.get(name);
      found.set(name, before ? merged(before, own) : own);
    }
  }
  return [...found.values()].sort((a, b) => severity(b.status) - severity(a.status) || (a.name < b.name ? -1 : 1));
}

const highest = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.max(a, b));

function merged(a: Dependency, b: Dependency): Dependency {
  const worse = severity(b.status) > severity(a.status) ? b : a;
  return {
    name: a.name,
    status: worse.status,
    callers: [...new Set([...a.callers, ...b.callers])].sort(),
    worstCaller: worse.worstCaller,
    p99Us: highest(a.p99Us, b.p99Us),
    load: highest(a.load, b.load),
    waiting: a.waiting + b.waiting,
  };
}
