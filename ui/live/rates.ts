/** From cumulative counters to rates a second, per slot, over the last samples of an instance. No React. */
import type { InstanceState } from "../../core/fleet.ts";
import { columnIndex, type Kind } from "../../protocol/kinds.ts";

/** One remembered second of an instance. */
export interface RateSample {
  readonly at: number;
  readonly row: Float64Array;
}

export const HISTORY = 120;

/** Keeps the last two minutes of rows of one instance, at most one a second. */
export class RateRing {
  readonly samples: RateSample[] = [];

  push(at: number, row: Float64Array): void {
    const last = this.samples.at(-1);
    if (last && at - last.at < 700) return;
    this.samples.push({ at, row: row.slice() });
    if (this.samples.length > HISTORY) this.samples.shift();
  }

  clear(): void {
    this.samples.length = 0;
  }
}

/** Slot of a named resource and column, or -1. */
export function slotOf(instance: InstanceState, { kind, name, column }: { kind: Kind; name: string; column: string }): number {
  const resource = instance.resources.find((candidate) => candidate.kind === kind && candidate.name === name);
  const index = columnIndex(kind, column);
  return resource === undefined || index < 0 ? -1 : resource.offset + index;
}

/** Increase a second of a counter over the last `windowMs`; null when not known yet. A reset (new boot) reads as null. */
export function rateAt(samples: readonly RateSample[], slot: number, windowMs = 3000): number | null {
  const last = samples.at(-1);
  if (!last || slot < 0) return null;
  for (let i = samples.length - 2; i >= 0; i--) {
    const earlier = samples[i] as RateSample;
    if (last.at - earlier.at < windowMs && i > 0) continue;
    const from = earlier.row[slot] ?? 0;
    const to = last.row[slot] ?? 0;
    if (from === 0 || to === 0 || to < from || last.at === earlier.at) return null;
    return ((to - from) * 1000) / (last.at - earlier.at);
  }
  return null;
}

/** Rate a second between neighbouring samples, oldest first; null in gaps over 2.5 s. */
export function rateSeries(samples: readonly RateSample[], slot: number): (number | null)[] {
  const series: (number | null)[] = [];
  for (let i = 1; i < samples.length; i++) {
    const before = samples[i - 1] as RateSample;
    const after = samples[i] as RateSample;
    const from = before.row[slot] ?? 0;
    const to = after.row[slot] ?? 0;
    const elapsed = after.at - before.at;
    series.push(slot < 0 || from === 0 || to === 0 || to < from || elapsed <= 0 || elapsed > 2500 ? null : ((to - from) * 1000) / elapsed);
  }
  return series;
}
