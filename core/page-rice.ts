/**
 * Rice codes: a number is its high part in ones and a zero, then its low `k` bits. Small numbers are short; the right `k` follows from
 * the mean. A high part of ESCAPE ones or more is written as that many ones and the number in full.
 */
import type { BitSink, BitSource } from "./page-bits.ts";

const ESCAPE = 15;
/** Numbers are below 2^27. */
const FULL_BITS = 27;
const FULL_LOW = 14;
export const RICE_MAX_K = 24;

/** The parameter for numbers of this sum. */
export function riceParameter(sum: number, count: number): number {
  const scaled = Math.floor((sum / count) * 0.6931);
  return scaled === 0 ? 0 : Math.min(RICE_MAX_K, 32 - Math.clz32(scaled));
}

/** Bits that the first `count` numbers take. */
export function riceBits(numbers: Int32Array, count: number, k: number): number {
  let bits = count * (k + 1);
  for (let i = 0; i < count; i++) {
    const high = (numbers[i] as number) >>> k;
    bits += high < ESCAPE ? high : ESCAPE - 1 - k + FULL_BITS;
  }
  return bits;
}

/** Writes the first `count` numbers and fills up the last byte. The sink must be aligned. */
export function writeRice(out: BitSink, { numbers, count }: { numbers: Int32Array; count: number }, k: number): void {
  out.reserve(count * 7 + 8);
  const { bytes } = out;
  const mask = (1 << k) - 1;
  let at = out.at;
  let acc = 0;
  let filled = 0;
  for (let i = 0; i < count; i++) {
    const number = numbers[i] as number;
    const high = number >>> k;
    if (high + k < 24 && high < ESCAPE) {
      acc |= (((1 << high) - 1) | ((number & mask) << (high + 1))) << filled;
      filled += high + 1 + k;
    } else {
      const escaped = high >= ESCAPE;
      acc |= (escaped ? (1 << ESCAPE) - 1 : (1 << high) - 1) << filled;
      filled += escaped ? ESCAPE : high + 1;
      while (filled >= 8) {
        bytes[at++] = acc;
        acc >>>= 8;
        filled -= 8;
      }
      acc |= (escaped ? number & ((1 << FULL_LOW) - 1) : number & mask) << filled;
      filled += escaped ? FULL_LOW : k;
      if (escaped) {
        while (filled >= 8) {
          bytes[at++] = acc;
          acc >>>= 8;
          filled -= 8;
        }
        acc |= (number >>> FULL_LOW) << filled;
        filled += FULL_BITS - FULL_LOW;
      }
    }
    while (filled >= 8) {
      bytes[at++] = acc;
      acc >>>= 8;
      filled -= 8;
    }
  }
  if (filled > 0) bytes[at++] = acc;
  out.at = at;
}

/** Reads `count` numbers and skips to the next byte. The source must be aligned. @throws PageError */
export function readRice(input: BitSource, { numbers, count }: { numbers: Int32Array; count: number }, k: number): void {
  const { bytes } = input;
  const mask = (1 << k) - 1;
  let at = input.at;
  let acc = 0;
  let filled = 0;
  for (let i = 0; i < count; i++) {
    while (filled <= 24) {
      acc |= (bytes[at++] as number) << filled;
      filled += 8;
    }
    const zeros = ~acc;
    const high = zeros === 0 ? 32 : 31 - Math.clz32(zeros & -zeros);
    const escaped = high >= ESCAPE;
    const head = escaped ? ESCAPE : high + 1;
    acc >>>= head;
    filled -= head;
    const low = escaped ? FULL_LOW : k;
    while (filled < low) {
      acc |= (bytes[at++] as number) << filled;
      filled += 8;
    }
    if (!escaped) {
      numbers[i] = (high << k) | (acc & mask);
      acc >>>= k;
      filled -= k;
      continue;
    }
    const lowPart = acc & ((1 << FULL_LOW) - 1);
    acc >>>= FULL_LOW;
    filled -= FULL_LOW;
    while (filled < FULL_BITS - FULL_LOW) {
      acc |= (bytes[at++] as number) << filled;
      filled += 8;
    }
    numbers[i] = lowPart | ((acc & ((1 << (FULL_BITS - FULL_LOW)) - 1)) << FULL_LOW);
    acc >>>= FULL_BITS - FULL_LOW;
    filled -= FULL_BITS - FULL_LOW;
  }
  input.at = at - (filled >> 3);
  input.check();
}
