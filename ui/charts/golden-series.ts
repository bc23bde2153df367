/** The golden signals of a service out of stored samples: sums where sums are true, worst instance where they are not. */
import type { SeriesAnswer } from "../../protocol/api.ts";
import { formatNumber } from "./format.ts";
import type { TimeSpan } from "./time-window.ts";

export interface GoldenPoint {
  readonly at: number;
  /** Requests a second over all instances. */
  readonly requests: number | null;
  /** Failed requests, in percent of all. */
  readonly errors: number | null;
  /** Milliseconds; of the worst instance, for percentiles do not add up. */
  readonly p99: number | null;
  /** Use of the fullest pool or bulkhead on any instance, in percent. */
  readonly saturation: number | null;
}

export type Series = SeriesAnswer["series"][number];
type Points = Series["points"];

export interface Grid {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
}

/** Rates a second of a counter on the grid: the mean of those known in a step; none known is a gap. */
export function counterRates(points: Points, grid: Grid): readonly (number | null)[] {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const [at, low, high] of points) {
    const value = high ?? low;
    if (value === null) continue;
    const cell = cellOf(at, grid);
    const so = sums.get(cell) ?? { sum: 0, count: 0 };
    sums.set(cell, { sum: so.sum + value, count: so.count + 1 });
  }
  return emptyCells(grid).map((_, cell) => {
    const known = sums.get(cell);
    return known === undefined ? null : known.sum / known.count;
  });
}

/** A gauge on the grid; a step keeps its highest value. */
export function gaugeCells(points: Points, grid: Grid): readonly (number | null)[] {
  const cells = emptyCells(grid);
  for (const [at, low, high] of points) {
    const value = high ?? low;
    const cell = cellOf(at, grid);
    if (value === null || cell < 0 || cell >= cells.length) continue;
    cells[cell] = Math.max(cells[cell] ?? -Infinity, value);
  }
  return cells;
}

export function goldenSeries(series: readonly Series[], grid: Grid): readonly GoldenPoint[] {
  const of = (kind: string, column: string) => series.filter((entry) => entry.kind === kind && entry.column === column);
  const requests = sumCells(of("server", "requests").map((entry) => counterRates(entry.points, grid)));
  const errors = sumCells(of("server", "errors").map((entry) => counterRates(entry.points, grid)));
  const p99 = maxCells(of("server", "p99Us").map((entry) => gaugeCells(entry.points, grid)));
  const saturation = maxCells([...saturations(series, grid, "pool"), ...saturations(series, grid, "bulkhead")]);
  return emptyCells(grid).map((_, i) => {
    const asked = requests[i] ?? null;
    const failed = errors[i] ?? null;
    const slowest = p99[i] ?? null;
    return {
      at: grid.from + (i + 1) * grid.stepMs,
      requests: asked,
      errors: asked === null || failed === null ? null : asked > 0 ? Math.min(100, (failed / asked) * 100) : 0,
      p99: slowest === null ? null : slowest / 1000,
      saturation: saturation[i] ?? null,
    };
  });
}

/** From the first to the last point: what a chart of them is drawn over. */
export const drawnSpan = (points: readonly GoldenPoint[], { from, to }: TimeSpan): TimeSpan => ({
  from: points[0]?.at ?? from,
  to: points.at(-1)?.at ?? to,
});

/** What is drawn at a moment, in words. Points name the end of their step. */
export function goldenReadout(
  points: readonly GoldenPoint[],
  column: Exclude<keyof GoldenPoint, "at">,
  format: (value: number | null) => string,
): (at: number) => string | null {
  return (at) => {
    const point = points.find((candidate) => candidate.at >= at);
    if (point === undefined) return null;
    const value = point[column];
    return value === null ? "not heard" : format(value);
  };
}

/** The same of lists of values on a grid, one number each. */
export function cellReadout(lanes: readonly (readonly (number | null)[])[], grid: Grid): (at: number) => string | null {
  return (at) => {
    const cell = cellOf(at, grid);
    return cell < 0 ? null : lanes.map((lane) => formatNumber(lane[cell] ?? null)).join(" / ");
  };
}

/** Of stored series what was known at a moment: a step that ends later tells of what came after. */
export function asOf(series: readonly Series[], at: number): readonly Series[] {
  return series.map((entry) => ({ ...entry, points: entry.points.filter(([end]) => end <= at) }));
}

/** Stored points name the start of their step; the grid counts by its end. */
export function atStepEnd(answer: SeriesAnswer): readonly Series[] {
  return answer.series.map((entry) => ({ ...entry, points: entry.points.map(([at, low, high]) => [at + answer.stepMs, low, high]) }));
}

/**
 * History with what this browser heard since. The live values win from the first of them on, so that nothing is there twice and no
 * hole between the two is bridged.
 */
export function joinSeries(history: readonly Series[], live: readonly Series[]): readonly Series[] {
  const joined = new Map(history.map((entry) => [seriesKey(entry), entry]));
  for (const entry of live) {
    const key = seriesKey(entry);
    const first = entry.points[0]?.[0] ?? Infinity;
    const before = joined.get(key)?.points.filter(([at]) => at < first) ?? [];
    joined.set(key, { ...entry, points: [...before, ...entry.points] });
  }
  return [...joined.values()];
}

/** A grid whose cells stand still while its window moves on. */
export function gridAt(now: number, { windowMs, stepMs }: { readonly windowMs: number; readonly stepMs: number }): Grid {
  const to = Math.ceil(now / stepMs) * stepMs;
  return { from: to - windowMs, to, stepMs };
}

function seriesKey(entry: Series): string {
  return `${entry.instance} ${entry.kind} ${entry.resource} ${entry.column}`;
}

function saturations(series: readonly Series[], grid: Grid, kind: "pool" | "bulkhead"): readonly (readonly (number | null)[])[] {
  const limits = new Map(
    series
      .filter((entry) => entry.kind === kind && entry.column === "max")
      .map((entry) => [`${entry.instance} ${entry.resource}`, entry.points]),
  );
  return series
    .filter((entry) => entry.kind === kind && entry.column === "inUse")
    .map((entry) => {
      const limit = gaugeCells(limits.get(`${entry.instance} ${entry.resource}`) ?? [], grid);
      return gaugeCells(entry.points, grid).map((used, i) => {
        const max = limit[i] ?? null;
        return used === null || max === null || max === 0 ? null : (used / max) * 100;
      });
    });
}

/** The last step may still run: it has no sum before everybody who was in the step before is heard in it, or it would look like a fall. */
function sumCells(lanes: readonly (readonly (number | null)[])[]): readonly (number | null)[] {
  const sums = combine(lanes, (a, b) => a + b);
  const last = sums.length - 1;
  const isOut = lanes.some((lane) => typeof lane[last - 1] === "number" && typeof lane[last] !== "number");
  return isOut ? sums.slice(0, -1) : sums;
}

function maxCells(lanes: readonly (readonly (number | null)[])[]): readonly (number | null)[] {
  return combine(lanes, Math.max);
}

function combine(lanes: readonly (readonly (number | null)[])[], join: (a: number, b: number) => number): readonly (number | null)[] {
  const longest = lanes.reduce((length, lane) => Math.max(length, lane.length), 0);
  return Array.from({ length: longest }, (_, i) =>
    lanes.reduce<number | null>((so, lane) => {
      const value = lane[i] ?? null;
      return value === null ? so : so === null ? value : join(so, value);
    }, null),
  );
}

function emptyCells(grid: Grid): (number | null)[] {
  return Array.from({ length: Math.max(0, Math.ceil((grid.to - grid.from) / grid.stepMs)) }, () => null);
}

function cellOf(at: number, grid: Grid): number {
  return Math.ceil((at - grid.from) / grid.stepMs) - 1;
}
