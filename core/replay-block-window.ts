/** A stretch of a column of a page, without keeping what comes before it or unpacking what comes after. Reads what page-block-writer.ts wrote. */
import { PageError, type BitSource } from "./page-bits.ts";
import { readBlock } from "./page-block-reader.ts";
import { DELTA, GAPS, MEAN, MEAN_SHIFT, NARROW, PACE, RUNS, Scratch, unzigzag } from "./page-codings.ts";
import { RICE_MAX_K, readRice } from "./page-rice.ts";

// Own names for what the inner loops use: an imported one is looked up at each use, unless a bundler has joined the files.
const SHIFT = MEAN_SHIFT;
const unfold = unzigzag;
const scratch = new Scratch();

export interface Stretch {
  /** Values in the block. */
  readonly count: number;
  readonly first: number;
  /** Behind the last one. */
  readonly end: number;
}

/** Puts the values that `readBlock` would have from `first` to `end` at the beginning of `into`. @throws PageError */
export function readBlockWindow(input: BitSource, stretch: Stretch, into: Float64Array): void {
  const { count, first, end } = stretch;
  const head = input.bytes[input.at] ?? 0;
  const coding = head & 7;
  const k = head >> 3;
  if (count > 1 && k <= RICE_MAX_K) {
    scratch.reserve(count);
    const read = READERS[coding];
    if (read) {
      read({ input, k, into, stretch });
      return;
    }
  }
  // Gaps are said for the whole block before any value; a single value is never coded by differences.
  const values = readBlock(input, coding === GAPS ? count : Math.min(count, Math.max(2, end)));
  into.set(values.subarray(first, end));
}

/** For what is coded by differences; the other codings cost little to read whole. */
const READERS: Readonly<Record<number, (coded: Coded) => void>> = {
  [RUNS]: readRuns,
  [DELTA]: readDeltas,
  [MEAN]: readResiduals,
  [PACE]: readPace,
};

interface Coded {
  readonly input: BitSource;
  readonly k: number;
  readonly stretch: Stretch;
  readonly into: Float64Array;
}

/** The first value of the block; the source is behind it. */
function begin(input: BitSource): number {
  input.byte();
  return input.varint();
}

function readDeltas({ input, k, into, stretch: { first, end } }: Coded): void {
  const { deltas } = scratch;
  let value = begin(input);
  readRice(input, { numbers: deltas, count: end - 1 }, k);
  if (first === 0) into[0] = value;
  for (let i = 1; i < end; i++) {
    value += unfold(deltas[i - 1] as number);
    if (i >= first) into[i - first] = value;
  }
}

function readResiduals({ input, k, into, stretch: { first, end } }: Coded): void {
  const { residuals } = scratch;
  const origin = begin(input);
  readRice(input, { numbers: residuals, count: end - 1 }, k);
  if (first === 0) into[0] = origin;
  let mean = 0;
  for (let i = 1; i < end; i++) {
    const residual = unfold(residuals[i - 1] as number);
    if (i >= first) into[i - first] = origin + (mean >> SHIFT) + residual;
    mean += residual;
  }
}

function readPace({ input, k, into, stretch: { first, end } }: Coded): void {
  const { residuals } = scratch;
  let value = begin(input);
  const step = input.varint();
  if (step >= NARROW) throw new PageError("a step is too wide");
  readRice(input, { numbers: residuals, count: Math.max(0, end - 2) }, k);
  if (first === 0) into[0] = value;
  value += step;
  if (first <= 1 && end > 1) into[1 - first] = value;
  let mean = step << SHIFT;
  for (let i = 2; i < end; i++) {
    const level = mean >> SHIFT;
    const residual = unfold(residuals[i - 2] as number);
    mean += residual;
    value += level + residual;
    if (i >= first) into[i - first] = value;
  }
}

/** The lengths of all runs come before their values. */
function readRuns({ input, k, into, stretch: { count, first, end } }: Coded): void {
  const { lengths, deltas } = scratch;
  let value = begin(input);
  let runs = 0;
  let wanted = 0;
  for (let i = 0; i < count; runs++) {
    if (i < end) wanted = runs;
    const length = input.getGamma();
    lengths[runs] = length;
    i += length;
    if (i > count) throw new PageError("a run is longer than the page");
  }
  input.align();
  readRice(input, { numbers: deltas, count: wanted }, k);
  for (let run = 0, i = 0; run <= wanted; run++) {
    if (run > 0) value += unfold((deltas[run - 1] as number) + 1);
    const next = i + (lengths[run] as number);
    if (next > first) into.fill(value, Math.max(0, i - first), Math.min(next, end) - first);
    i = next;
  }
}
