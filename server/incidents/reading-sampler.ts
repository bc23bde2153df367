/** Rates of services, taken from the counters of the live fleet. */
import { linkState, valueOf, type FleetState, type InstanceState } from "../../core/fleet.ts";
import type { Reading } from "../../core/incidents/readings.ts";
import type { Kind } from "../../protocol/kinds.ts";

type Totals = Record<"requests" | "errors" | "shed", number>;

/** Columns of each kind, and what they count. */
export const READ: Partial<Record<Kind, Readonly<Record<string, keyof Totals>>>> = {
  server: { requests: "requests", errors: "errors" },
  shedder: { shedLow: "shed", shedMedium: "shed", shedHigh: "shed", shedCritical: "shed" },
};

interface Seen {
  readonly boot: string;
  readonly totals: Totals;
}

/** Of one environment. */
export class ReadingSampler {
  #seen = new Map<string, Seen>();
  #at: number | null = null;

  /** What each service did since the call before; nothing at the first. An instance that is new, restarted or silent counts from the next on. */
  sample(fleet: FleetState, now: number): readonly (readonly [service: string, reading: Reading])[] {
    const spanMs = this.#at === null ? 0 : now - this.#at;
    this.#at = now;
    const seen = new Map<string, Seen>();
    const services = new Map<string, Totals>();
    for (const instance of fleet.instances.values()) {
      if (linkState(instance, now) !== "live") continue;
      const totals = totalsOf(instance);
      if (totals === null) continue;
      const before = this.#seen.get(instance.key);
      seen.set(instance.key, { boot: instance.boot, totals });
      if (before?.boot !== instance.boot) continue;
      let sums = services.get(instance.service);
      if (!sums) services.set(instance.service, (sums = { requests: 0, errors: 0, shed: 0 }));
      for (const key of ["requests", "errors", "shed"] as const) sums[key] += Math.max(0, totals[key] - before.totals[key]);
    }
    this.#seen = seen;
    return spanMs <= 0 ? [] : [...services].map(([service, totals]) => [service, { at: now, spanMs, ...totals }] as const);
  }
}

function totalsOf(instance: InstanceState): Totals | null {
  const totals: Totals = { requests: 0, errors: 0, shed: 0 };
  let any = false;
  for (const resource of instance.resources) {
    const columns = READ[resource.kind];
    if (columns === undefined || resource.retired === true) continue;
    any = true;
    for (const [column, total] of Object.entries(columns)) totals[total] += valueOf(instance, resource, column) ?? 0;
  }
  return any ? totals : null;
}
