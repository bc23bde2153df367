/**
 * Samples into pages, pages into series. A minute is sealed a few seconds after it ended, agents spread by a hash so that ten thousand
 * of them do not seal in one turn; a back-filled minute when it has been quiet for a while. While the store fails, pages wait in bounded
 * memory and are written later; what did not fit is counted.
 */
import type { SeriesAnswer } from "../../protocol/api.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { SamplePage, Store } from "../store/store.ts";
import { MinuteBuffer } from "./minute-buffer.ts";
import { readSeries, type SeriesQuery } from "./series-reader.ts";
import type { SampleSink, SampleSource } from "./sink.ts";

const MINUTE_MS = 60_000;
const SEAL_AFTER_MS = 5_000;
const SPREAD_MS = 10_000;
const TICK_MS = 1_000;
/** Pages packed in one turn of the loop: about 100 us each. */
const PAGES_PER_TURN = 40;
const PAGES_PER_WRITE = 200;
const WAITING_MOST = 20_000;
const RETRY_MS = 2_000;

export interface HistoryOptions {
  readonly store: Pick<Store, "putPages" | "readPages" | "listInstances">;
  readonly clock: Clock;
  readonly log: Log;
  /** Samples that were lost because the store did not take pages for long. */
  readonly dropped?: (samples: number) => void;
}

export interface History extends SampleSink {
  series(query: SeriesQuery): Promise<SeriesAnswer>;
  /** Packs and writes everything that is open; resolves when it is on disk, rejects when the store refuses. */
  flush(): Promise<void>;
  /** Flushes and stops. */
  close(): Promise<void>;
}

function bootKey(source: SampleSource): string {
  return `${source.environment}\n${source.service}\n${source.instance}\n${source.boot}`;
}

function phaseOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % SPREAD_MS;
}

export function createHistory(options: HistoryOptions): History {
  const { store, clock, log } = options;
  /** By boot, then by minute. */
  const open = new Map<string, Map<number, MinuteBuffer>>();
  const waiting: MinuteBuffer[] = [];
  let packed: { page: SamplePage; buffer: MinuteBuffer }[] = [];
  const listeners = new Set<(source: SampleSource, seq: number) => void>();
  let writing: Promise<void> | null = null;
  let draining = false;
  let closed = false;

  function isDue(buffer: MinuteBuffer, key: string, now: number): boolean {
    return now >= buffer.minute + MINUTE_MS + SEAL_AFTER_MS + phaseOf(key) && now - buffer.touchedAt >= SEAL_AFTER_MS;
  }

  function seal(key: string, buffer: MinuteBuffer): void {
    const minutes = open.get(key);
    minutes?.delete(buffer.minute);
    if (minutes?.size === 0) open.delete(key);
    waiting.push(buffer);
    if (waiting.length + packed.length <= WAITING_MOST) return;
    const lost = packed.shift()?.buffer ?? waiting.shift();
    if (lost) options.dropped?.(lost.samples);
  }

  function sealDue(now: number): void {
    for (const [key, minutes] of open) for (const buffer of [...minutes.values()]) if (isDue(buffer, key, now)) seal(key, buffer);
    if (waiting.length > 0) drain();
  }

  function packSome(count: number): void {
    for (const buffer of waiting.splice(0, count)) packed.push({ page: buffer.pack(), buffer });
  }

  /** Packs a little each turn, then writes; one drain at a time. */
  function drain(): void {
    if (draining) return;
    draining = true;
    const turn = (): void => {
      packSome(PAGES_PER_TURN);
      if (waiting.length > 0) {
        clock.setTimeout(turn, 0);
        return;
      }
      draining = false;
      void write().catch((error: unknown) => {
        log.error({ err: error, pages: packed.length }, "pages of samples wait for the database");
        if (!closed) clock.setTimeout(() => void write().catch(() => undefined), RETRY_MS);
      });
    };
    turn();
  }

  /** Writes what is packed, in order, one write at a time. */
  async function write(): Promise<void> {
    while (writing) await writing;
    if (packed.length === 0) return;
    const batch = packed.slice(0, PAGES_PER_WRITE);
    writing = store.putPages(batch.map((entry) => entry.page));
    try {
      await writing;
    } finally {
      writing = null;
    }
    const written = new Set(batch);
    packed = packed.filter((entry) => !written.has(entry));
    for (const { buffer } of batch) tell(buffer);
    if (packed.length > 0) await write();
  }

  /** Only what has nothing older of its boot still in memory is safe to forget. */
  function tell(buffer: MinuteBuffer): void {
    const key = bootKey(buffer.source);
    let seq = buffer.highestSeq;
    const pending = [...(open.get(key)?.values() ?? []), ...waiting, ...packed.map((entry) => entry.buffer)];
    for (const other of pending) if (bootKey(other.source) === key) seq = Math.min(seq, other.lowestSeq - 1);
    if (seq > 0) for (const listener of listeners) listener(buffer.source, seq);
  }

  function openPages(query: SeriesQuery): SamplePage[] {
    const pages: SamplePage[] = [];
    const matches = (source: SampleSource): boolean =>
      source.environment === query.environment &&
      (query.service === undefined || source.service === query.service) &&
      (query.instance === undefined || `${source.service}/${source.instance}` === query.instance);
    for (const minutes of open.values()) for (const buffer of minutes.values()) if (matches(buffer.source)) pages.push(buffer.pack());
    for (const buffer of waiting) if (matches(buffer.source)) pages.push(buffer.pack());
    for (const { page } of packed) if (matches(page)) pages.push(page);
    return pages.filter((page) => page.to >= query.from && page.from <= query.to);
  }

  async function flush(): Promise<void> {
    for (const [key, minutes] of [...open]) for (const buffer of [...minutes.values()]) seal(key, buffer);
    packSome(waiting.length);
    await write();
  }

  const timer = clock.setInterval(() => sealDue(clock.now()), TICK_MS);
  return {
    append(source, sample) {
      const key = bootKey(source);
      let minutes = open.get(key);
      if (!minutes) open.set(key, (minutes = new Map<number, MinuteBuffer>()));
      const minute = Math.floor(sample.at / MINUTE_MS) * MINUTE_MS;
      let buffer = minutes.get(minute);
      if (!buffer) minutes.set(minute, (buffer = new MinuteBuffer(source, minute)));
      buffer.touchedAt = clock.now();
      buffer.add(sample);
    },
    onCommitted(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    series: (query) => readSeries({ store, openPages, log }, query),
    flush,
    async close() {
      closed = true;
      timer.cancel();
      await flush();
    },
  };
}
