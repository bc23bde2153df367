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
import { addToCells, cellOf, mergeCells, type Cells } from "./latency-histogram.ts";
import type { DecodedPage, PageResource } from "./page.ts";
import { GAP_MS } from "./series.ts";
import { cutRuns, joinRuns, RunsOfSamples, type StateRun } from "./state-runs.ts";

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

/** @param value what lowest and highest are of @param amount what is added up */
function addValue(into: ColumnRollup, at: number, value: number, amount: number): void {
  const { low, high, count, sum } = into;
  const before = count[at] as number;
  if (before === 0 || value < (low[at] as number)) low[at] = value;
  if (before === 0 || value > (high[at] as number)) high[at] = value;
  count[at] = before + 1;
  const total = (sum[at] as number) + amount;
  sum[at] = total < SUM_MOST ? total : SUM_MOST;
}

/** What a column was at the sample before, within one boot. */
interface Before {
  at: number;
  slot: number;
  readonly runs: RunsOfSamples | null;
}

/** Rolls samples up; those outside the grid count only as the ones before and after. Each boot is a list of chunks in order. */
export function rollSamples(boots: readonly (readonly OrderedChunk[])[], grid: BucketGrid): Map<string, ResourceRollup> {
  const rollups = new Map<string, ResourceRollup>();
  const end = grid.from + grid.tierMs * grid.size;
  const runs = new Map<ColumnRollup, (readonly StateRun[])[]>();
  for (const boot of boots) {
    const befores = new Map<ColumnRollup, Before>();
    for (const { chunk, samples } of boot) {
      const byResource = new Map<PageResource, { readonly name: string; readonly values: Float64Array }[]>();
      for (const column of chunk.columns) {
        const known = byResource.get(column.resource);
        if (known) known.push({ name: column.column, values: column.values });
        else byResource.set(column.resource, [{ name: column.column, values: column.values }]);
      }
      const buckets = new Int32Array(samples.length);
      for (let n = 0; n < buckets.length; n++) {
        const at = chunk.times[samples[n] as number] as number;
        buckets[n] = at >= grid.from && at < end ? Math.floor((at - grid.from) / grid.tierMs) : -1;
      }
      for (const [resource, columns] of byResource) {
        const key = resourceKey(resource);
        let rollup = rollups.get(key);
        if (!rollup) rollups.set(key, (rollup = { kind: resource.kind, name: resource.name, columns: new Map() }));
        /** Calls in each sample; null where each sample counts one. */
        let calls: Float64Array | null = null;
        for (const { name, values } of columns) {
          const column = columnsOf(resource.kind).find((one) => one.name === name);
          if (!column) continue;
          const into = columnIn(rollup, column, grid.size);
          let before = befores.get(into);
          if (!before) befores.set(into, (before = { at: 0, slot: 0, runs: column.type === "state" ? new RunsOfSamples() : null }));
          const feed = { times: chunk.times, samples, values, buckets };
          if (before.runs) {
            const { runs } = before;
            for (const i of samples) runs.add(chunk.times[i] as number, values[i] as number);
          } else if (column.type === "counter") {
            const increases = addIncreases(into, before, feed);
            if (name === callsColumn(resource.kind)) calls = increases;
          } else {
            addGauge(into, feed);
            if (isLatency(name)) addLatencies(into, feed, calls);
          }
        }
      }
    }
    for (const [into, before] of befores) if (before.runs) runs.set(into, [...(runs.get(into) ?? []), before.runs.end()]);
  }
  for (const [into, lists] of runs) into.runs = cutRuns(joinRuns(...lists), grid.from, end);
  for (const [key, rollup] of rollups) {
    for (const [name, column] of rollup.columns) if (isEmpty(column)) rollup.columns.delete(name);
    if (rollup.columns.size === 0) rollups.delete(key);
  }
  return rollups;
}

interface Feed {
  readonly times: Float64Array;
  readonly samples: readonly number[];
  /** Slot numbers. */
  readonly values: Float64Array;
  /** Bucket of each sample, -1 outside the grid. */
  readonly buckets: Int32Array;
}

/** Answers the increase of each sample; 0 where there is none to tell. */
function addIncreases(into: ColumnRollup, before: Before, { times, samples, values, buckets }: Feed): Float64Array {
  const increases = new Float64Array(samples.length);
  let { at: lastAt, slot: lastSlot } = before;
  for (let n = 0; n < samples.length; n++) {
    const i = samples[n] as number;
    const slot = values[i] as number;
    if (slot === 0) continue;
    const at = times[i] as number;
    const elapsed = at - lastAt;
    if (lastSlot !== 0 && elapsed > 0 && elapsed <= GAP_MS && slot >= lastSlot) {
      const increase = (increases[n] = slot - lastSlot);
      const bucket = buckets[n] as number;
      if (bucket >= 0) {
        addValue(into, bucket, Math.min(SUM_MOST, Math.round((increase * 10_000) / elapsed)), increase);
        into.seen[bucket] = (into.seen[bucket] as number) + elapsed;
      }
    }
    lastAt = at;
    lastSlot = slot;
  }
  before.at = lastAt;
  before.slot = lastSlot;
  return increases;
}

function addGauge(into: ColumnRollup, { samples, values, buckets }: Feed): void {
  for (let n = 0; n < samples.length; n++) {
    const slot = values[samples[n] as number] as number;
    const bucket = buckets[n] as number;
    if (bucket >= 0 && slot !== 0) addValue(into, bucket, slot - 1, slot - 1);
  }
}

/** Weight by cell of the bucket at hand, and which cells it filled: a map is written once a bucket, not once a sample. */
const weights = new Float64Array(cellOf(Number.MAX_SAFE_INTEGER) + 1);

/** @param calls in each sample; null where each counts one */
function addLatencies(into: ColumnRollup, { samples, values, buckets }: Feed, calls: Float64Array | null): void {
  let current = -1;
  let filled: number[] = [];
  const flush = (): void => {
    if (filled.length === 0) return;
    const cells = (into.cells[current] ??= new Map<number, number>());
    for (const cell of filled) {
      addToCells(cells, cell, weights[cell] as number);
      weights[cell] = 0;
    }
    filled = [];
  };
  for (let n = 0; n < samples.length; n++) {
    const slot = values[samples[n] as number] as number;
    const bucket = buckets[n] as number;
    const weight = calls === null ? 1 : (calls[n] as number);
    if (bucket < 0 || slot === 0 || weight === 0) continue;
    if (bucket !== current) {
      flush();
      current = bucket;
    }
    const cell = cellOf(slot - 1);
    if (weights[cell] === 0) filled.push(cell);
    weights[cell] = (weights[cell] as number) + weight;
  }
  flush();
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
