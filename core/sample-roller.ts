/** From samples to rollups, chunk by chunk: what was rolled up so far can be looked at, copied and gone on with. Pure. */
import { columnsOf } from "../protocol/kinds.ts";
import { addToCells, cellOf } from "./latency-histogram.ts";
import type { PageResource } from "./page.ts";
import {
  callsColumn,
  columnIn,
  isEmpty,
  isLatency,
  resourceKey,
  SUM_MOST,
  type BucketGrid,
  type ColumnRollup,
  type OrderedChunk,
  type ResourceRollup,
} from "./rollup.ts";
import { GAP_MS } from "./series.ts";
import { cutRuns, joinRuns, RunsOfSamples, type StateRun } from "./state-runs.ts";

/** Rolls samples up; those outside the grid count only as the ones before and after. Each boot is a list of chunks in order. */
export function rollSamples(boots: readonly (readonly OrderedChunk[])[], grid: BucketGrid): Map<string, ResourceRollup> {
  const roller = new SampleRoller(grid);
  for (const boot of boots) {
    roller.restart();
    for (const chunk of boot) roller.add(chunk);
  }
  return roller.result();
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

export class SampleRoller {
  readonly #grid: BucketGrid;
  readonly #rollups = new Map<string, ResourceRollup>();
  #befores = new Map<ColumnRollup, Before>();
  /** Of the boots before. */
  readonly #runs = new Map<ColumnRollup, readonly (readonly StateRun[])[]>();

  constructor(grid: BucketGrid) {
    this.#grid = grid;
  }

  /** A new boot: nothing that follows is compared with what came before. */
  restart(): void {
    for (const [into, { runs }] of this.#befores) if (runs) this.#runs.set(into, [...(this.#runs.get(into) ?? []), runs.end()]);
    this.#befores = new Map();
  }

  /** What follows in order of time. */
  add({ chunk, samples }: OrderedChunk): void {
    const { from, tierMs, size } = this.#grid;
    const byResource = new Map<PageResource, { readonly name: string; readonly values: Float64Array }[]>();
    for (const column of chunk.columns) {
      const known = byResource.get(column.resource);
      if (known) known.push({ name: column.column, values: column.values });
      else byResource.set(column.resource, [{ name: column.column, values: column.values }]);
    }
    const buckets = new Int32Array(samples.length);
    for (let n = 0; n < buckets.length; n++) {
      const bucket = Math.floor(((chunk.times[samples[n] as number] as number) - from) / tierMs);
      buckets[n] = bucket >= 0 && bucket < size ? bucket : -1;
    }
    for (const [resource, columns] of byResource) {
      const key = resourceKey(resource);
      let rollup = this.#rollups.get(key);
      if (!rollup) this.#rollups.set(key, (rollup = { kind: resource.kind, name: resource.name, columns: new Map() }));
      /** Calls in each sample; null where each sample counts one. */
      let calls: Float64Array | null = null;
      for (const { name, values } of columns) {
        const column = columnsOf(resource.kind).find((one) => one.name === name);
        if (!column) continue;
        const into = columnIn(rollup, column, size);
        let before = this.#befores.get(into);
        if (!before) this.#befores.set(into, (before = { at: 0, slot: 0, runs: column.type === "state" ? new RunsOfSamples() : null }));
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

  /** Goes its own way from here. */
  copy(): SampleRoller {
    const copy = new SampleRoller(this.#grid);
    for (const [key, rollup] of this.#rollups) {
      const columns = new Map<string, ColumnRollup>();
      copy.#rollups.set(key, { ...rollup, columns });
      for (const [name, column] of rollup.columns) {
        const same = copyOf(column);
        columns.set(name, same);
        const before = this.#befores.get(column);
        if (before) copy.#befores.set(same, { ...before, runs: before.runs && before.runs.copy() });
        const runs = this.#runs.get(column);
        if (runs) copy.#runs.set(same, runs);
      }
    }
    return copy;
  }

  /** Shares its numbers: it holds until more is added. */
  result(): Map<string, ResourceRollup> {
    const end = this.#grid.from + this.#grid.tierMs * this.#grid.size;
    const result = new Map<string, ResourceRollup>();
    for (const [key, rollup] of this.#rollups) {
      const columns = new Map<string, ColumnRollup>();
      for (const [name, column] of rollup.columns) {
        const open = this.#befores.get(column)?.runs?.copy().end() ?? [];
        const runs = cutRuns(joinRuns(...(this.#runs.get(column) ?? []), open), this.#grid.from, end);
        const made = runs.length === 0 ? column : { ...column, runs };
        if (!isEmpty(made)) columns.set(name, made);
      }
      if (columns.size > 0) result.set(key, { ...rollup, columns });
    }
    return result;
  }
}

function copyOf({ count, sum, low, high, seen, cells, ...column }: ColumnRollup): ColumnRollup {
  return {
    ...column,
    count: count.slice(),
    sum: sum.slice(),
    low: low.slice(),
    high: high.slice(),
    seen: seen.slice(),
    cells: cells.map((cell) => cell && new Map(cell)),
  };
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
