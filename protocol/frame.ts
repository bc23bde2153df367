/**
 * The binary sample frame: one agent, one moment, the slots that changed.
 *
 *   byte    kind (low nibble: 1 live, 2 back-fill) | 0x10 when it is a key frame
 *   varint  sequence: counts samples within a boot, from 1; a back-filled frame keeps its own
 *   varint  key frame: agent wall clock, ms; otherwise zigzag difference to the previous frame of this kind
 *   varint  number of slots
 *   bytes   one bit a slot, lowest first: the slot changed
 *   nibbles for each changed slot the zigzag difference to the previous frame, three bits a nibble, lowest first,
 *           bit 3 says another nibble follows; low nibble of a byte first
 *
 * A slot holds value + 1, or 0 for unknown, so every difference is of safe integers. Slots follow the dictionary: the columns of
 * resource 0, then of resource 1, and so on. Live and back-fill are two independent chains; a chain starts with a key frame, whose
 * differences are to zero. Half a byte for the usual small change is what makes it smaller than byte varints; compressing it gains
 * nothing.
 */
import { LIMITS } from "./limits.ts";

export const FRAME_LIVE = 1;
export const FRAME_BACKFILL = 2;
const KEY = 0x10;

export type FrameKind = typeof FRAME_LIVE | typeof FRAME_BACKFILL;

/** A frame that cannot be decoded. The receiver answers with close code `bad_message`. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** The state one end keeps for one chain. */
export interface FrameChain {
  row: Float64Array;
  slots: number;
  seq: number;
  at: number;
  started: boolean;
}

/** A chain before its first key frame. */
export function createFrameChain(): FrameChain {
  return { row: new Float64Array(0), slots: 0, seq: 0, at: 0, started: false };
}

/** Grows a row (zero filled: unknown) to hold at least `slots`. */
export function growRow(row: Float64Array, slots: number): Float64Array {
  if (row.length >= slots) return row;
  const grown = new Float64Array(Math.max(slots, row.length * 2));
  grown.set(row);
  return grown;
}

const MAX_VARINT_BYTES = 8;

/** The largest slot, 2^52, so that a zigzag difference is a safe integer too. A greater one is sent as unknown. */
export const MAX_SLOT = 4_503_599_627_370_496;

/** Zigzag differences below twice this fit the integers of 32 bits that most of them are. */
const SMALL = 0x20000000;

/** A clock that moves further than this starts the chain anew: twice as much must be a safe integer. */
const MAX_STEP_MS = MAX_SLOT;

/** Reusable encoder: keeps its output buffer, so a steady stream allocates only the returned copy. */
export class FrameEncoder {
  readonly #chain = createFrameChain();
  readonly #kind: FrameKind;
  #out = new Uint8Array(1024);
  #at = 0;

  constructor(kind: FrameKind) {
    this.#kind = kind;
  }

  /** Forgets the chain: the next frame is a key frame. Call it for every new connection. */
  reset(): void {
    this.#chain.started = false;
  }

  /**
   * Encodes one sample.
   * @param row slot values (value + 1, or 0 for unknown); copied into the chain.
   * @param slots how many of them count; never fewer than in the frame before.
   * @param at agent wall clock in ms.
   */
  encode(row: Float64Array, slots: number, seq: number, at: number): Uint8Array {
    const chain = this.#chain;
    const key = !chain.started || Math.abs(at - chain.at) > MAX_STEP_MS;
    if (key) chain.row.fill(0);
    chain.row = growRow(chain.row, slots);
    this.#reserve(40 + (slots >> 3) + 1 + slots * 9);
    this.#at = 0;
    this.#out[this.#at++] = this.#kind | (key ? KEY : 0);
    this.#varint(seq);
    this.#varint(key ? at : zigzag(at - chain.at));
    this.#varint(slots);
    this.#body(chain.row, row, slots);
    chain.slots = slots;
    chain.seq = seq;
    chain.at = at;
    chain.started = true;
    return this.#out.slice(0, this.#at);
  }

  /** Nibbles gather in a local: a method call for each would cost more than the nibble. */
  #body(previous: Float64Array, row: Float64Array, slots: number): void {
    const out = this.#out;
    const bitmap = this.#at;
    let at = bitmap + ((slots + 7) >> 3);
    out.fill(0, bitmap, at);
    let acc = 0;
    let filled = 0;
    for (let i = 0; i < slots; i++) {
      const wanted = row[i] as number;
      const value = wanted <= MAX_SLOT ? wanted : 0;
      const delta = value - (previous[i] as number);
      if (delta === 0) continue;
      out[bitmap + (i >> 3)] = (out[bitmap + (i >> 3)] as number) | (1 << (i & 7));
      previous[i] = value;
      let rest = 0;
      if (delta > -SMALL && delta < SMALL) rest = (delta << 1) ^ (delta >> 31);
      else {
        let large = zigzag(delta);
        while (large >= 2 * SMALL) {
          acc |= ((large % 8) | 8) << filled;
          filled += 4;
          large = Math.floor(large / 8);
          if (filled < 8) continue;
          out[at++] = acc;
          acc = 0;
          filled = 0;
        }
        rest = large;
      }
      while (rest > 7) {
        acc |= ((rest & 7) | 8) << filled;
        filled += 4;
        rest >>= 3;
        if (filled < 24) continue;
        out[at++] = acc;
        acc >>= 8;
        filled -= 8;
      }
      acc |= rest << filled;
      filled += 4;
      while (filled >= 8) {
        out[at++] = acc;
        acc >>= 8;
        filled -= 8;
      }
    }
    // The last nibble may stand alone: its byte counts.
    if (filled > 0) out[at++] = acc;
    this.#at = at;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.#out[this.#at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#out[this.#at++] = rest;
  }

  #reserve(bytes: number): void {
    if (this.#out.length < bytes) this.#out = new Uint8Array(bytes * 2);
  }
}

/** What a decoded frame says besides the values, which are in the chain's row. */
export interface FrameHeader {
  readonly kind: FrameKind;
  /** The chain began anew: a slot that is not among the changed ones is unknown, whatever it was before. */
  readonly key: boolean;
  readonly seq: number;
  readonly at: number;
  readonly slots: number;
  /** Indexes of slots that changed: the first `changedCount` entries of `decoder.changed`. */
  readonly changedCount: number;
}

const CHANGED = /* @__PURE__ */ new Uint16Array(LIMITS.slotsPerFrame);

/** Decodes the two chains of one connection. Never trusts a length it was given. */
export class FrameDecoder {
  readonly live = createFrameChain();
  readonly backfill = createFrameChain();
  /** Slot indexes changed by the last frame, up to its `changedCount`. One array for all decoders: valid until the next frame of any. */
  readonly changed = CHANGED;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  /**
   * Applies one frame to its chain.
   * @param maxSlots slots the dictionary has; a frame with more is refused.
   * @throws FrameError when the frame is malformed; the chain is then unusable and the connection must be closed.
   */
  decode(bytes: Uint8Array, maxSlots: number = LIMITS.slotsPerFrame): FrameHeader {
    this.#bytes = bytes;
    this.#at = 0;
    const first = this.#byte();
    const kind = first & 0x0f;
    if ((kind !== FRAME_LIVE && kind !== FRAME_BACKFILL) || (first & 0xe0) !== 0) throw new FrameError("unknown frame kind");
    const chain = kind === FRAME_LIVE ? this.live : this.backfill;
    const key = (first & KEY) !== 0;
    if (!key && !chain.started) throw new FrameError("a chain starts with a key frame");
    const seq = this.#varint();
    if (!key && seq <= chain.seq) throw new FrameError("the sequence went back");
    const time = this.#varint();
    const at = key ? time : chain.at + unzigzag(time);
    if (at < 0 || at > 8.64e15) throw new FrameError("the clock is out of range");
    const slots = this.#varint();
    if (slots > maxSlots || slots > LIMITS.slotsPerFrame) throw new FrameError("more slots than were declared");
    if (!key && slots < chain.slots) throw new FrameError("the number of slots went back");
    if (key) chain.row.fill(0);
    chain.row = growRow(chain.row, slots);
    const changedCount = this.#body(chain.row, slots);
    chain.slots = slots;
    chain.seq = seq;
    chain.at = at;
    chain.started = true;
    return { kind, key, seq, at, slots, changedCount };
  }

  /** Nibbles come from an accumulator that is kept filled, and the usual one-nibble difference from a table. */
  #body(row: Float64Array, slots: number): number {
    const bytes = this.#bytes;
    const length = bytes.length;
    const bitmap = this.#at;
    let at = bitmap + ((slots + 7) >> 3);
    if (at > length) throw new FrameError("the frame ends early");
    const changed = CHANGED;
    let count = 0;
    let acc = 0;
    let filled = 0;
    for (let base = 0; base < slots; base += 8) {
      let bits = bytes[bitmap + (base >> 3)] as number;
      while (bits !== 0) {
        const slot = base + 31 - Math.clz32(bits & -bits);
        bits &= bits - 1;
        if (slot >= slots) throw new FrameError("a bit beyond the last slot");
        if (filled === 0) {
          if (at >= length) throw new FrameError("the frame ends early");
          acc = bytes[at++] as number;
          filled = 8;
        }
        let nibble = acc & 15;
        acc >>= 4;
        filled -= 4;
        let difference: number;
        if (nibble < 8) difference = (nibble >> 1) ^ -(nibble & 1);
        else {
          let value = nibble & 7;
          let shift = 3;
          do {
            if (filled === 0) {
              if (at >= length) throw new FrameError("the frame ends early");
              acc = bytes[at++] as number;
              filled = 8;
            }
            nibble = acc & 15;
            acc >>= 4;
            filled -= 4;
            value |= (nibble & 7) << shift;
            shift += 3;
          } while (nibble > 7 && shift < 30);
          difference = (value >>> 1) ^ -(value & 1);
          if (nibble > 7) {
            let large = value;
            for (let scale = 0x40000000; nibble > 7; scale *= 8) {
              if (scale > 0x40000000000000) throw new FrameError("a value is too long");
              if (filled === 0) {
                if (at >= length) throw new FrameError("the frame ends early");
                acc = bytes[at++] as number;
                filled = 8;
              }
              nibble = acc & 15;
              acc >>= 4;
              filled -= 4;
              large += (nibble & 7) * scale;
            }
            difference = unzigzag(large);
          }
        }
        const next = (row[slot] as number) + difference;
        if (!(next >= 0 && next <= MAX_SLOT)) throw new FrameError("a value is out of range");
        row[slot] = next;
        changed[count++] = slot;
      }
    }
    if (acc !== 0) throw new FrameError("padding is not zero");
    if (at !== length) throw new FrameError("bytes after the last value");
    return count;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new FrameError("the frame ends early");
    return byte;
  }

  #varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      scale *= 128;
    }
    throw new FrameError("a number is too long");
  }
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
