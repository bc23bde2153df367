/** Reads every resource at the cadence, keeps each sample in the ring, sends it live, and back-fills what the console has missed. */
import { FRAME_BACKFILL, FRAME_LIVE, FrameEncoder } from "../../../protocol/frame.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import type { Clock, Timer } from "../runtime.ts";
import type { Dictionary } from "./dictionary.ts";
import type { Resource, ResourceTable } from "./resource-table.ts";
import type { SampleRing } from "./sample-ring.ts";
import { BUSY_BYTES, type Wire } from "./wire.ts";

/** 300 back-filled frames a second: with the live ones, below what the console allows. */
const BACKFILL_FRAMES = 30;
const BACKFILL_EVERY_MS = 100;

export interface SamplerParts {
  readonly clock: Clock;
  readonly table: ResourceTable;
  readonly ring: SampleRing;
  readonly dictionary: Dictionary;
  /** Before each sample: time to look for resources that appear by themselves. */
  readonly before: () => void;
  /** The object of this resource is gone. */
  readonly gone: (resource: Resource) => void;
}

export class Sampler {
  /** Cadence in ms, as the console last asked. */
  intervalMs: number = LIMITS.sampleIntervalMs;
  readonly #parts: SamplerParts;
  readonly #live = new FrameEncoder(FRAME_LIVE);
  readonly #backfill = new FrameEncoder(FRAME_BACKFILL);
  #backfilledSeq = 0;
  #wire: Wire | null = null;
  #timer: Timer | null = null;
  #backfillTimer: Timer | null = null;
  #dueAt = 0;
  #seq = 0;

  constructor(parts: SamplerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#dueAt = this.#parts.clock.monoNow() + this.intervalMs;
    this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.disconnected();
  }

  setInterval(ms: number): void {
    if (ms === this.intervalMs) return;
    this.intervalMs = ms;
    if (this.#timer === null) return;
    this.#timer.cancel();
    this.#dueAt = this.#parts.clock.monoNow() + ms;
    this.#schedule();
  }

  /** The dictionary is declared: a key frame goes at once, then back-fill begins. */
  connected(wire: Wire, framesAcked: number): void {
    this.#wire = wire;
    this.#live.reset();
    this.#backfill.reset();
    this.#backfilledSeq = 0;
    this.#parts.ring.reconnected(framesAcked);
    this.sample();
  }

  disconnected(): void {
    this.#wire = null;
    this.#backfillTimer?.cancel();
    this.#backfillTimer = null;
  }

  /** Takes one sample now. */
  sample(): void {
    const { clock, table, ring, dictionary, before, gone } = this.#parts;
    before();
    table.sample(gone);
    const stamp = { seq: ++this.#seq, at: clock.wallNow() };
    ring.append(table.row, table.slots, stamp);
    const wire = this.#wire;
    if (wire === null) return;
    if (wire.buffered <= BUSY_BYTES) {
      dictionary.sendNew(wire);
      wire.sendBytes(this.#live.encode(table.row, table.slots, stamp.seq, stamp.at));
      ring.sentLive();
    }
    if (ring.hasUnsent()) this.#scheduleBackfill();
  }

  #schedule(): void {
    const { clock } = this.#parts;
    const now = clock.monoNow();
    if (now - this.#dueAt > this.intervalMs) this.#dueAt = now;
    this.#timer = clock.after(Math.max(1, this.#dueAt - now), () => {
      this.#dueAt += this.intervalMs;
      this.#schedule();
      this.sample();
    });
  }

  #scheduleBackfill(): void {
    this.#backfillTimer ??= this.#parts.clock.after(BACKFILL_EVERY_MS, () => {
      this.#backfillTimer = null;
      this.#pumpBackfill();
    });
  }

  #pumpBackfill(): void {
    const wire = this.#wire;
    if (wire === null) return;
    const { ring } = this.#parts;
    if (wire.buffered <= BUSY_BYTES) {
      ring.takeUnsent(BACKFILL_FRAMES, (chain) => {
        // The chain of the wire only goes forward; an older frame starts it anew.
        if (chain.seq <= this.#backfilledSeq) this.#backfill.reset();
        this.#backfilledSeq = chain.seq;
        wire.sendBytes(this.#backfill.encode(chain.row, chain.slots, chain.seq, chain.at));
        return this.#seq + 1;
      });
    }
    if (ring.hasUnsent()) this.#scheduleBackfill();
  }
}
