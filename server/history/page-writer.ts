/** Packed pages on their way to the store, in order, in batches. While the store fails they wait in bounded memory. */
import type { Clock, Timer } from "../clock.ts";
import type { Log } from "../log.ts";
import type { SamplePage, Store } from "../store/store.ts";

const PAGES_PER_WRITE = 200;
const RETRY_MS = 2_000;

export interface QueuedPage {
  readonly page: SamplePage;
  /** Called once, when the page is on disk or when it was dropped for want of memory. */
  readonly done: (outcome: "committed" | "dropped") => void;
}

export interface PageWriterOptions {
  readonly store: Pick<Store, "putPages">;
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes of pages that may wait; beyond them the oldest are dropped. */
  readonly maxBytes: number;
}

export class PageWriter {
  readonly #options: PageWriterOptions;
  #queue: QueuedPage[] = [];
  #bytes = 0;
  /** How many at the front are being written. */
  #inFlight = 0;
  #writing: Promise<boolean> | null = null;
  #retry: Timer | null = null;
  #error: unknown = null;
  #closed = false;

  constructor(options: PageWriterOptions) {
    this.#options = options;
  }

  /** Pages that wait or are being written. */
  get pages(): readonly QueuedPage[] {
    return this.#queue;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(entry: QueuedPage): void {
    this.#queue.push(entry);
    this.#bytes += entry.page.bytes.length;
    while (this.#bytes > this.#options.maxBytes && this.#queue.length > this.#inFlight + 1) {
      for (const lost of this.#queue.splice(this.#inFlight, 1)) {
        this.#bytes -= lost.page.bytes.length;
        lost.done("dropped");
      }
    }
  }

  /** Begins to write what waits, unless a write runs or a retry is due. */
  kick(): void {
    if (this.#writing === null && this.#retry === null && this.#queue.length > 0) void this.#write();
  }

  /** Writes everything now. @throws what the store threw */
  async flush(): Promise<void> {
    this.#retry?.cancel();
    this.#retry = null;
    while (this.#queue.length > 0) if (!(await this.#write())) throw this.#error;
  }

  /** Flushes and stops. What the store refuses then is dropped. @throws what the store threw */
  async close(): Promise<void> {
    this.#closed = true;
    try {
      await this.flush();
    } finally {
      this.#retry?.cancel();
      for (const lost of this.#queue.splice(0)) lost.done("dropped");
      this.#bytes = 0;
    }
  }

  /** One write at a time; whoever comes meanwhile gets the same answer. False when the store refused. */
  #write(): Promise<boolean> {
    this.#writing ??= this.#writeBatches().finally(() => (this.#writing = null));
    return this.#writing;
  }

  async #writeBatches(): Promise<boolean> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, PAGES_PER_WRITE);
      this.#inFlight = batch.length;
      try {
        await this.#options.store.putPages(batch.map((entry) => entry.page));
      } catch (error) {
        this.#inFlight = 0;
        this.#failed(error);
        return false;
      }
      this.#inFlight = 0;
      this.#queue.splice(0, batch.length);
      for (const { page } of batch) this.#bytes -= page.bytes.length;
      for (const { done } of batch) done("committed");
    }
    return true;
  }

  #failed(error: unknown): void {
    const { log, clock } = this.#options;
    this.#error = error;
    log.error({ err: error, pages: this.#queue.length, bytes: this.#bytes }, "pages of samples wait for the database");
    if (this.#closed) return;
    this.#retry ??= clock.setTimeout(() => {
      this.#retry = null;
      this.kick();
    }, RETRY_MS);
  }
}
