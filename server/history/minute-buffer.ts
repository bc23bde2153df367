/**
 * Samples of one boot of one instance within one minute, before they are packed. They stay the frames they came as, a fifth of the size
 * of their rows; they are decoded once, when the minute is packed. A sample that does not follow the one before it in its chain is
 * written as a key frame, so a minute can always be read by itself.
 */
import type { ResourceState } from "../../core/fleet.ts";
import { encodePage, type DecodedPage, type PageColumn, type WantedColumn } from "../../core/page.ts";
import { FRAME_BACKFILL, FRAME_LIVE, FrameDecoder, FrameEncoder } from "../../protocol/frame.ts";
import { columnsOf } from "../../protocol/kinds.ts";
import type { SamplePage } from "../store/store.ts";
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
/** Rows of the minute being packed or read, one after the other; reused. */
let matrix = new Float64Array(0);

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

  /** Packs what is here, in order of time. */
  pack(): SamplePage {
    this.#decode();
    const order = this.#order();
    const times = this.#gather(this.#times, order);
    const bytes = encodePage({
      resources: this.#resources,
      times,
      seqs: this.#gather(this.#seqs, order),
      read: (column, into) => this.#copyColumn(column, order, into),
    });
    const { environment, service, instance, boot } = this.source;
    return {
      environment,
      service,
      instance,
      boot,
      from: times[0] as number,
      to: times[this.#count - 1] as number,
      lastSeq: this.highestSeq,
      samples: this.#count,
      bytes,
    };
  }

  /** The same as decoding the packed page, without packing. */
  read(wanted: WantedColumn): DecodedPage {
    this.#decode();
    const order = this.#order();
    const columns: PageColumn[] = [];
    for (const resource of this.#resources) {
      columnsOf(resource.kind).forEach(({ name }, i) => {
        if (!wanted(resource, name)) return;
        const values = new Float64Array(this.#count);
        this.#copyColumn(resource.offset + i, order, values);
        if (values.some((value) => value !== 0)) columns.push({ resource, column: name, values });
      });
    }
    return { times: this.#gather(this.#times, order), seqs: this.#gather(this.#seqs, order), resources: this.#resources, columns };
  }

  /** Fills the matrix. */
  #decode(): void {
    const width = this.#width;
    if (matrix.length < this.#count * width) matrix = new Float64Array(this.#count * width * 2);
    const decoder = new FrameDecoder();
    for (let i = 0, from = 0; i < this.#count; i++) {
      const to = this.#ends[i] as number;
      const { kind, slots } = decoder.decode(this.#frames.subarray(from, to));
      const { row } = kind === FRAME_LIVE ? decoder.live : decoder.backfill;
      matrix.set(slots === row.length ? row : row.subarray(0, slots), i * width);
      matrix.fill(0, i * width + slots, (i + 1) * width);
      from = to;
    }
  }

  /** Rows by time; null when they lie so already. */
  #order(): Uint32Array | null {
    if (this.#ordered) return null;
    return Uint32Array.from({ length: this.#count }, (_, i) => i).sort(
      (a, b) => (this.#times[a] as number) - (this.#times[b] as number) || (this.#seqs[a] as number) - (this.#seqs[b] as number),
    );
  }

  #gather(from: Float64Array, order: Uint32Array | null): Float64Array {
    if (order === null) return from.slice(0, this.#count);
    return Float64Array.from(order, (i) => from[i] as number);
  }

  /** The slots of a row are the columns of its resources in order, so a column is a slot. */
  #copyColumn(column: number, order: Uint32Array | null, into: Float64Array): void {
    const count = this.#count;
    if (column >= this.#width) {
      into.fill(0, 0, count);
      return;
    }
    const width = this.#width;
    if (order !== null) for (let i = 0; i < count; i++) into[i] = matrix[(order[i] as number) * width + column] as number;
    else for (let i = 0, at = column; i < count; i++, at += width) into[i] = matrix[at] as number;
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
