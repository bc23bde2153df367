/**
 * From samples to the steps of a chart. Pure.
 *
 * Gauges keep their lowest and highest value of a step, so a spike survives; states their last and their highest number; counters
 * become the increase a second over the time that was really seen, never across a restart or a gap. A step without samples is a gap.
 */
import type { ColumnType } from "../protocol/kinds.ts";

/** Samples further apart than this belong to no common rate. */
const COUNTER_GAP_MS = 10_000;

export interface SeriesWindow {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
}

/** [start of the step, low or last, high]; null in a gap. */
export type SeriesPoint = [number, number | null, number | null];

/** Collects one column of one instance over a window. Samples must come in order of time within a boot. */
export class SeriesFold {
  readonly #type: ColumnType;
  readonly #window: SeriesWindow;
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  #lastAt = -Infinity;
  #lastSlot = 0;
  #lastBoot = "";

  constructor(type: ColumnType, window: SeriesWindow) {
    this.#type = type;
    this.#window = window;
    const steps = Math.max(1, Math.ceil((window.to - window.from) / window.stepMs));
    this.#low = new Float64Array(steps).fill(Number.NaN);
    this.#high = new Float64Array(steps).fill(Number.NaN);
  }

  /** @param slot value + 1, or 0 for unknown. */
  add(boot: string, at: number, slot: number): void {
    const step = Math.floor((at - this.#window.from) / this.#window.stepMs);
    if (this.#type === "counter") this.#count({ boot, at, slot, step });
    else if (slot !== 0 && step >= 0 && step < this.#low.length) this.#gauge(step, slot - 1);
  }

  #gauge(step: number, value: number): void {
    const low = this.#low[step] as number;
    const high = this.#high[step] as number;
    this.#low[step] = this.#type === "state" || Number.isNaN(low) ? value : Math.min(low, value);
    this.#high[step] = Number.isNaN(high) ? value : Math.max(high, value);
  }

  /** `low` sums increases, `high` the milliseconds over which they were seen. */
  #count({ boot, at, slot, step }: { boot: string; at: number; slot: number; step: number }): void {
    const elapsed = at - this.#lastAt;
    if (slot !== 0 && this.#lastSlot !== 0 && boot === this.#lastBoot && elapsed > 0 && elapsed <= COUNTER_GAP_MS && slot >= this.#lastSlot && step >= 0 && step < this.#low.length) {
      this.#low[step] = (Number.isNaN(this.#low[step] as number) ? 0 : (this.#low[step] as number)) + slot - this.#lastSlot;
      this.#high[step] = (Number.isNaN(this.#high[step] as number) ? 0 : (this.#high[step] as number)) + elapsed;
    }
    this.#lastAt = at;
    this.#lastSlot = slot;
    this.#lastBoot = boot;
  }

  points(): SeriesPoint[] {
    return Array.from(this.#low, (low, i) => {
      const at = this.#window.from + i * this.#window.stepMs;
      const high = this.#high[i] as number;
      if (Number.isNaN(low)) return [at, null, null];
      if (this.#type !== "counter") return [at, low, high];
      const rate = (low * 1000) / high;
      return [at, rate, rate];
    });
  }
}
