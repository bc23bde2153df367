/** Windows of the past that are in memory: read once however often they are asked for, and the one not used longest goes first. */
import { RecordedWindow } from "./recorded-window.ts";
import { windowEnd, windowStart } from "./replay-window.ts";
import type { ReplaySource } from "./replay-source.ts";

/** A window that ended in the present is read again once at least this much more can be there. */
const MORE_MS = 3_000;

export interface WindowCacheOptions {
  readonly source: ReplaySource;
  /** Newest moment that can have been recorded. */
  readonly edge: () => number;
  /** Bytes that windows may take; those that are needed now stay even so. */
  readonly mostBytes: number;
}

interface Reading {
  readonly done: Promise<RecordedWindow>;
  readonly abort: AbortController;
}

export class WindowCache {
  readonly #options: WindowCacheOptions;
  /** The one used last at the end. */
  readonly #windows = new Map<number, RecordedWindow>();
  readonly #reading = new Map<number, Reading>();
  #needed: readonly number[] = [];

  constructor(options: WindowCacheOptions) {
    this.#options = options;
  }

  get bytes(): number {
    let bytes = 0;
    for (const window of this.#windows.values()) bytes += window.bytes;
    return bytes;
  }

  get size(): number {
    return this.#windows.size;
  }

  /** A window in memory. It counts as used. */
  get(index: number): RecordedWindow | undefined {
    const window = this.#windows.get(index);
    if (!window) return undefined;
    this.#windows.delete(index);
    this.#windows.set(index, window);
    return window;
  }

  /** In memory up to `at` or to its end. */
  holds(index: number, at: number): boolean {
    const window = this.#windows.get(index);
    return window !== undefined && window.to >= Math.min(at, windowEnd(index));
  }

  /** These are needed now; what is still being read for others is given up. */
  need(indexes: readonly number[]): void {
    this.#needed = indexes;
    for (const [index, reading] of this.#reading) if (!indexes.includes(index)) reading.abort.abort();
    this.#evict();
  }

  /** Reads a window, unless it is here as far as it can be. Rejects when it could not be read or is not needed any more. */
  load(index: number): Promise<RecordedWindow> {
    const known = this.#windows.get(index);
    const to = Math.min(windowEnd(index), Math.floor(this.#options.edge()));
    if (known && (known.to >= windowEnd(index) || to - known.to < MORE_MS)) return Promise.resolve(known);
    const before = this.#reading.get(index);
    if (before && !before.abort.signal.aborted) return before.done;
    const abort = new AbortController();
    const done = this.#read({ from: windowStart(index), to }, abort.signal).then((window) => {
      this.#windows.delete(index);
      this.#windows.set(index, window);
      this.#evict();
      return window;
    });
    const reading: Reading = { done, abort };
    this.#reading.set(index, reading);
    const over = (): void => {
      if (this.#reading.get(index) === reading) this.#reading.delete(index);
    };
    done.then(over, over);
    return done;
  }

  async #read(range: { from: number; to: number }, signal: AbortSignal): Promise<RecordedWindow> {
    const { source } = this.#options;
    const [story, samples] = await Promise.all([source.story(range, signal), source.samples(range, signal)]);
    signal.throwIfAborted();
    const window = new RecordedWindow(story, samples);
    const silent = window.silent();
    if (silent.length > 0) {
      window.remember(await source.lastSamples(silent, range.from, signal));
      signal.throwIfAborted();
    }
    return window;
  }

  #evict(): void {
    let { bytes } = this;
    for (const [index, window] of this.#windows) {
      if (bytes <= this.#options.mostBytes) return;
      if (this.#needed.includes(index)) continue;
      this.#windows.delete(index);
      bytes -= window.bytes;
    }
  }

  clear(): void {
    this.need([]);
    this.#windows.clear();
  }
}
