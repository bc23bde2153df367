/**
 * The packed rollup of one resource over a span of buckets.
 *
 *   byte     version
 *   varint   kind (its place in KIND_NAMES), number of buckets
 *   for each column of the kind
 *     byte   ABSENT, or what follows
 *     of a state     length and checksum of its body
 *     of others      block of counts (unless as in the column before); of a counter, block of the milliseconds seen (unless as in the
 *                    counter before); length and checksum of its body
 *   4 bytes  CRC-32 of everything before
 *   bodies, in that order: of a state its number of runs, blocks of pauses before them, lengths, states; of others blocks of the lowest,
 *   highest less lowest, sum (less count times lowest, where that fits) of the buckets that have any; of a latency then numbers of cells,
 *   first cells, steps between cells, weights
 *
 * Blocks are those of page-codings.ts: the coding is chosen for each by size. They hold numbers from 1, so a number from 0 is stored one up. A column
 * that is not wanted is neither read nor checked.
 */
import { columnsOf, KIND_NAMES, type Column, type Kind } from "../protocol/kinds.ts";
import type { Cells } from "./latency-histogram.ts";
import { BitSink, BitSource, PageError } from "./page-bits.ts";
import { readBlock } from "./page-block-reader.ts";
import { writeBlock } from "./page-block-writer.ts";
import { crc32 } from "./page-checksum.ts";
import { emptyColumn, SUM_MOST, type ColumnRollup, type ResourceRollup } from "./rollup.ts";
import type { StateRun } from "./state-runs.ts";

const VERSION = 1;
const MAX_BUCKETS = 10_000;
const MAX_ITEMS = 10_000_000;

const ABSENT = 0;
const PRESENT = 1;
/** Counts are those of the column before. */
const SAME_COUNTS = 2;
/** Times seen are those of the counter before. */
const SAME_SEEN = 4;
/** Sums are whole, because the difference does not fit. */
const WHOLE_SUMS = 8;
const HAS_CELLS = 16;

const head = new BitSink();
const rest = new BitSink();
const bodies = new BitSink();

/** @param from start of the span: runs are counted from it. */
export function encodeRollup(rollup: ResourceRollup, { from, size }: { readonly from: number; readonly size: number }): Uint8Array {
  head.reset();
  bodies.reset();
  head.byte(VERSION);
  head.varint(KIND_NAMES.indexOf(rollup.kind));
  head.varint(size);
  const before: Before = { count: null, seen: null };
  for (const { name, type } of columnsOf(rollup.kind)) {
    const column = rollup.columns.get(name);
    if (!column) head.byte(ABSENT);
    else if (type === "state") writeRuns(column.runs, from);
    else writeBuckets(column, size, before);
  }
  putChecksum(head, crc32(head.bytes, head.at));
  const sealed = new Uint8Array(head.at + bodies.at);
  sealed.set(head.bytes.subarray(0, head.at));
  sealed.set(bodies.bytes.subarray(0, bodies.at), head.at);
  return sealed;
}

function putChecksum(sink: BitSink, crc: number): void {
  for (let i = 0; i < 4; i++) sink.byte((crc >>> (8 * i)) & 255);
}

function takeChecksum(input: BitSource): number {
  let crc = 0;
  for (let i = 0; i < 4; i++) crc += input.byte() * 2 ** (8 * i);
  return crc;
}

interface Before {
  count: Float64Array | null;
  seen: Float64Array | null;
}

const same = (a: Float64Array | null, b: Float64Array): boolean => a?.length === b.length && a.every((value, i) => value === b[i]);
const write = (values: Float64Array, sink = rest): void => writeBlock(sink, values, values.length);

function writeBody(): void {
  head.varint(rest.at);
  putChecksum(head, crc32(rest.bytes, rest.at));
  bodies.reserve(rest.at);
  bodies.bytes.set(rest.bytes.subarray(0, rest.at), bodies.at);
  bodies.at += rest.at;
  rest.reset();
}

function writeBuckets(column: ColumnRollup, size: number, before: Before): void {
  const filled: number[] = [];
  for (let i = 0; i < size; i++) if (column.count[i] !== 0) filled.push(i);
  const pick = (value: (i: number) => number): Float64Array => {
    const picked = new Float64Array(filled.length);
    for (let n = 0; n < picked.length; n++) picked[n] = value(filled[n] as number);
    return picked;
  };
  const { count, low, high, sum } = column;
  const seen = column.seen.length > 0 ? pick((i) => (column.seen[i] as number) + 1) : null;
  const above = (i: number): number => (sum[i] as number) - (count[i] as number) * (low[i] as number);
  const counter = column.column.type === "counter";
  const whole = counter || filled.some((i) => !(above(i) >= 0 && (count[i] as number) * (high[i] as number) < SUM_MOST));
  const cells = filled.some((i) => column.cells[i] !== undefined);
  const sameCounts = same(before.count, count);
  const sameSeen = seen !== null && same(before.seen, seen);
  head.byte(PRESENT | (sameCounts ? SAME_COUNTS : 0) | (sameSeen ? SAME_SEEN : 0) | (whole ? WHOLE_SUMS : 0) | (cells ? HAS_CELLS : 0));
  if (!sameCounts) write(count, head);
  if (seen && !sameSeen) write(seen, head);
  write(pick((i) => (low[i] as number) + 1));
  write(pick((i) => (high[i] as number) - (low[i] as number) + 1));
  write(pick((i) => (whole ? (sum[i] as number) : above(i)) + 1));
  if (cells) writeCells(filled.map((i) => column.cells[i]));
  writeBody();
  before.count = count;
  if (seen) before.seen = seen;
}

function writeCells(buckets: readonly (Cells | undefined)[]): void {
  const firsts: number[] = [];
  const steps: number[] = [];
  const weights: number[] = [];
  for (const cells of buckets) {
    let last = -1;
    for (const [cell, weight] of [...(cells ?? [])].sort(([a], [b]) => a - b)) {
      if (last === -1) firsts.push(cell + 1);
      else steps.push(cell - last);
      weights.push(weight);
      last = cell;
    }
  }
  write(Float64Array.from(buckets, (cells) => (cells?.size ?? 0) + 1));
  for (const list of [firsts, steps, weights]) if (list.length > 0) write(Float64Array.from(list));
}

function writeRuns(runs: readonly StateRun[], from: number): void {
  head.byte(PRESENT);
  rest.varint(runs.length);
  write(Float64Array.from(runs, (run, i) => run.from - (i === 0 ? from : (runs[i - 1] as StateRun).to) + 1));
  write(Float64Array.from(runs, (run) => run.to - run.from + 1));
  write(Float64Array.from(runs, (run) => run.state + 1));
  writeBody();
}

/** Says which columns to read. */
export type WantedRollup = (column: string) => boolean;

export interface RollupPlace {
  /** Start of the span. */
  readonly from: number;
  readonly name: string;
}

/** @throws PageError */
export function decodeRollup(bytes: Uint8Array, { from, name }: RollupPlace, wanted: WantedRollup = () => true): ResourceRollup {
  const input = new BitSource(bytes, 0, bytes.length);
  if (input.byte() !== VERSION) throw new PageError("the page has an unknown version");
  const kind: Kind | undefined = KIND_NAMES[input.varint()];
  if (kind === undefined) throw new PageError("the page has an unknown kind");
  const size = input.varint();
  if (size > MAX_BUCKETS) throw new PageError("the page is not plausible");
  const before: Before = { count: null, seen: null };
  const found: Found[] = [];
  let at = 0;
  for (const column of columnsOf(kind)) {
    const flags = input.byte();
    if (flags === ABSENT) continue;
    if (column.type !== "state") readShared(input, { flags, size, counter: column.type === "counter" }, before);
    const length = input.varint();
    const checksum = takeChecksum(input);
    if (wanted(column.name)) found.push({ column, flags, at, length, checksum, ...before });
    at += length;
  }
  const end = input.at;
  if (crc32(bytes, end) !== takeChecksum(input)) throw new PageError("the checksum does not match");
  if (input.at + at !== bytes.length) throw new PageError("the page has another length than it says");
  const rollup: ResourceRollup = { kind, name, columns: new Map() };
  for (const one of found) {
    const start = input.at + one.at;
    const body = bytes.subarray(start, start + one.length);
    if (crc32(body, one.length) !== one.checksum) throw new PageError("the checksum does not match");
    const into = emptyColumn(one.column, size);
    const source = new BitSource(body, 0, one.length);
    if (one.column.type === "state") into.runs = readRuns(source, from);
    else readBuckets(source, into, one);
    rollup.columns.set(one.column.name, into);
  }
  return rollup;
}

/** A wanted column, where its body is, and what it shares with others. */
interface Found extends Before {
  readonly column: Column;
  readonly flags: number;
  readonly at: number;
  readonly length: number;
  readonly checksum: number;
}

interface Shared {
  readonly flags: number;
  readonly size: number;
  readonly counter: boolean;
}

function readShared(input: BitSource, { flags, size, counter }: Shared, before: Before): void {
  if ((flags & SAME_COUNTS) === 0) before.count = readBlock(input, size);
  if (before.count?.length !== size) throw new PageError("a column refers to one that is not there");
  const filled = before.count.reduce((sum, count) => sum + (count === 0 ? 0 : 1), 0);
  if (filled === 0) throw new PageError("a column without anything known is written as absent");
  if (counter && (flags & SAME_SEEN) === 0) before.seen = readBlock(input, filled);
  if (counter && before.seen?.length !== filled) throw new PageError("a column refers to one that is not there");
}

function readBuckets(input: BitSource, into: ColumnRollup, { flags, count, seen }: Found): void {
  into.count.set(count as Float64Array);
  const filled: number[] = [];
  into.count.forEach((count, i) => count !== 0 && filled.push(i));
  const low = readBlock(input, filled.length);
  const range = readBlock(input, filled.length);
  const sum = readBlock(input, filled.length);
  filled.forEach((at, i) => {
    const lowest = (low[i] as number) - 1;
    const stored = (sum[i] as number) - 1;
    into.low[at] = lowest;
    into.high[at] = lowest + (range[i] as number) - 1;
    into.sum[at] = (flags & WHOLE_SUMS) !== 0 ? stored : stored + (into.count[at] as number) * lowest;
    if (into.seen.length > 0) into.seen[at] = (seen?.[i] as number) - 1;
  });
  if ((flags & HAS_CELLS) !== 0) readCells(input, into, filled);
}

function readCells(input: BitSource, into: ColumnRollup, filled: readonly number[]): void {
  const sizes = readBlock(input, filled.length).map((size) => size - 1);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const nonEmpty = sizes.reduce((sum, size) => sum + (size > 0 ? 1 : 0), 0);
  if (total > MAX_ITEMS) throw new PageError("the page is not plausible");
  const block = (count: number): Float64Array => (count > 0 ? readBlock(input, count) : new Float64Array(0));
  const firsts = block(nonEmpty);
  const steps = block(total - nonEmpty);
  const weights = block(total);
  let [first, step, weight] = [0, 0, 0];
  filled.forEach((at, i) => {
    const size = sizes[i] as number;
    if (size === 0) return;
    const cells: Cells = new Map();
    let cell = (firsts[first++] as number) - 1;
    cells.set(cell, weights[weight++] as number);
    for (let more = 1; more < size; more++) cells.set((cell += steps[step++] as number), weights[weight++] as number);
    into.cells[at] = cells;
  });
}

function readRuns(input: BitSource, from: number): StateRun[] {
  const count = input.varint();
  if (count > MAX_ITEMS) throw new PageError("the page is not plausible");
  if (count === 0) return [];
  const [pauses, lengths, states] = [readBlock(input, count), readBlock(input, count), readBlock(input, count)];
  const runs: StateRun[] = [];
  let at = from;
  for (let i = 0; i < count; i++) {
    const start = at + (pauses[i] as number) - 1;
    at = start + (lengths[i] as number) - 1;
    runs.push({ from: start, to: at, state: (states[i] as number) - 1 });
  }
  return runs;
}
