/** Rates of services, and when they were bad by a rule: too much shed, too many errors. */
import type { Trigger } from "../../protocol/incident-rule-api.ts";
import type { Bad } from "./bads.ts";

/** What a service did in the time that ends at `at`. */
export interface Reading {
  readonly at: number;
  readonly spanMs: number;
  readonly requests: number;
  readonly errors: number;
  readonly shed: number;
}

type RateTrigger = Extract<Trigger, { on: "shed" | "error_budget" }>;

/** A reading belongs to the one before when no more than this many of its spans lie between. */
const GAP_SPANS = 3;

/** Spans that break the rule. Readings in order of time. @param now what is bad and fresh then still lasts. */
export function badReadings(trigger: RateTrigger, readings: readonly Reading[], now: number): Bad[] {
  const bads: { from: number; to: number; spanMs: number }[] = [];
  let first = 0;
  let requests = 0;
  let errors = 0;
  readings.forEach((reading, index) => {
    const from = reading.at - reading.spanMs;
    let bad: boolean;
    if (trigger.on === "shed") bad = reading.shed * 1_000 > trigger.perSecond * reading.spanMs;
    else {
      requests += reading.requests;
      errors += reading.errors;
      for (; first < index; first++) {
        const oldest = readings[first] as Reading;
        if (oldest.at > reading.at - trigger.windowMs) break;
        requests -= oldest.requests;
        errors -= oldest.errors;
      }
      bad = errors * 1_000 > requests * trigger.burn * (1_000 - trigger.objectivePermille);
    }
    if (!bad) return;
    const last = bads.at(-1);
    if (last && from - last.to <= reading.spanMs / 2) {
      last.to = reading.at;
      last.spanMs = reading.spanMs;
    } else bads.push({ from, to: reading.at, spanMs: reading.spanMs });
  });
  return bads.map(({ from, to, spanMs }, index) => ({
    from,
    to: index === bads.length - 1 && to === readings.at(-1)?.at && now - to <= GAP_SPANS * spanMs ? null : to,
  }));
}

/** The readings of each service over the time kept, in order. */
export class ReadingLog {
  readonly #services = new Map<string, Reading[]>();

  /** A reading that ends when another does is a repeat. */
  add(service: string, reading: Reading): void {
    let list = this.#services.get(service);
    if (!list) this.#services.set(service, (list = []));
    let index = list.length;
    while (index > 0 && (list[index - 1] as Reading).at > reading.at) index--;
    if (list[index - 1]?.at !== reading.at) list.splice(index, 0, reading);
  }

  all(): Iterable<readonly [string, readonly Reading[]]> {
    return this.#services;
  }

  prune(before: number): void {
    for (const [service, list] of this.#services) {
      const keep = list.findIndex(({ at }) => at >= before);
      if (keep < 0) this.#services.delete(service);
      else if (keep > 0) list.splice(0, keep);
    }
  }
}
