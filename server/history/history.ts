/**
 * Samples into pages, pages into series.
 *
 * A sample goes into the open minute of its boot; a minute that ended is packed, a few at a time so that the event loop stays free, and
 * written in batches. Only then are its sequences called committed. While the store fails, pages wait in bounded memory; what does not
 * fit is dropped, oldest first, and counted.
 */
import { withPoints } from "../../core/series.ts";
import type { SeriesAnswer } from "../../protocol/api.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import type { MinuteBuffer } from "./minute-buffer.ts";
import { LANES, OpenMinutes, type Boot } from "./open-minutes.ts";
import { plainPages } from "./page-cache.ts";
import { packMinute } from "./pack-minute.ts";
import type { PackThread } from "./pack-thread.ts";
import { PageWriter } from "./page-writer.ts";
import { readSeries, type HeldSamples, type SeriesQuery } from "./series-reader.ts";
import type { SampleSink, SampleSource } from "./sink.ts";

/** Every open minute is looked at once a second. */
const TICK_MS = 1_000 / LANES;
/** Packing stops after this long and goes on in the next turn of the loop: a few pages. */
const TURN_MS = 1;
/** Minutes handed to the thread at once. */
const BATCH = 32;
const WAITING_BYTES = 256 * 1024 * 1024;

export interface HistoryOptions {
  readonly store: Pick<Store, "putPages" | "readPages" | "listInstances">;
  readonly clock: Clock;
  readonly log: Log;
  /** Samples (rows) that were lost because the store did not take pages for long. */
  readonly dropped?: (samples: number) => void;
  /** Bytes of packed pages that may wait for the store. */
  readonly waitingBytes?: number;
  /** Packs minutes elsewhere; without it they are packed here, a moment at a time. Belongs to the caller. */
  readonly thread?: PackThread;
}

export interface History extends SampleSink {
  series(query: SeriesQuery): Promise<SeriesAnswer>;
  /** What no stored page has yet, or may not have. */
  held(): readonly HeldSamples[];
  /** Packs and writes everything that is open; resolves when it is on disk, rejects when the store refuses. */
  flush(): Promise<void>;
  /** Flushes and stops; rejects when the store refuses, and what it refused is lost and counted. */
  close(): Promise<void>;
}

interface Sealed {
  readonly boot: Boot;
  readonly buffer: MinuteBuffer;
}

export function createHistory(options: HistoryOptions): History {
  const { store, clock, log } = options;
  const listeners = new Set<(source: SampleSource, seq: number) => void>();
  const waiting: Sealed[] = [];
  const writer = new PageWriter({ store, clock, log, maxBytes: options.waitingBytes ?? WAITING_BYTES });
  const open = new OpenMinutes({ sealed: (boot, buffer) => void waiting.push({ boot, buffer }) });
  let packing = false;

  function pack(sealed: Sealed): void {
    queue(sealed, packMinute(sealed.buffer.contents()));
  }

  function queue({ boot, buffer }: Sealed, bytes: Uint8Array): void {
    const page = buffer.page(bytes);
    const entry = { lowestSeq: buffer.lowestSeq };
    boot.pending.delete(buffer);
    boot.pending.add(entry);
    writer.add({
      page,
      done: (outcome) => {
        boot.pending.delete(entry);
        if (outcome === "committed") boot.committed = Math.max(boot.committed, page.lastSeq);
        else options.dropped?.(page.samples);
        tell(boot);
        open.release(boot);
      },
    });
  }

  /** Safe for the agent to forget: up to the highest on disk, but nothing at or above what is still in memory. */
  function tell(boot: Boot): void {
    let seq = boot.committed;
    for (const { lowestSeq } of boot.pending) seq = Math.min(seq, lowestSeq - 1);
    if (seq <= boot.told) return;
    boot.told = seq;
    for (const listener of listeners) listener(boot.source, seq);
  }

  /** Has a batch packed after the other, then writes. */
  async function drain(thread: PackThread): Promise<void> {
    for (let batch = waiting.slice(0, BATCH); batch.length > 0; batch = waiting.slice(0, BATCH)) {
      const pages = await thread.pack(batch.map(({ buffer }) => buffer.contents())).catch((error: unknown) => {
        log.error({ err: error }, "the thread that packs samples failed; they are packed here");
        return null;
      });
      batch.forEach((sealed, i) => {
        // A flush has packed it meanwhile.
        if (waiting[0] !== sealed) return;
        waiting.shift();
        const bytes = pages?.[i];
        if (bytes) queue(sealed, bytes);
        else pack(sealed);
      });
      writer.kick();
    }
  }

  /** Packs for a moment, lets the loop turn, goes on; writes when all is packed. */
  function drainHere(): void {
    const started = clock.monotonic();
    while (waiting.length > 0) {
      if (clock.monotonic() - started >= TURN_MS) {
        clock.setTimeout(drainHere, 0);
        return;
      }
      const sealed = waiting.shift();
      if (sealed) pack(sealed);
    }
    packing = false;
    writer.kick();
  }

  function beginPacking(): void {
    if (waiting.length === 0 || packing) return;
    packing = true;
    if (options.thread) void drain(options.thread).finally(() => (packing = false));
    else drainHere();
  }

  function packAll(): void {
    open.sealAll();
    for (const sealed of waiting.splice(0)) pack(sealed);
  }

  /** What no stored page has yet, or may not have. */
  function held(): HeldSamples[] {
    const found: HeldSamples[] = [];
    for (const buffer of open.buffers()) found.push({ source: buffer.source, from: buffer.start, read: (wanted) => buffer.read(wanted) });
    for (const { buffer } of waiting) found.push({ source: buffer.source, from: buffer.start, read: (wanted) => buffer.read(wanted) });
    for (const { page } of writer.pages) found.push({ source: page, from: page.from, page });
    return found;
  }

  const timer = clock.setInterval(() => {
    open.sealDue({ now: clock.now(), touched: clock.monotonic() });
    beginPacking();
  }, TICK_MS);

  return {
    append: (source, sample) => open.append(source, sample, { now: clock.now(), touched: clock.monotonic() }),
    onCommitted(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    series: async (query) => withPoints(await readSeries({ store, pages: plainPages(store), held, clock, log }, query)),
    held,
    async flush() {
      packAll();
      await writer.flush();
    },
    async close() {
      timer.cancel();
      packAll();
      await writer.close();
    },
  };
}
