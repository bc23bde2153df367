/** A database with its queue of writes: what every part of a store does its reading and writing through. */
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
    try {
      const result = await this.db.$transaction(work, TRANSACTION_OPTIONS);
      this.#refusing = false;
      return result;
    } catch (error) {
      if (isUnavailable(error)) this.#refusing = true;
      throw error;
    }
  }
}
