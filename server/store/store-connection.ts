/** A database with its queue of writes: what every part of a store does its reading and writing through. */
import { setTimeout as wait } from "node:timers/promises";
import { CommitQueue, type CommitReport, type Merge } from "./commit-queue.ts";
import { type Db, TRANSACTION_OPTIONS, type Tx } from "./db.ts";
import type { Dialect } from "./dialect.ts";
import { asStoreError, isUnavailable } from "./failure.ts";
import { StoreUnavailable } from "./store.ts";

export interface StoreConnectionOptions {
  readonly db: Db;
  readonly dialect: Dialect;
  readonly onCommit?: (report: CommitReport) => void;
}

/** Rows, or kilobytes of pages, merged into one transaction at most: it takes some tens of milliseconds, and a flip may wait for it. */
const MAX_WEIGHT = 2_500;
/** How long and how often a commit that was not answered is asked after: long enough for a database to start again, shorter than callers wait. */
const DOUBT_MS = 15_000;
const DOUBT_EVERY_MS = 250;

export abstract class StoreConnection {
  protected readonly db: Db;
  protected readonly dialect: Dialect;
  readonly #queue: CommitQueue;
  #closed = false;
  /** The database refused the last write, as it does when its disk is full; reads may go on. */
  #refusing = false;

  constructor({ db, dialect, onCommit }: StoreConnectionOptions) {
    this.db = db;
    this.dialect = dialect;
    this.#queue = new CommitQueue({
      transact: (work) => this.#transact(work),
      isUnavailable,
      maxWeight: MAX_WEIGHT,
      ...(onCommit ? { onCommit } : {}),
    });
  }

  /** It answers, and it took the last write that it was given. */
  async healthy() {
    try {
      await this.read(() => this.db.$queryRawUnsafe("select 1"));
      return !this.#refusing;
    } catch {
      return false;
    }
  }
  size() {
    return this.read(() => this.dialect.size(this.db));
  }
  /** Writes what still waits, then closes. Later calls are refused. */
  async close() {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue.drain();
    await this.db.$disconnect();
  }

  protected merged<In, Out>(merge: Merge<In, Out>, input: In, weight: number): Promise<Out> {
    return this.read(() => this.#queue.merged(merge, input, weight));
  }
  protected alone<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.read(() => this.#queue.alone(work));
  }
  protected async read<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreUnavailable("the store is closed");
    try {
      return await work();
    } catch (error) {
      throw asStoreError(error);
    }
  }

  async #transact<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    let sent: { readonly name: string; readonly result: T } | null = null;
    const { doubt } = this.dialect;
    try {
      const result = await this.db.$transaction(async (tx) => {
        const name = doubt && (await doubt.name(tx));
        const done = await work(tx);
        if (name !== null) sent = { name, result: done };
        return done;
      }, TRANSACTION_OPTIONS);
      this.#refusing = false;
      return result;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      this.#refusing = true;
      const { name, result } = (sent as { readonly name: string; readonly result: T } | null) ?? { name: null };
      if (name === null || !(await this.#hasCommitted(name))) throw error;
      this.#refusing = false;
      return result;
    }
  }

  /** The line broke when a transaction was to be committed: it may have been, and then its caller must hear so and not make it again. */
  async #hasCommitted(name: string): Promise<boolean> {
    const until = performance.now() + DOUBT_MS;
    for (;;) {
      const committed = await this.dialect.doubt?.committed(this.db, name).catch(() => null);
      if (committed != null) return committed;
      if (performance.now() > until) return false;
      await wait(DOUBT_EVERY_MS);
    }
  }
}
