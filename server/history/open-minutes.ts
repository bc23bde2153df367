/**
 * The minutes that are still being filled, by boot. Every agent's minute begins at its own phase, so that ten thousand of them do not
 * end together. A minute is sealed a few seconds after its end; a back-filled one when it has been quiet for as long, or when the
 * back-fill has gone on to the next.
 */
import { MinuteBuffer, type Sample } from "./minute-buffer.ts";
import type { SampleSource } from "./sink.ts";

const MINUTE_MS = 60_000;
const SEAL_AFTER_MS = 5_000;
/** A past minute with fewer samples may still be waiting for the rest when another past minute begins. */
const WHOLE_SAMPLES = 50;
/** Minutes of one boot that may be open at once: an agent that jumps about in time must not hold more memory than that. */
const OPEN_MOST = 8;

/** Looking through ten thousand boots at once would hold up the event loop. */
export const LANES = 20;

/** One start of one instance, as long as anything of it is in memory. */
export interface Boot {
  readonly key: string;
  readonly source: SampleSource;
  /** Offset of its minutes, ms. */
  readonly phase: number;
  readonly minutes: Map<number, MinuteBuffer>;
  /** Everything that is not on disk: open, waiting to be packed, waiting to be written. */
  readonly pending: Set<{ readonly lowestSeq: number }>;
  /** Highest sequence on disk, and the highest that listeners were told of. */
  committed: number;
  told: number;
  /** Nothing of it is in memory any more. */
  released: boolean;
}

export interface OpenMinutesOptions {
  /** Called with each minute that ends, older minutes of a boot before newer ones. */
  readonly sealed: (boot: Boot, buffer: MinuteBuffer) => void;
}

export class OpenMinutes {
  readonly #sealed: OpenMinutesOptions["sealed"];
  readonly #boots = new Map<string, Boot>();
  /** The boots again, spread over `LANES` lanes that are looked through one at a time. */
  readonly #lanes = Array.from({ length: LANES }, () => new Set<Boot>());
  #nextLane = 0;
  #dueLane = 0;
  /** The gateway hands in the same object for a whole connection: saves building a key for each sample. */
  readonly #known = new WeakMap<SampleSource, Boot>();

  constructor(options: OpenMinutesOptions) {
    this.#sealed = options.sealed;
  }

  /** @param now wall clock; @param touched monotonic */
  append(source: SampleSource, sample: Sample, { now, touched }: { readonly now: number; readonly touched: number }): void {
    const boot = this.#bootOf(source);
    const start = startOf(sample.at, boot.phase);
    let buffer = boot.minutes.get(start);
    if (!buffer) {
      this.#makeRoom(boot, start, now);
      buffer = new MinuteBuffer(boot.source, start);
      boot.minutes.set(start, buffer);
      boot.pending.add(buffer);
    }
    buffer.add(sample);
    buffer.touchedAt = touched;
  }

  /** Seals what is due in the next lane: after `LANES` calls everything was looked at. */
  sealDue({ now, touched }: { readonly now: number; readonly touched: number }): void {
    this.#dueLane = (this.#dueLane + 1) % LANES;
    for (const boot of this.#lanes[this.#dueLane] ?? []) {
      let upTo = -Infinity;
      for (const buffer of boot.minutes.values()) {
        if (isOver(buffer, now) && touched - buffer.touchedAt >= SEAL_AFTER_MS && buffer.start > upTo) upTo = buffer.start;
      }
      if (upTo > -Infinity) this.#sealUpTo(boot, upTo);
    }
  }

  sealAll(): void {
    for (const boot of this.#boots.values()) this.#sealUpTo(boot, Infinity);
  }

  /** Forgets a boot of which nothing is left in memory. */
  release(boot: Boot): void {
    if (boot.pending.size > 0 || this.#boots.get(boot.key) !== boot) return;
    boot.released = true;
    this.#boots.delete(boot.key);
    for (const lane of this.#lanes) lane.delete(boot);
  }

  *buffers(): Iterable<MinuteBuffer> {
    for (const boot of this.#boots.values()) yield* boot.minutes.values();
  }

  #bootOf(source: SampleSource): Boot {
    const known = this.#known.get(source);
    if (known && !known.released) return known;
    const key = keyOf(source);
    let boot = this.#boots.get(key);
    if (!boot) {
      boot = { key, source, phase: phaseOf(key), minutes: new Map(), pending: new Set(), committed: 0, told: 0, released: false };
      this.#boots.set(key, boot);
      this.#lanes[this.#nextLane]?.add(boot);
      this.#nextLane = (this.#nextLane + 1) % LANES;
    }
    this.#known.set(source, boot);
    return boot;
  }

  /** Before a new minute: past minutes that look whole are sealed, and the oldest one when too many are open. */
  #makeRoom(boot: Boot, start: number, now: number): void {
    for (const buffer of [...boot.minutes.values()]) {
      if (buffer.start < start && start + MINUTE_MS < now && isOver(buffer, now) && buffer.samples >= WHOLE_SAMPLES)
        this.#sealUpTo(boot, buffer.start);
    }
    if (boot.minutes.size >= OPEN_MOST) this.#sealUpTo(boot, Math.min(...boot.minutes.keys()));
  }

  /** In order of time, so that a newer minute is never on disk while an older one of the boot is not. */
  #sealUpTo(boot: Boot, start: number): void {
    for (const key of [...boot.minutes.keys()].sort((a, b) => a - b)) {
      const buffer = boot.minutes.get(key);
      if (!buffer || key > start) return;
      boot.minutes.delete(key);
      this.#sealed(boot, buffer);
    }
  }
}

/** Start of the minute that a sample of this boot falls into. */
export function minuteStart(source: SampleSource, at: number): number {
  return startOf(at, phaseOf(keyOf(source)));
}

function startOf(at: number, phase: number): number {
  return Math.floor((at - phase) / MINUTE_MS) * MINUTE_MS + phase;
}

function keyOf(source: SampleSource): string {
  return `${source.environment}\n${source.service}\n${source.instance}\n${source.boot}`;
}

function isOver(buffer: MinuteBuffer, now: number): boolean {
  return now >= buffer.start + MINUTE_MS + SEAL_AFTER_MS;
}

/** FNV-1a of the key, spread over a minute. */
function phaseOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % MINUTE_MS;
}
