/**
 * One column of a page: safe integers, in the cheapest of a few codings.
 *
 * Rice codes of the difference to the value before suit what drifts; of the difference to a running mean, noise around a level, where a
 * plain difference would double the variance; of the step to the running mean of the steps, counters. Runs suit states and settings, a range (every number in the same few bits) what jumps
 * about in a narrow band. A column with gaps is a mask and the column of what is known. Differences and means are of 32-bit integers;
 * a column too wide for them is a range of long numbers.
 *
 *   byte   coding | parameter << 3 (Rice parameter, or bits of a number)
 *   varint first value (constant, runs, delta, mean) or lowest (range)
 *   bits   the rest, filled up to a byte
 */
import { type BitSink, type BitSource, PageError } from "./page-bits.ts";
import { RICE_MAX_K, readRice, riceBits, riceParameter, writeRice } from "./page-rice.ts";

const CONSTANT = 0;
const RUNS = 1;
const RANGE = 2;
const DELTA = 3;
const MEAN = 4;
const WIDE = 5;
const GAPS = 6;
const PACE = 7;

/** A column must span less than this for 32-bit arithmetic: eight times its mean and four times its differences still fit. */
const NARROW = 2 ** 25;
/** What a bit buffer of 32 takes on top of seven bits left over. */
const RANGE_BITS = 24;
/** Eighths: how much of the distance to a new value the running mean moves. */
const MEAN_SHIFT = 3;

class Scratch {
  relative = new Int32Array(1024);
  deltas = new Int32Array(1024);
  residuals = new Int32Array(1024);
  lengths = new Int32Array(1024);
  known = new Float64Array(1024);

  reserve(count: number): void {
    if (this.relative.length >= count) return;
    const size = count * 2;
    this.relative = new Int32Array(size);
    this.deltas = new Int32Array(size);
    this.residuals = new Int32Array(size);
    this.lengths = new Int32Array(size);
    this.known = new Float64Array(size);
  }
}

const scratch = new Scratch();

const zigzag = (value: number): number => (value << 1) ^ (value >> 31);
const unzigzag = (value: number): number => (value >>> 1) ^ -(value & 1);
const bitsOf = (value: number): number => (value < 2 ** 31 ? 32 - Math.clz32(value) : 32 + bitsOf(Math.floor(value / 2 ** 32)));

/** Writes the first `count` values, at least one; 0 is a gap. The values are not kept. */
export function writeBlock(out: BitSink, values: Float64Array, count: number): void {
  scratch.reserve(count);
  let known = 0;
  for (let i = 0; i < count; i++) if (values[i] !== 0) known++;
  if (known === 0 || known === count) {
    writeValues(out, values, count);
    return;
  }
  const dense = scratch.known;
  for (let i = 0, next = 0; i < count; i++) if (values[i] !== 0) dense[next++] = values[i] as number;
  writeMask(out, values, count);
  writeValues(out, dense, known);
}

/** Which values are known: one bit each, or the lengths of stretches in turn known and unknown, whichever is shorter. */
function writeMask(out: BitSink, values: Float64Array, count: number): void {
  const { lengths } = scratch;
  let stretches = 0;
  let known = true;
  let length = 0;
  let bits = 0;
  for (let i = 0; i < count; i++) {
    if ((values[i] !== 0) !== known) {
      lengths[stretches++] = length + 1;
      bits += 2 * (31 - Math.clz32(length + 1)) + 1;
      known = !known;
      length = 0;
    }
    length++;
  }
  lengths[stretches++] = length + 1;
  bits += 2 * (31 - Math.clz32(length + 1)) + 1;
  out.byte(GAPS | (bits < count ? 8 : 0));
  if (bits < count) for (let i = 0; i < stretches; i++) out.putGamma(lengths[i] as number);
  else for (let i = 0; i < count; i++) out.put(values[i] === 0 ? 0 : 1, 1);
  out.align();
}

function writeValues(out: BitSink, values: Float64Array, count: number): void {
  const first = values[0] as number;
  let low = first;
  let high = first;
  for (let i = 1; i < count; i++) {
    const value = values[i] as number;
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  if (low === high) {
    out.byte(CONSTANT);
    out.varint(first);
  } else if (high - low >= NARROW) writeWide(out, { values, count, low, high });
  else writeNarrow(out, { values, count, low, high });
}

interface Bounded {
  readonly values: Float64Array;
  readonly count: number;
  readonly low: number;
  readonly high: number;
}

function writeWide(out: BitSink, { values, count, low, high }: Bounded): void {
  const width = bitsOf(high - low);
  out.byte(WIDE);
  out.byte(width);
  out.varint(low);
  for (let i = 0; i < count; i++) out.putLong((values[i] as number) - low, width);
  out.align();
}

function writeNarrow(out: BitSink, bounded: Bounded): void {
  const { values, count, low, high } = bounded;
  const { relative, deltas, residuals } = scratch;
  const first = values[0] as number;
  const steps = count - 1;
  let deltaSum = 0;
  let before = 0;
  let changes = 0;
  let changeBits = 0;
  let changedAt = 0;
  for (let i = 0; i < steps; i++) {
    const value = (values[i + 1] as number) - first;
    relative[i] = value;
    const delta = zigzag(value - before);
    before = value;
    deltas[i] = delta;
    if (delta === 0) continue;
    deltaSum += delta;
    changes++;
    changeBits += 2 * (31 - Math.clz32(i + 1 - changedAt)) + 1;
    changedAt = i + 1;
  }
  const runK = riceParameter(deltaSum, changes);
  const byRuns = changes * 4 > count ? Infinity : changeBits + 2 * (31 - Math.clz32(count - changedAt)) + 1 + runBits(steps, runK);
  const deltaK = riceParameter(deltaSum, steps);
  const byDelta = riceBits(deltas, steps, deltaK);
  const width = bitsOf(high - low);
  const byRange = width > RANGE_BITS ? Infinity : width * count;
  // What never falls is a counter: its pace has a level, not its value.
  const counter = first === low && before === high - low && neverFalls(steps);
  const residualSum = counter ? paceResiduals(steps) : meanResiduals(steps);
  const levelK = riceParameter(residualSum, steps);
  const byLevel = riceBits(residuals, steps, levelK);
  const least = Math.min(byRuns, byDelta, byRange, byLevel);
  if (least === byRuns) writeRuns(out, { first, count, k: runK });
  else if (least === byDelta) writeResiduals(out, DELTA | (deltaK << 3), { first, numbers: deltas, count: steps });
  else if (least === byLevel) writeResiduals(out, (counter ? PACE : MEAN) | (levelK << 3), { first, numbers: residuals, count: steps });
  else writeRange(out, bounded, width);
}

function neverFalls(steps: number): boolean {
  const { deltas } = scratch;
  for (let i = 0; i < steps; i++) if ((deltas[i] as number) & 1) return false;
  return true;
}

/** Differences of the values to their running mean; gives the sum. */
function meanResiduals(steps: number): number {
  const { relative, residuals } = scratch;
  let sum = 0;
  let mean = 0;
  for (let i = 0; i < steps; i++) {
    const difference = (relative[i] as number) - (mean >> MEAN_SHIFT);
    mean += difference;
    sum += residuals[i] = zigzag(difference);
  }
  return sum;
}

/** Differences of the steps to their running mean, which starts at the first step; gives the sum. */
function paceResiduals(steps: number): number {
  const { deltas, residuals } = scratch;
  const start = unzigzag(deltas[0] as number);
  let sum = (residuals[0] = zigzag(start));
  let mean = start << MEAN_SHIFT;
  for (let i = 1; i < steps; i++) {
    const difference = unzigzag(deltas[i] as number) - (mean >> MEAN_SHIFT);
    mean += difference;
    sum += residuals[i] = zigzag(difference);
  }
  return sum;
}

/** Bits of the steps between runs. A step is never 0, so one less is written. */
function runBits(steps: number, k: number): number {
  const { deltas, lengths } = scratch;
  let changes = 0;
  for (let i = 0; i < steps; i++) if (deltas[i] !== 0) lengths[changes++] = (deltas[i] as number) - 1;
  return riceBits(lengths, changes, k);
}

function writeResiduals(out: BitSink, head: number, rest: { first: number; numbers: Int32Array; count: number }): void {
  out.byte(head);
  out.varint(rest.first);
  writeRice(out, rest, head >> 3);
}

function writeRange(out: BitSink, { values, count, low }: Bounded, width: number): void {
  out.byte(RANGE | (width << 3));
  out.varint(low);
  out.reserve(count * 4 + 4);
  const { bytes } = out;
  let at = out.at;
  let acc = 0;
  let filled = 0;
  for (let i = 0; i < count; i++) {
    acc |= ((values[i] as number) - low) << filled;
    filled += width;
    while (filled >= 8) {
      bytes[at++] = acc;
      acc >>>= 8;
      filled -= 8;
    }
  }
  if (filled > 0) bytes[at++] = acc;
  out.at = at;
}

/** The lengths of all runs, then the steps between them. */
function writeRuns(out: BitSink, { first, count, k }: { first: number; count: number; k: number }): void {
  const { deltas, lengths } = scratch;
  out.byte(RUNS | (k << 3));
  out.varint(first);
  let changes = 0;
  let start = 0;
  for (let i = 1; i <= count; i++) {
    if (i < count && deltas[i - 1] === 0) continue;
    out.putGamma(i - start);
    start = i;
    if (i < count) lengths[changes++] = (deltas[i - 1] as number) - 1;
  }
  out.align();
  writeRice(out, { numbers: lengths, count: changes }, k);
}

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
  const { deltas } = scratch;
  readRice(input, { numbers: deltas, count: count - 1 }, parameter);
  values[0] = first;
  if (coding === DELTA) {
    let value = first;
    for (let i = 1; i < count; i++) values[i] = value += unzigzag(deltas[i - 1] as number);
  } else if (coding === MEAN) {
    let mean = 0;
    for (let i = 1; i < count; i++) {
      const level = mean >> MEAN_SHIFT;
      const residual = unzigzag(deltas[i - 1] as number);
      mean += residual;
      values[i] = first + level + residual;
    }
  } else {
    let mean = unzigzag(deltas[0] as number) << MEAN_SHIFT;
    let value = (values[1] = first + (mean >> MEAN_SHIFT));
    for (let i = 2; i < count; i++) {
      const level = mean >> MEAN_SHIFT;
      const residual = unzigzag(deltas[i - 1] as number);
      mean += residual;
      values[i] = value += level + residual;
    }
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
  for (let i = 0; i < count; ) {
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
    if (run > 0) value += unzigzag((deltas[run - 1] as number) + 1);
    const end = at + (lengths[run] as number);
    values.fill(value, at, end);
    at = end;
  }
}
