/**
 * From samples to the steps of a chart. Pure.
 *
 * A gauge keeps its lowest and highest value of a step, so a spike survives; a state its last and its highest number; a counter becomes
 * the increase a second over the time that was really seen, never across a restart, a fall or a gap. A step without samples is a gap.
 */
import type { SeriesAnswer, SeriesColumns, SeriesPoint } from "../protocol/api.ts";
import type { ColumnType } from "../protocol/kinds.ts";

/** Samples further apart than this belong to no common rate. Twice the slowest cadence a console asks for. */
export const GAP_MS = 10_000;

export interface SeriesWindow {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
}

/** Steps in a window; the last one may reach past its end. */
export function stepsOf({ from, to, stepMs }: SeriesWindow): number {
  return Math.max(1, Math.ceil((to - from) / stepMs));
}

/** Buckets of a gauge or a counter; `count` 0 is an empty one. `seen` is of counters: over how long increases were seen, ms. */
export interface RolledBuckets {
  readonly count: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly sum: Float64Array;
  readonly seen: Float64Array;
}

/** Some of the buckets of a span: from place `first` to before `end`. */
export interface BucketStretch {
  /** Where the span begins. */
  readonly from: number;
  readonly tierMs: number;
  readonly first: number;
  readonly end: number;
}

/** Collects one column of one instance over a window. Samples come in order of time within a boot, one boot after the other. */
export class SeriesFold {
  readonly #type: ColumnType;
  readonly #window: SeriesWindow;
  /** Gauge: lowest. State: last. Counter: sum of increases. */
  readonly #first: Float64Array;
  /** Gauge and state: highest. Counter: milliseconds over which the increases were seen. */
  readonly #second: Float64Array;
  /** State: time of the last one in each step, for runs and samples may come in turns. */
  readonly #firstAt: Float64Array;
  #lastAt = 0;
  #lastSlot = 0;

  constructor(type: ColumnType, window: SeriesWindow) {
    this.#type = type;
    this.#window = window;
    const steps = stepsOf(window);
    this.#first = new Float64Array(steps).fill(Number.NaN);
    this.#second = new Float64Array(steps).fill(type === "counter" ? 0 : Number.NaN);
    this.#firstAt = new Float64Array(type === "state" ? steps : 0).fill(-Infinity);
  }

  /** A new boot: nothing that follows is compared with what came before. */
  restart(): void {
    this.#lastSlot = 0;
  }

  /** Samples outside the window, or not `counted`, serve only as the one before. @param slot value + 1, or 0 for unknown. */
  add(at: number, slot: number, counted = true): void {
    const { from, to, stepMs } = this.#window;
    if (counted && at >= from && at < to && slot !== 0) {
      const step = Math.floor((at - from) / stepMs);
      if (this.#type === "counter") this.#increase(step, at, slot);
      else if (this.#type === "gauge") this.#range(step, slot - 1, slot - 1);
      else this.#state(step, slot - 1, at);
    }
    if (slot === 0) return;
    this.#lastAt = at;
    this.#lastSlot = slot;
  }

  /** Rolled-up buckets, each of which lies in one step. */
  addBuckets({ count, low, high, sum, seen }: RolledBuckets, stretch: BucketStretch): void {
    const { from, to, stepMs } = this.#window;
    const { tierMs } = stretch;
    const first = Math.max(stretch.first, Math.ceil((from - stretch.from) / tierMs));
    const end = Math.min(stretch.end, Math.ceil((to - stretch.from) / tierMs));
    const counter = this.#type === "counter";
    for (let i = first; i < end; i++) {
      if (count[i] === 0) continue;
      const step = Math.floor((stretch.from + i * tierMs - from) / stepMs);
      if (counter) this.#sum(step, sum[i] as number, seen[i] as number);
      else this.#range(step, low[i] as number, high[i] as number);
    }
  }

  /** A state that held from one time until another, not included; both may be the same. */
  addRun(run: { readonly from: number; readonly to: number; readonly state: number }): void {
    const { from, to, stepMs } = this.#window;
    if (run.from >= to || run.to < from) return;
    const first = Math.max(0, Math.floor((run.from - from) / stepMs));
    const last = Math.min(this.#first.length - 1, Math.floor((Math.max(run.from, run.to - 1) - from) / stepMs));
    for (let step = first; step <= last; step++) this.#state(step, run.state, Math.min(run.to, from + (step + 1) * stepMs));
  }

  #range(step: number, low: number, high: number): void {
    if (!((this.#first[step] as number) <= low)) this.#first[step] = low;
    if (!((this.#second[step] as number) >= high)) this.#second[step] = high;
  }

  #state(step: number, state: number, at: number): void {
    if (at >= (this.#firstAt[step] as number)) {
      this.#first[step] = state;
      this.#firstAt[step] = at;
    }
    if (!((this.#second[step] as number) >= state)) this.#second[step] = state;
  }

  #sum(step: number, sum: number, seen: number): void {
    const before = this.#first[step] as number;
    this.#first[step] = (Number.isNaN(before) ? 0 : before) + sum;
    this.#second[step] = (this.#second[step] as number) + seen;
  }

  #increase(step: number, at: number, slot: number): void {
    const elapsed = at - this.#lastAt;
    if (this.#lastSlot === 0 || elapsed <= 0 || elapsed > GAP_MS || slot < this.#lastSlot) return;
    this.#sum(step, slot - this.#lastSlot, elapsed);
  }

  /** Its own numbers, not a copy. */
  lists(): SeriesLists {
    const [values, second] = [this.#first, this.#second];
    if (this.#type === "counter") return { values, overMs: second };
    return second.every((high, step) => Object.is(high, values[step])) ? { values } : { values, highest: second };
  }
}

/** One place a step; neither null nor NaN is a value. */
export interface SeriesLists {
  readonly values: ArrayLike<number | null>;
  readonly highest?: ArrayLike<number | null> | undefined;
  readonly overMs?: ArrayLike<number> | undefined;
}

/** `SeriesColumns` before it is written down. */
export interface SeriesNumbers extends Omit<SeriesColumns, "series"> {
  readonly series: readonly (Omit<SeriesColumns["series"][number], keyof SeriesLists> & SeriesLists)[];
}

/** An answer as points. */
export function withPoints({ series, ...answer }: SeriesNumbers): SeriesAnswer {
  const { from, stepMs } = answer;
  const known = (value: number | null | undefined): number | null => (value === undefined || Number.isNaN(value) ? null : value);
  return {
    ...answer,
    series: series.map(({ values, highest, overMs, ...names }) => ({
      ...names,
      points: Array.from(values, (found, step): SeriesPoint => {
        const at = from + step * stepMs;
        const value = known(found);
        if (value === null) return [at, null, null];
        if (!overMs) return [at, value, highest ? known(highest[step]) : value];
        const rate = (value * 1000) / (overMs[step] as number);
        return [at, rate, rate];
      }),
    })),
  };
}
