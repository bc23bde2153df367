/**
 * One column of a page: non-negative safe integers, in the cheapest of a few codings, chosen by size. Rice codes on the difference to
 * the value before suit drifting numbers; on the difference to a running mean they suit noise around a level, where a plain difference
 * would double the variance. Runs suit states, frame of reference suits narrow random ranges.
 */
import { type BitReader, BitsEnded, type BitWriter } from "./bits.ts";

const CONSTANT = 0;
const RUNS = 1;
const RANGE = 2;
const DELTA = 3;
const MEAN = 4;

/** A quotient this long is written out instead: an escape. */
const ESCAPE = 24;
const LONG_BITS = 54;

const zigzag = (value: number): number => (value >= 0 ? value * 2 : -value * 2 - 1);
const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);
const bitsOf = (value: number): number => (value === 0 ? 0 : Math.floor(Math.log2(value)) + 1);

/** Best Rice parameter for a mean, and the cost in bits of coding all of them with it. */
function rice(values: Float64Array, count: number): { k: number; bits: number } {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i] as number;
  const k = Math.max(0, Math.min(23, Math.floor(Math.log2((sum / Math.max(1, count)) * 0.6931 + 1e-9)) + 1));
  const divisor = 2 ** k;
  let bits = 5;
  for (let i = 0; i < count; i++) {
    const quotient = Math.floor((values[i] as number) / divisor);
    bits += quotient >= ESCAPE ? ESCAPE + 1 + LONG_BITS : quotient + 1 + k;
  }
  return { k, bits };
}

function writeRice(out: BitWriter, value: number, k: number): void {
  const divisor = 2 ** k;
  const quotient = Math.floor(value / divisor);
  if (quotient >= ESCAPE) {
    out.unary(ESCAPE);
    out.writeLong(value, LONG_BITS);
  } else {
    out.unary(quotient);
    if (k > 0) out.write(value % divisor, k);
  }
}

function readRice(input: BitReader, k: number): number {
  const quotient = input.unary(ESCAPE);
  if (quotient === ESCAPE) return input.readLong(LONG_BITS);
  return quotient * 2 ** k + (k > 0 ? input.read(k) : 0);
}

let deltas = new Float64Array(64);
let residuals = new Float64Array(64);

/** Writes one column. The values are not kept. */
export function writeBlock(out: BitWriter, values: Float64Array, count: number): void {
  if (deltas.length < count) {
    deltas = new Float64Array(count * 2);
    residuals = new Float64Array(count * 2);
  }
  const first = values[0] as number;
  let low = first;
  let high = first;
  let runs = 1;
  let mean = first * 8;
  for (let i = 1; i < count; i++) {
    const value = values[i] as number;
    const delta = value - (values[i - 1] as number);
    deltas[i - 1] = zigzag(delta);
    residuals[i - 1] = zigzag(value - Math.floor(mean / 8));
    mean += value - Math.floor(mean / 8);
    if (delta !== 0) runs++;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low === high) {
    out.write(CONSTANT, 3);
    out.varint(first);
    return;
  }
  const byDelta = rice(deltas, count - 1);
  const byMean = rice(residuals, count - 1);
  const width = bitsOf(high - low);
  const byRange = width <= 24 ? 5 + width * count : Infinity;
  const byRuns = 16 + runs * 2 + (runs - 1) * (2 * bitsOf(Math.ceil(count / runs)) + Math.max(2, byDelta.bits / Math.max(1, count)) + 4);
  const least = Math.min(byDelta.bits, byMean.bits, byRange, runs <= count / 4 ? byRuns : Infinity);
  if (least === byRange) writeRange(out, { values, count, low, width });
  else if (least === byDelta.bits) writeResiduals(out, { mode: DELTA, first, residuals: deltas, count, k: byDelta.k });
  else if (least === byMean.bits) writeResiduals(out, { mode: MEAN, first, residuals, count, k: byMean.k });
  else writeRuns(out, values, count);
}

function writeRange(out: BitWriter, block: { values: Float64Array; count: number; low: number; width: number }): void {
  out.write(RANGE, 3);
  out.write(block.width, 5);
  out.varint(block.low);
  for (let i = 0; i < block.count; i++) out.write((block.values[i] as number) - block.low, block.width);
  out.align();
}

function writeResiduals(out: BitWriter, block: { mode: number; first: number; residuals: Float64Array; count: number; k: number }): void {
  out.write(block.mode, 3);
  out.write(block.k, 5);
  out.varint(block.first);
  for (let i = 0; i < block.count - 1; i++) writeRice(out, block.residuals[i] as number, block.k);
  out.align();
}

/** First value, then Elias-gamma run lengths, each followed by the step to the next value. */
function writeRuns(out: BitWriter, values: Float64Array, count: number): void {
  const steps: number[] = [];
  const lengths: number[] = [];
  let start = 0;
  for (let i = 1; i <= count; i++) {
    if (i < count && values[i] === values[i - 1]) continue;
    lengths.push(i - start);
    if (i < count) steps.push(zigzag((values[i] as number) - (values[i - 1] as number)));
    start = i;
  }
  const { k } = rice(Float64Array.from(steps), steps.length);
  out.write(RUNS, 3);
  out.write(k, 5);
  out.varint(values[0] as number);
  lengths.forEach((length, i) => {
    const bits = bitsOf(length) - 1;
    out.unary(bits);
    if (bits > 0) out.write(length - 2 ** bits, bits);
    const step = steps[i];
    if (step !== undefined) writeRice(out, step, k);
  });
  out.align();
}

/** Reads one column of `count` values. @throws BitsEnded when it is damaged. */
export function readBlock(input: BitReader, count: number): Float64Array {
  const values = new Float64Array(count);
  const mode = input.read(3);
  if (mode === CONSTANT) return values.fill(input.varint());
  const parameter = input.read(5);
  const first = input.varint();
  switch (mode) {
    case RANGE:
      for (let i = 0; i < count; i++) values[i] = first + input.read(parameter);
      break;
    case DELTA: {
      let value = first;
      values[0] = value;
      for (let i = 1; i < count; i++) values[i] = value += unzigzag(readRice(input, parameter));
      break;
    }
    case MEAN: {
      let mean = first * 8;
      values[0] = first;
      for (let i = 1; i < count; i++) {
        const value = Math.floor(mean / 8) + unzigzag(readRice(input, parameter));
        values[i] = value;
        mean += value - Math.floor(mean / 8);
      }
      break;
    }
    case RUNS: {
      let value = first;
      for (let i = 0; i < count;) {
        const bits = input.unary(24);
        const length = 2 ** bits + (bits > 0 ? input.read(bits) : 0);
        if (i + length > count) throw new BitsEnded("a run is longer than the page");
        values.fill(value, i, i + length);
        i += length;
        if (i < count) value += unzigzag(readRice(input, parameter));
      }
      break;
    }
    default:
      throw new BitsEnded("unknown coding");
  }
  input.align();
  return values;
}
