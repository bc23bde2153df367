/** From cumulative counters to rates a second, per slot, over the last samples of an instance. No React. */
import type { InstanceState } from "../../core/fleet.ts";
import { columnIndex, type Kind } from "../../protocol/kinds.ts";
import { LIMITS } from "../../protocol/limits.ts";

/** Values of a row by slot, as on the wire: an array, or what reads them when it is asked. */
export interface SlotValues {
  at(slot: number): number | undefined;
}

/** One remembered second of an instance. */
export interface RateSample {
  readonly at: number;
  readonly row: SlotValues;
}

/** Samples from before the first one that are only read when somebody looks. */
export interface Earlier {
  /** Time of the last of them. */
  readonly lastAt: number;
  /** Oldest first. */
  readonly read: () => readonly RateSample[];
}

export const HISTORY = 120;

/** Keeps the last two minutes of rows of one instance, at most one a second. */
export class RateRing {
  readonly #samples: RateSample[] = [];
  #earlier: Earlier | null = null;

  /** Oldest first. */
  get samples(): readonly RateSample[] {
    const earlier = this.#earlier;
    if (earlier === null) return this.#samples;
    this.#earlier = null;
    this.prepend(earlier.read());
    return this.#samples;
  }

  push(at: number, row: Float64Array): void {
    const lastAt = this.#samples.at(-1)?.at ?? this.#earlier?.lastAt;
    if (lastAt !== undefined && at - lastAt < 700) return;
    this.#samples.push({ at, row: row.slice() });
    if (this.#samples.length > HISTORY) this.#samples.shift();
    if (this.#samples.length === HISTORY) this.#earlier = null;
  }

  /** Takes the place of what is there. */
  recall(earlier: Earlier): void {
    this.clear();
    this.#earlier = earlier;
  }

  /** Puts what is known from before the first sample in front of it; what overlaps is left out. */
  prepend(earlier: readonly RateSample[]): void {
    const first = this.samples[0]?.at ?? Infinity;
    this.#samples.unshift(...earlier.filter((sample) => sample.at < first - 700));
    this.#samples.splice(0, Math.max(0, this.#samples.length - HISTORY));
  }

  clear(): void {
    this.#samples.length = 0;
    this.#earlier = null;
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
    const from = earlier.row.at(slot) ?? 0;
    const to = last.row.at(slot) ?? 0;
    if (from === 0 || to === 0 || to < from || last.at === earlier.at) return null;
    return ((to - from) * 1000) / (last.at - earlier.at);
  }
  return null;
}

/** A rate at a moment; null where the pen must be lifted. */
export interface RatePoint {
  readonly at: number;
  readonly value: number | null;
}

/** Neighbouring samples further apart than this are a gap, and a gap is drawn as a gap. */
const GAP_MS = LIMITS.staleAfterMs;

/** Rate a second between neighbouring samples, oldest first. A gap, a reset and an unknown value give null. */
export function ratePoints(samples: readonly RateSample[], slot: number): readonly RatePoint[] {
  const points: RatePoint[] = [];
  for (let i = 1; i < samples.length; i++) {
    const before = samples[i - 1] as RateSample;
    const after = samples[i] as RateSample;
    const from = before.row.at(slot) ?? 0;
    const to = after.row.at(slot) ?? 0;
    const elapsed = after.at - before.at;
    const known = slot >= 0 && from > 0 && to >= from && elapsed > 0 && elapsed <= GAP_MS;
    points.push({ at: after.at, value: known ? ((to - from) * 1000) / elapsed : null });
  }
  return points;
}

export interface Cells {
  readonly now: number;
  readonly count: number;
  readonly stepMs: number;
}

/** Sums series on a common grid that ends now, oldest first. A series counts with its last value for up to a gap; a cell nobody knows is null. */
export function sumOnGrid(series: readonly (readonly RatePoint[])[], { now, count, stepMs }: Cells): readonly (number | null)[] {
  const cells = new Array<number | null>(count).fill(null);
  for (const points of series) {
    let next = 0;
    let last: RatePoint | null = null;
    for (let cell = 0; cell < count; cell++) {
      const end = now - (count - 1 - cell) * stepMs;
      for (let point = points[next]; point && point.at <= end; point = points[++next]) last = point;
      if (last === null || last.value === null || end - last.at > GAP_MS) continue;
      cells[cell] = (cells[cell] ?? 0) + last.value;
    }
  }
  return cells;
}
