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

/** Short numbers are looked up a few at once: what the next so many bits hold. */
const FEW_BITS = 10;
const FEW_MASK = (1 << FEW_BITS) - 1;
const FEW = 4;
const FEW_MAX_K = 3;
/** For each k, and whatever the bits are: 4 bits of how many they take, 3 of how many numbers, 6 for each number; 0 when not one ends there. */
const FEW_NUMBERS = Array.from({ length: FEW_MAX_K + 1 }, (_, k) =>
  Int32Array.from({ length: FEW_MASK + 1 }, (__, bits) => fewIn(bits, k)),
);

function fewIn(bits: number, k: number): number {
  let numbers = 0;
  let count = 0;
  let bit = 0;
  while (count < FEW) {
    const rest = bits >>> bit;
    const high = 31 - Math.clz32(~rest & -~rest);
    if (bit + high + 1 + k > FEW_BITS) break;
    numbers |= ((high << k) | ((rest >>> (high + 1)) & ((1 << k) - 1))) << (7 + 6 * count++);
    bit += high + 1 + k;
  }
  return numbers | (count << 4) | bit;
}

/** Reads `count` numbers and skips to the next byte. The source must be aligned. @throws PageError */
export function readRice(input: BitSource, { numbers, count }: { numbers: Int32Array; count: number }, k: number): void {
  const { bytes, view, at: start } = input;
  const lastWord = bytes.length - 4;
  const mask = (1 << k) - 1;
  const few = FEW_NUMBERS[k];
  const lastFew = count - FEW;
  let bit = 0;
  for (let i = 0; i < count;) {
    const at = start + (bit >>> 3);
    // 25 bits at least: nearly always the whole number.
    const word = (at <= lastWord ? view.getInt32(at, true) : wordAt(bytes, at)) >>> (bit & 7);
    const found = few && i <= lastFew ? (few[word & FEW_MASK] as number) : 0;
    if (found !== 0) {
      numbers[i] = (found >>> 7) & 63;
      numbers[i + 1] = (found >>> 13) & 63;
      numbers[i + 2] = (found >>> 19) & 63;
      numbers[i + 3] = found >>> 25;
      bit += found & 15;
      i += (found >>> 4) & 7;
      continue;
    }
    const zeros = ~word | (1 << ESCAPE);
    const high = 31 - Math.clz32(zeros & -zeros);
    if (high < ESCAPE && high + k < 25) {
      numbers[i++] = (high << k) | ((word >>> (high + 1)) & mask);
      bit += high + 1 + k;
    } else if (high < ESCAPE) {
      bit += high + 1;
      numbers[i++] = (high << k) | (bitsAt(bytes, start, bit) & mask);
      bit += k;
    } else {
      bit += ESCAPE;
      const low = bitsAt(bytes, start, bit) & ((1 << FULL_LOW) - 1);
      bit += FULL_LOW;
      numbers[i++] = low | ((bitsAt(bytes, start, bit) & ((1 << (FULL_BITS - FULL_LOW)) - 1)) << FULL_LOW);
      bit += FULL_BITS - FULL_LOW;
    }
  }
  input.at = start + ((bit + 7) >>> 3);
  input.check();
}

/** 25 bits at least. */
const bitsAt = (bytes: Uint8Array, start: number, bit: number): number => wordAt(bytes, start + (bit >>> 3)) >>> (bit & 7);

/** 32 bits, with zeros behind the end. */
const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
