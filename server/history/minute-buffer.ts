/**
 * Samples of one boot of one instance within one minute, before they are packed. They stay the frames they came as, a fifth of the size
 * of their rows; they are decoded once, when the minute is packed. A sample that does not follow the one before it in its chain is
 * written as a key frame, so a minute can always be read by itself.
 */
import type { ResourceState } from "../../core/fleet.ts";
import type { DecodedPage, WantedColumn } from "../../core/page.ts";
import { FRAME_BACKFILL, FRAME_LIVE, FrameEncoder } from "../../protocol/frame.ts";
import type { SamplePage } from "../store/store.ts";
import { readMinute, type MinuteContents } from "./pack-minute.ts";
import type { SampleFrame, SampleSource } from "./sink.ts";

export interface Sample {
  readonly seq: number;
  readonly at: number;
  readonly row: Float64Array;
  readonly slots: number;
  readonly resources: readonly ResourceState[];
  readonly frame?: SampleFrame;
}

/** A back-filled minute may stay this small; a live one grows to about 60. */
const FIRST_ROWS = 4;
const FIRST_BYTES = 2_048;

const keys = { [FRAME_LIVE]: new FrameEncoder(FRAME_LIVE), [FRAME_BACKFILL]: new FrameEncoder(FRAME_BACKFILL) };

export class MinuteBuffer {
  readonly source: SampleSource;
  /** Where the minute begins, ms. */
  readonly start: number;
  /** Monotonic time of the last sample taken. */
  touchedAt = 0;
  lowestSeq = Infinity;
  highestSeq = 0;
  #resources: readonly ResourceState[] = [];
  /** Frames, end to end. */
  #frames = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #used = 0;
  #width = 0;
  #count = 0;
  #times = new Float64Array(FIRST_ROWS);
  #seqs = new Float64Array(FIRST_ROWS);
  /** Where each frame ends. */
  #ends = new Uint32Array(FIRST_ROWS);
  /** Chain and sequence of the last frame. */
  #chain: object | null = null;
  #lastSeq = 0;
  /** False once a sample came that is older than the one before. */
  #ordered = true;

  constructor(source: SampleSource, start: number) {
    this.source = source;
    this.start = start;
  }

  get samples(): number {
    return this.#count;
  }

  /** Memory held for samples. */
  get bytes(): number {
    return this.#frames.byteLength + this.#times.byteLength * 2 + this.#ends.byteLength;
  }

  /** False when this sequence is here already. */
  add(sample: Sample): boolean {
    const { seq, frame } = sample;
    if (seq <= this.highestSeq && this.#seqs.subarray(0, this.#count).includes(seq)) return false;
    if (sample.resources.length >= this.#resources.length) this.#resources = sample.resources;
    this.#width = Math.max(this.#width, sample.slots);
    if (this.#count === this.#times.length) this.#grow();
    this.#write(frame !== undefined && (frame.key || this.#follows(frame)) ? frame.bytes : keyFrame(sample));
    this.#chain = frame?.chain ?? null;
    this.#lastSeq = seq;
    const at = Math.round(sample.at);
    if (this.#count > 0 && at < (this.#times[this.#count - 1] as number)) this.#ordered = false;
    this.#times[this.#count] = at;
    this.#seqs[this.#count] = seq;
    this.#ends[this.#count] = this.#used;
    this.#count++;
    this.lowestSeq = Math.min(this.lowestSeq, seq);
    this.highestSeq = Math.max(this.highestSeq, seq);
    return true;
  }

  #follows(frame: SampleFrame): boolean {
    return this.#count > 0 && frame.chain === this.#chain && frame.previousSeq === this.#lastSeq;
  }

  #write(bytes: Uint8Array): void {
    const needed = this.#used + bytes.length;
    if (needed > this.#frames.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#frames.length * 2));
      grown.set(this.#frames.subarray(0, this.#used));
      this.#frames = grown;
    }
    this.#frames.set(bytes, this.#used);
    this.#used = needed;
  }

  #grow(): void {
    const capacity = this.#count < 16 ? this.#count * 2 : this.#count < 60 ? 62 : Math.ceil(this.#count * 1.5);
    this.#times = extended(this.#times, new Float64Array(capacity));
    this.#seqs = extended(this.#seqs, new Float64Array(capacity));
    this.#ends = extended(this.#ends, new Uint32Array(capacity));
  }

  /** What is here, to be packed. Views: they hold until the next `add`. */
  contents(): MinuteContents {
    return {
      resources: this.#resources,
      frames: this.#frames.subarray(0, this.#used),
      ends: this.#ends.subarray(0, this.#count),
      times: this.#times.subarray(0, this.#count),
      seqs: this.#seqs.subarray(0, this.#count),
      width: this.#width,
      ordered: this.#ordered,
    };
  }

  /** The page of these bytes, made by `packMinute` of the contents. */
  page(bytes: Uint8Array): SamplePage {
    const times = this.#times.subarray(0, this.#count);
    const { environment, service, instance, boot } = this.source;
    return {
      environment,
      service,
      instance,
      boot,
      from: this.#ordered ? (times[0] as number) : Math.min(...times),
      to: this.#ordered ? (times[this.#count - 1] as number) : Math.max(...times),
      lastSeq: this.highestSeq,
      samples: this.#count,
      bytes,
    };
  }

  /** The same as decoding the packed page, without packing. */
  read(wanted: WantedColumn): DecodedPage {
    return readMinute(this.contents(), wanted);
  }
}

/** The clock is the agent's own, because the frames that follow count from it. */
function keyFrame({ row, slots, seq, at, frame }: Sample): Uint8Array {
  const encoder = keys[frame?.kind ?? FRAME_LIVE];
  encoder.reset();
  return encoder.encode(row, slots, seq, frame?.chain.at ?? Math.max(0, Math.round(at)));
}

function extended<A extends Float64Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
