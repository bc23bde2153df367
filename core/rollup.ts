/**
 * Rollups: the samples of one resource in buckets of a minute or an hour. Pure.
 *
 * Of gauges they keep count, sum, lowest and highest; of counters the increases: how many, their sum, over how long they were seen, and
 * the lowest and highest rate (tenths a second); each increase belongs to the bucket of its later sample, and none reaches over a restart
 * or a gap. Of latencies, which arrive as a percentile of the last second, they keep besides a histogram of those, weighted by the calls
 * of that second: not the latencies themselves, but it can be merged over time and instances, which an average of percentiles cannot. Of
 * states they keep the runs.
 *
 * Buckets are merged in any order and grouping with the same result; sums stop at SUM_MOST.
 */
import { columnsOf, type Column, type Kind } from "../protocol/kinds.ts";
import { mergeCells, type Cells } from "./latency-histogram.ts";
import type { DecodedPage, PageResource } from "./page.ts";
import { cutRuns, joinRuns, type StateRun } from "./state-runs.ts";

/** One column over a span. Arrays have one place a bucket; a bucket with count 0 has nothing in the others. */
export interface ColumnRollup {
  readonly column: Column;
  readonly count: Float64Array;
  readonly sum: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Of counters: milliseconds over which the increases were seen. */
  readonly seen: Float64Array;
  /** Of latencies. */
  readonly cells: (Cells | undefined)[];
  /** Of states; the arrays are empty then. */
  runs: readonly StateRun[];
}

export interface ResourceRollup {
  readonly kind: Kind;
  readonly name: string;
  /** Columns that were known at all, in the order of the kind. */
  readonly columns: Map<string, ColumnRollup>;
}

export interface BucketGrid {
  readonly from: number;
  readonly tierMs: number;
  /** Buckets. */
  readonly size: number;
}

/** Samples of one boot in order of time: places in a page. */
export interface OrderedChunk {
  readonly chunk: DecodedPage;
  readonly samples: readonly number[];
}

/** Counts calls in each kind that has latencies. Where there is none, each sample counts one. */
const CALLS: Partial<Record<Kind, string>> = {
  server: "requests",
  breaker: "calls",
  pool: "acquired",
  cache: "commands",
  consumer: "messages",
};

/** The column that latencies of a kind are weighed by, if it has one. */
export const callsColumn = (kind: Kind): string | undefined => CALLS[kind];
export const isLatency = (column: string): boolean => /p\d+us$/i.test(column);
export const resourceKey = ({ kind, name }: PageResource): string => `${kind}\n${name}`;

/** Where sums stop: one below the largest safe integer, because a page stores them one up. */
export const SUM_MOST = Number.MAX_SAFE_INTEGER - 1;
const plus = (a: number, b: number): number => Math.min(a + b, SUM_MOST);

export function emptyColumn(column: Column, size: number): ColumnRollup {
  const of = (length: number): Float64Array => new Float64Array(length);
  const buckets = column.type === "state" ? 0 : size;
  return {
    column,
    count: of(buckets),
    sum: of(buckets),
    low: of(buckets),
    high: of(buckets),
    seen: of(column.type === "counter" ? size : 0),
    cells: [],
    runs: [],
  };
}

export function columnIn(rollup: ResourceRollup, column: Column, size: number): ColumnRollup {
  let found = rollup.columns.get(column.name);
  if (!found) rollup.columns.set(column.name, (found = emptyColumn(column, size)));
  return found;
}

/** Adds bucket `i` of `from` to bucket `at` of `into`. */
function mergeBucket(into: ColumnRollup, at: number, from: ColumnRollup, i: number): void {
  const count = from.count[i] as number;
  if (count === 0) return;
  const none = into.count[at] === 0;
  into.low[at] = none ? (from.low[i] as number) : Math.min(into.low[at] as number, from.low[i] as number);
  into.high[at] = none ? (from.high[i] as number) : Math.max(into.high[at] as number, from.high[i] as number);
  into.count[at] = plus(into.count[at] as number, count);
  into.sum[at] = plus(into.sum[at] as number, from.sum[i] as number);
  if (from.seen.length > 0) into.seen[at] = plus(into.seen[at] as number, from.seen[i] as number);
  const cells = from.cells[i];
  if (cells) mergeCells((into.cells[at] ??= new Map<number, number>()), cells);
}

export function isEmpty({ count, runs }: ColumnRollup): boolean {
  return runs.length === 0 && count.every((one) => one === 0);
}

/** Several buckets into one: `size` buckets become `size / each`. */
export function coarsen(rollup: ResourceRollup, size: number, each: number): ResourceRollup {
  const columns = new Map<string, ColumnRollup>();
  for (const [name, fine] of rollup.columns) {
    const coarse = emptyColumn(fine.column, size / each);
    for (let i = 0; i < fine.count.length; i++) mergeBucket(coarse, Math.floor(i / each), fine, i);
    coarse.runs = fine.runs;
    columns.set(name, coarse);
  }
  return { ...rollup, columns };
}

/** Some of the buckets of a span, as a span of its own. */
export function sliceRollup(rollup: ResourceRollup, grid: BucketGrid, part: BucketGrid): ResourceRollup {
  const columns = new Map<string, ColumnRollup>();
  const start = (part.from - grid.from) / grid.tierMs;
  for (const [name, whole] of rollup.columns) {
    const column = emptyColumn(whole.column, part.size);
    for (let i = 0; i < column.count.length; i++) mergeBucket(column, i, whole, start + i);
    column.runs = cutRuns(whole.runs, part.from, part.from + part.size * part.tierMs);
    if (!isEmpty(column)) columns.set(name, column);
  }
  return { ...rollup, columns };
}

export interface Placing {
  readonly grid: BucketGrid;
  /** What the part covers; lies inside the grid. */
  readonly part: BucketGrid;
  /** `replace`: the part is the whole truth about its time. `fill`: what is there stays, and only what is empty is filled. */
  readonly mode: "replace" | "fill";
}

/** Puts a part into a span. Either may be absent. Answers null when nothing is left. */
export function placeRollup(
  whole: ResourceRollup | null,
  part: ResourceRollup | null,
  { grid, part: window, mode }: Placing,
): ResourceRollup | null {
  const source = whole ?? part;
  if (!source) return null;
  const columns = new Map<string, ColumnRollup>();
  const start = (window.from - grid.from) / window.tierMs;
  const end = window.from + window.size * window.tierMs;
  for (const column of columnsOf(source.kind)) {
    const [old, fresh] = [whole?.columns.get(column.name), part?.columns.get(column.name)];
    const made = emptyColumn(column, grid.size);
    for (let i = 0; i < made.count.length; i++) {
      const inside = i >= start && i < start + window.size;
      if (old && (!inside || mode === "fill")) mergeBucket(made, i, old, i);
      if (fresh && inside && made.count[i] === 0) mergeBucket(made, i, fresh, i - start);
    }
    const kept = old?.runs ?? [];
    const added = fresh?.runs ?? [];
    made.runs =
      mode === "replace"
        ? joinRuns(cutRuns(kept, grid.from, window.from), added, cutRuns(kept, end, Infinity))
        : joinRuns(
            [...kept, ...added.filter((run) => !kept.some((one) => one.from <= run.to && run.from <= one.to))].sort(
              (a, b) => a.from - b.from,
            ),
          );
    if (!isEmpty(made)) columns.set(column.name, made);
  }
  return columns.size === 0 ? null : { kind: source.kind, name: source.name, columns };
}
