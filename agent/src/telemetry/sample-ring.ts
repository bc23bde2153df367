/**
 * Samples not yet known to be in the console's history: a chain of encoded frames over one base row, bounded in bytes and number.
 * What falls off the old end is decoded into the base row, so the chain always starts from a known state.
 */
import { FRAME_BACKFILL, FrameDecoder, FrameEncoder, type FrameChain } from "../../../protocol/frame.ts";

/** Kept about each frame beside its bytes. */
const FRAME_OVERHEAD_BYTES = 64;

/** `release` of a frame that must still be sent. */
const UNSENT = Infinity;

interface KeptFrame {
  readonly seq: number;
  readonly bytes: Uint8Array;
  /** The frame is safe once the console has committed live frames up to here. */
  release: number;
  /** It went out as a live frame, so a commit of its own sequence proves it. */
  live: boolean;
  done: boolean;
}

export interface SampleRingLimits {
  readonly bytes: number;
  readonly frames: number;
}

/** An hour of a usual instance. */
const SAMPLE_RING_LIMITS: SampleRingLimits = { bytes: 1024 * 1024, frames: 3_600 };

export class SampleRing {
  /** Samples lost to the bound since the start; those already committed do not count. */
  dropped = 0;
  readonly #limits: SampleRingLimits;
  readonly #encoder = new FrameEncoder(FRAME_BACKFILL);
  readonly #base = new FrameDecoder();
  #frames: KeptFrame[] = [];
  #bytes = 0;
  /** Frames that ever left at the old end: position of the first kept frame. */
  #gone = 0;
  /** Where the last reading for back-fill stopped, so that a long ring is decoded once and not once a batch. */
  #cursor: { readonly decoder: FrameDecoder; position: number } | null = null;

  constructor(limits: SampleRingLimits = SAMPLE_RING_LIMITS) {
    this.#limits = limits;
  }

  /** Frames that are not known to be committed. */
  get length(): number {
    return this.#frames.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  append(row: Float64Array, slots: number, stamp: { readonly seq: number; readonly at: number }): void {
    const bytes = this.#encoder.encode(row, slots, stamp.seq, stamp.at);
    this.#frames.push({ seq: stamp.seq, bytes, release: UNSENT, live: false, done: false });
    this.#bytes += bytes.length + FRAME_OVERHEAD_BYTES;
    let over = 0;
    while (this.#bytes - this.#weight(over) > this.#limits.bytes || this.#frames.length - over > this.#limits.frames) over++;
    this.#drop(over);
  }

  /** The newest frame went out live: a commit of its own sequence releases it. */
  sentLive(): void {
    const last = this.#frames.at(-1);
    if (last === undefined) return;
    last.release = last.seq;
    last.live = true;
  }

  /** The console committed everything it received on this connection before the live frame `seq`, and that frame. */
  committed(seq: number): void {
    for (const frame of this.#frames) if (frame.release <= seq) frame.done = true;
    this.#trim();
  }

  /**
   * A new connection: only live frames up to `seq` are known to be committed, everything else must be sent again.
   */
  reconnected(seq: number): void {
    for (const frame of this.#frames) {
      if (frame.live && frame.seq <= seq) frame.done = true;
      else frame.release = UNSENT;
      frame.live = false;
    }
    this.#trim();
  }

  /** True while a frame older than the newest waits to be sent. */
  hasUnsent(): boolean {
    return this.#frames.some((frame) => !frame.done && frame.release === UNSENT);
  }

  /**
   * Gives up to `limit` unsent frames, oldest first, as rows with their original sequence and time. `each` answers the live sequence
   * whose commit will release the frame. The row belongs to the ring.
   */
  takeUnsent(limit: number, each: (chain: Readonly<FrameChain>) => number): number {
    const first = this.#frames.findIndex((frame) => !frame.done && frame.release === UNSENT);
    if (first < 0) return 0;
    const cursor = this.#cursorAt(this.#gone + first);
    let taken = 0;
    while (taken < limit) {
      const frame = this.#frames[cursor.position - this.#gone];
      if (frame === undefined) break;
      cursor.decoder.decode(frame.bytes);
      cursor.position++;
      if (frame.done || frame.release !== UNSENT) continue;
      frame.release = each(cursor.decoder.backfill);
      taken++;
    }
    return taken;
  }

  #cursorAt(position: number): { readonly decoder: FrameDecoder; position: number } {
    const kept = this.#cursor;
    if (kept !== null && kept.position >= this.#gone && kept.position <= position) return kept;
    const decoder = new FrameDecoder();
    copyChain(this.#base.backfill, decoder.backfill);
    this.#cursor = { decoder, position: this.#gone };
    return this.#cursor;
  }

  #weight(frames: number): number {
    let bytes = 0;
    for (let i = 0; i < frames; i++) bytes += (this.#frames[i]?.bytes.length ?? 0) + FRAME_OVERHEAD_BYTES;
    return bytes;
  }

  #trim(): void {
    const keep = this.#frames.findIndex((frame) => !frame.done);
    this.#drop(keep < 0 ? this.#frames.length : keep);
  }

  #drop(frames: number): void {
    if (frames === 0) return;
    this.#bytes -= this.#weight(frames);
    this.#gone += frames;
    for (const frame of this.#frames.splice(0, frames)) {
      this.#base.decode(frame.bytes);
      if (!frame.done) this.dropped++;
    }
  }
}

function copyChain(from: FrameChain, to: FrameChain): void {
  to.row = from.row.slice();
  to.slots = from.slots;
  to.seq = from.seq;
  to.at = from.at;
  to.started = from.started;
}
