/** Reads what page-block-writer.ts wrote. */
import { type BitSource, PageError } from "./page-bits.ts";
import { CONSTANT, DELTA, GAPS, MEAN_SHIFT, NARROW, PACE, RANGE, RANGE_BITS, RUNS, WIDE, Scratch, unzigzag } from "./page-codings.ts";
import { RICE_MAX_K, readRice } from "./page-rice.ts";

// Own names for what the inner loops use: an imported one is looked up at each use, unless a bundler has joined the files.
const SHIFT = MEAN_SHIFT;
const unfold = unzigzag;
const scratch = new Scratch();
/** Only the first may be: it says that the block begins with a gap. A damaged block could hold empty ones without end. */
export const EMPTY_STRETCH = "a stretch is empty";

/** Reads one column of `count` values. @throws PageError when it is damaged. */
export function readBlock(input: BitSource, count: number): Float64Array {
  scratch.reserve(count);
  const values = new Float64Array(count);
  const head = input.byte();
  if ((head & 7) !== GAPS) {
    readValues(input, head, values);
    return values;
  }
  const known = readMask(input, (head & 8) !== 0, values);
  const dense = values.subarray(0, known);
  const mask = values.slice();
  readValues(input, input.byte(), dense);
  for (let i = count - 1, next = known; i >= 0; i--) values[i] = mask[i] === 0 ? 0 : (values[--next] as number);
  return values;
}

/** Fills in 1 for known and 0 for unknown; says how many are known. */
function readMask(input: BitSource, byStretches: boolean, values: Float64Array): number {
  let sum = 0;
  if (byStretches) {
    let known = true;
    for (let i = 0; i < values.length; known = !known) {
      const end = i + input.getGamma() - 1;
      if (end > values.length) throw new PageError("a gap is longer than the page");
      if (end === i && (i > 0 || !known)) throw new PageError(EMPTY_STRETCH);
      if (known) {
        values.fill(1, i, end);
        sum += end - i;
      }
      i = end;
    }
  } else {
    for (let i = 0; i < values.length; i++) sum += values[i] = input.get(1);
  }
  input.align();
  input.check();
  if (sum === 0) throw new PageError("a column with gaps has nothing known");
  return sum;
}

function readValues(input: BitSource, head: number, values: Float64Array): void {
  const count = values.length;
  const parameter = head >> 3;
  const coding = head & 7;
  if (coding === WIDE) {
    readWide(input, values);
    return;
  }
  const first = input.varint();
  if (coding === CONSTANT) {
    values.fill(first);
    return;
  }
  if (coding === RANGE) {
    readRange(input, { low: first, width: parameter }, values);
    return;
  }
  if (parameter > RICE_MAX_K) throw new PageError("a Rice parameter is out of range");
  if (coding === RUNS) {
    readRuns(input, { first, k: parameter }, values);
    return;
  }
  if (count === 1) throw new PageError("a single value is not coded by differences");
  values[0] = first;
  if (coding === PACE) {
    readPace(input, parameter, values);
    return;
  }
  const { deltas } = scratch;
  readRice(input, { numbers: deltas, count: count - 1 }, parameter);
  if (coding === DELTA) {
    let value = first;
    for (let i = 1; i < count; i++) values[i] = value += unfold(deltas[i - 1] as number);
  } else {
    let mean = 0;
    for (let i = 1; i < count; i++) {
      const level = mean >> SHIFT;
      const residual = unfold(deltas[i - 1] as number);
      mean += residual;
      values[i] = first + level + residual;
    }
  }
}

function readPace(input: BitSource, k: number, values: Float64Array): void {
  const step = input.varint();
  if (step >= NARROW) throw new PageError("a step is too wide");
  const { residuals } = scratch;
  readRice(input, { numbers: residuals, count: values.length - 2 }, k);
  let mean = step << SHIFT;
  let value = (values[1] = (values[0] as number) + step);
  for (let i = 2; i < values.length; i++) {
    const level = mean >> SHIFT;
    const residual = unfold(residuals[i - 2] as number);
    mean += residual;
    values[i] = value += level + residual;
  }
}

function readWide(input: BitSource, values: Float64Array): void {
  const width = input.byte();
  const low = input.varint();
  if (width > 53) throw new PageError("a number is too wide");
  for (let i = 0; i < values.length; i++) values[i] = low + input.getLong(width);
  input.align();
  input.check();
}

function readRange(input: BitSource, { low, width }: { low: number; width: number }, values: Float64Array): void {
  if (width > RANGE_BITS) throw new PageError("a number is too wide");
  const { bytes } = input;
  const mask = (1 << width) - 1;
  let at = input.at;
  let acc = 0;
  let filled = 0;
  for (let i = 0; i < values.length; i++) {
    while (filled < width) {
      acc |= (bytes[at++] as number) << filled;
      filled += 8;
    }
    values[i] = low + (acc & mask);
    acc >>>= width;
    filled -= width;
  }
  input.at = at;
  input.check();
}

function readRuns(input: BitSource, { first, k }: { first: number; k: number }, values: Float64Array): void {
  const { lengths, deltas } = scratch;
  const count = values.length;
  let runs = 0;
  for (let i = 0; i < count;) {
    const length = input.getGamma();
    lengths[runs++] = length;
    i += length;
    if (i > count) throw new PageError("a run is longer than the page");
  }
  input.align();
  readRice(input, { numbers: deltas, count: runs - 1 }, k);
  let value = first;
  let at = 0;
  for (let run = 0; run < runs; run++) {
    if (run > 0) value += unfold((deltas[run - 1] as number) + 1);
    const end = at + (lengths[run] as number);
    values.fill(value, at, end);
    at = end;
  }
}
