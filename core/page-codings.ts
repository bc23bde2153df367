/**
 * One column of a page: safe integers, in the cheapest of a few codings.
 *
 * Rice codes of the difference to the value before suit what drifts; of the difference to a running mean, noise around a level, where a
 * plain difference would double the variance; of the step to the running mean of the steps, counters. Runs suit states and settings, a
 * range (every number in the same few bits) what jumps about in a narrow band. A column with gaps is a mask and the column of what is known. Differences and means are of 32-bit integers;
 * a column too wide for them is a range of long numbers.
 *
 *   byte   coding | parameter << 3 (Rice parameter, or bits of a number)
 *   varint first value (constant, runs, delta, mean) or lowest (range)
 *   bits   the rest, filled up to a byte
 */
export const CONSTANT = 0;
export const RUNS = 1;
export const RANGE = 2;
export const DELTA = 3;
export const MEAN = 4;
export const WIDE = 5;
export const GAPS = 6;
export const PACE = 7;

/** A column must span less than this for 32-bit arithmetic: eight times its mean and four times its differences still fit. */
export const NARROW = 2 ** 25;
/** What a bit buffer of 32 takes on top of seven bits left over. */
export const RANGE_BITS = 24;
/** Eighths: how much of the distance to a new value the running mean moves. */
export const MEAN_SHIFT = 3;

/** Working memory, kept between columns. */
export class Scratch {
  /** Values from the second on, less the first. */
  relative = new Int32Array(1024);
  /** Zigzag differences to the value before. */
  deltas = new Int32Array(1024);
  /** Zigzag differences to a running mean. */
  residuals = new Int32Array(1024);
  /** Of runs, or steps between runs. */
  lengths = new Int32Array(1024);
  /** A column without its gaps. */
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

/** Folds negative numbers between the positive ones: 0, -1, 1, -2... For 32-bit integers. */
export const zigzag = (value: number): number => (value << 1) ^ (value >> 31);
export const unzigzag = (value: number): number => (value >>> 1) ^ -(value & 1);
