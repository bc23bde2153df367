/** Writes one column of a page: works out what each coding would take, and takes the shortest. */
import type { BitSink } from "./page-bits.ts";
import {
  CONSTANT,
  RUNS,
  RANGE,
  DELTA,
  MEAN,
  WIDE,
  GAPS,
  PACE,
  NARROW,
  RANGE_BITS,
  MEAN_SHIFT,
  zigzag,
  unzigzag,
  Scratch,
} from "./page-codings.ts";
import { riceBits, riceParameter, writeRice } from "./page-rice.ts";

// Own names for what the inner loops use: an imported one is looked up at each use, unless a bundler has joined the files.
const SHIFT = MEAN_SHIFT;
const fold = zigzag;
const unfold = unzigzag;
const scratch = new Scratch();
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
    const delta = fold(value - before);
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
  // Every other coding takes a bit for each step at least.
  if (byRuns < steps) {
    writeRuns(out, { first, count, k: runK });
    return;
  }
  const deltaK = riceParameter(deltaSum, steps);
  const byDelta = riceBits(deltas, steps, deltaK);
  const width = bitsOf(high - low);
  const byRange = width > RANGE_BITS ? Infinity : width * count;
  // What never falls is a counter: its pace has a level, not its value.
  const counter = steps > 1 && first === low && before === high - low && neverFalls(steps);
  const residualCount = counter ? steps - 1 : steps;
  const levelK = riceParameter(counter ? paceResiduals(steps) : meanResiduals(steps), residualCount);
  const byLevel = riceBits(residuals, residualCount, levelK) + (counter ? 14 : 0);
  const least = Math.min(byRuns, byDelta, byRange, byLevel);
  if (least === byRuns) writeRuns(out, { first, count, k: runK });
  else if (least === byDelta) writeResiduals(out, DELTA | (deltaK << 3), { first, numbers: deltas, count: steps });
  else if (least !== byLevel) writeRange(out, bounded, width);
  else if (counter) writePace(out, { first, step: unfold(deltas[0] as number), count: residualCount, k: levelK });
  else writeResiduals(out, MEAN | (levelK << 3), { first, numbers: residuals, count: steps });
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
    const difference = (relative[i] as number) - (mean >> SHIFT);
    mean += difference;
    sum += residuals[i] = fold(difference);
  }
  return sum;
}

/** Differences of the second step on to the running mean of the steps, which starts at the first one; gives the sum. */
function paceResiduals(steps: number): number {
  const { deltas, residuals } = scratch;
  let sum = 0;
  let mean = unfold(deltas[0] as number) << SHIFT;
  for (let i = 1; i < steps; i++) {
    const difference = unfold(deltas[i] as number) - (mean >> SHIFT);
    mean += difference;
    sum += residuals[i - 1] = fold(difference);
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

function writePace(out: BitSink, { first, step, count, k }: { first: number; step: number; count: number; k: number }): void {
  out.byte(PACE | (k << 3));
  out.varint(first);
  out.varint(step);
  writeRice(out, { numbers: scratch.residuals, count }, k);
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
