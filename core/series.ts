/**
 * From samples to the steps of a chart. Pure.
 *
 * A gauge keeps its lowest and highest value of a step, so a spike survives; a state its last and its highest number; a counter becomes
 * the increase a second over the time that was really seen, never across a restart, a fall or a gap. A step without samples is a gap.
 */
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

/** [start of the step, low or last or rate, high or rate]; null in a gap. */
export type SeriesPoint = [number, number | null, number | null];

/** Collects one column of one instance over a window. Samples come in order of time within a boot, one boot after the other. */
export class SeriesFold {
  readonly #type: ColumnType;
  readonly #window: SeriesWindow;
  /** Gauge: lowest. State: last. Counter: sum of increases. */
  readonly #first: Float64Array;
  /** Gauge and state: highest. Counter: milliseconds over which the increases were seen. */
  readonly #second: Float64Array;
  #lastAt = 0;
  #lastSlot = 0;

  constructor(type: ColumnType, window: SeriesWindow) {
    this.#type = type;
    this.#window = window;
    const steps = stepsOf(window);
    this.#first = new Float64Array(steps).fill(Number.NaN);
    this.#second = new Float64Array(steps).fill(type === "counter" ? 0 : Number.NaN);
  }

  /** A new boot: nothing that follows is compared with what came before. */
  restart(): void {
    this.#lastSlot = 0;
  }

  /** Samples outside the window count only as the one before. @param slot value + 1, or 0 for unknown. */
  add(at: number, slot: number): void {
    const { from, to, stepMs } = this.#window;
    if (at >= from && at < to && slot !== 0) {
      const step = Math.floor((at - from) / stepMs);
      if (this.#type === "counter") this.#increase(step, at, slot);
      else this.#value(step, slot - 1);
    }
    if (slot === 0) return;
    this.#lastAt = at;
    this.#lastSlot = slot;
  }

  #value(step: number, value: number): void {
    const first = this.#first[step] as number;
    const highest = this.#second[step] as number;
    if (this.#type === "state" || !(first <= value)) this.#first[step] = value;
    if (!(highest >= value)) this.#second[step] = value;
  }

  #increase(step: number, at: number, slot: number): void {
    const elapsed = at - this.#lastAt;
    if (this.#lastSlot === 0 || elapsed <= 0 || elapsed > GAP_MS || slot < this.#lastSlot) return;
    const sum = this.#first[step] as number;
    this.#first[step] = (Number.isNaN(sum) ? 0 : sum) + slot - this.#lastSlot;
    this.#second[step] = (this.#second[step] as number) + elapsed;
  }

  points(): SeriesPoint[] {
    const { from, stepMs } = this.#window;
    const points: SeriesPoint[] = [];
    for (let step = 0; step < this.#first.length; step++) {
      const at = from + step * stepMs;
      const first = this.#first[step] as number;
      const second = this.#second[step] as number;
      if (Number.isNaN(first)) points.push([at, null, null]);
      else if (this.#type === "counter") points.push([at, (first * 1000) / second, (first * 1000) / second]);
      else points.push([at, first, second]);
    }
    return points;
  }
}
