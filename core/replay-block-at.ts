/** One value of a column of a page, without unpacking the others. Reads what page-block-writer.ts wrote. */
import { PageError, type BitSource } from "./page-bits.ts";
import { EMPTY_STRETCH } from "./page-block-reader.ts";
import { CONSTANT, DELTA, GAPS, MEAN_SHIFT, NARROW, PACE, RANGE, RANGE_BITS, RUNS, Scratch, unzigzag, WIDE } from "./page-codings.ts";
import { readRice, RICE_MAX_K } from "./page-rice.ts";

// Own names for what the inner loops use: an imported one is looked up at each use, unless a bundler has joined the files.
const SHIFT = MEAN_SHIFT;
const unfold = unzigzag;
const scratch = new Scratch();

interface Place {
  /** Values in the block. */
  readonly count: number;
  readonly index: number;
}

/** The value that `readBlock` would have at `index`. Damage behind it is not noticed. @throws PageError */
export function readBlockAt(input: BitSource, count: number, index: number): number {
  scratch.reserve(count);
  const head = input.byte();
  if ((head & 7) !== GAPS) return valueAt(input, head, { count, index });
  const place = (head & 8) === 0 ? readMaskAt(input, { count, index }) : readStretchesAt(input, { count, index });
  return place === null ? 0 : valueAt(input, input.byte(), place);
}

/** Where a value is among those that are known; null when it is not. */
function readMaskAt(input: BitSource, { count, index }: Place): Place | null {
  let known = 0;
  let rank = -1;
  for (let i = 0; i < count; i++) {
    const bit = input.get(1);
    if (i === index) {
      if (bit === 0) return null;
      rank = known;
    }
    known += bit;
  }
  input.align();
  input.check();
  return { count: known, index: rank };
}

function readStretchesAt(input: BitSource, { count, index }: Place): Place | null {
  let known = 0;
  let rank = -1;
  let isKnown = true;
  for (let i = 0; i < count; isKnown = !isKnown) {
    const end = i + input.getGamma() - 1;
    if (end > count) throw new PageError("a gap is longer than the page");
    if (end === i && (i > 0 || !isKnown)) throw new PageError(EMPTY_STRETCH);
    if (index >= i && index < end) {
      if (!isKnown) return null;
      rank = known + index - i;
    }
    if (isKnown) known += end - i;
    i = end;
  }
  input.align();
  input.check();
  return { count: known, index: rank };
}

function valueAt(input: BitSource, head: number, { count, index }: Place): number {
  const parameter = head >> 3;
  const coding = head & 7;
  if (coding === WIDE) return wideAt(input, index);
  const first = input.varint();
  if (coding === CONSTANT) return first;
  if (coding === RANGE) return rangeAt(input, { low: first, width: parameter }, index);
  if (parameter > RICE_MAX_K) throw new PageError("a Rice parameter is out of range");
  if (coding === RUNS) return runAt(input, { first, k: parameter }, { count, index });
  if (count === 1) throw new PageError("a single value is not coded by differences");
  if (coding === PACE) return paceAt(input, { first, k: parameter }, index);
  const { deltas } = scratch;
  readRice(input, { numbers: deltas, count: index }, parameter);
  if (coding === DELTA) {
    let value = first;
    for (let i = 0; i < index; i++) value += unfold(deltas[i] as number);
    return value;
  }
  let mean = 0;
  let value = first;
  for (let i = 0; i < index; i++) {
    const level = mean >> SHIFT;
    const residual = unfold(deltas[i] as number);
    mean += residual;
    value = first + level + residual;
  }
  return value;
}

interface Coded {
  readonly first: number;
  readonly k: number;
}

function paceAt(input: BitSource, { first, k }: Coded, index: number): number {
  const step = input.varint();
  if (step >= NARROW) throw new PageError("a step is too wide");
  if (index === 0) return first;
  const { residuals } = scratch;
  readRice(input, { numbers: residuals, count: index - 1 }, k);
  let mean = step << SHIFT;
  let value = first + step;
  for (let i = 0; i < index - 1; i++) {
    const level = mean >> SHIFT;
    const residual = unfold(residuals[i] as number);
    mean += residual;
    value += level + residual;
  }
  return value;
}

function wideAt(input: BitSource, index: number): number {
  const width = input.byte();
  const low = input.varint();
  if (width > 53) throw new PageError("a number is too wide");
  let value = 0;
  for (let i = 0; i <= index; i++) value = input.getLong(width);
  input.check();
  return low + value;
}

/** All numbers are of the same width: the one is where it is. */
function rangeAt(input: BitSource, { low, width }: { readonly low: number; readonly width: number }, index: number): number {
  if (width > RANGE_BITS) throw new PageError("a number is too wide");
  const { bytes } = input;
  const bit = index * width;
  const at = input.at + Math.floor(bit / 8);
  if (at > input.end) throw new PageError("the page ends early");
  const word =
    (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
  return low + ((word >>> (bit & 7)) & ((1 << width) - 1));
}

function runAt(input: BitSource, { first, k }: Coded, { count, index }: Place): number {
  let runs = 0;
  let wanted = 0;
  for (let i = 0; i < count; runs++) {
    if (i <= index) wanted = runs;
    i += input.getGamma();
    if (i > count) throw new PageError("a run is longer than the page");
  }
  input.align();
  const { deltas } = scratch;
  readRice(input, { numbers: deltas, count: wanted }, k);
  let value = first;
  for (let run = 0; run < wanted; run++) value += unfold((deltas[run] as number) + 1);
  return value;
}
