import type { Clock } from "../clock.ts";

export interface GroupCommitOptions<T> {
  /** Writes the whole group or nothing; rejects when it could not. */
  readonly write: (group: readonly T[]) => Promise<void>;
  /** An entry that could not be written alone, twice, while others could: it, not the database, is at fault. It is not tried again. */
  readonly poisoned: (entry: T, error: unknown) => void;
  /** A try failed and will be repeated after `retryInMs`. */
  readonly failed: (error: unknown, retryInMs: number) => void;
  readonly clock: Clock;
  /** Entries written together at most. */
  readonly maxGroup: number;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/**
 * Collects what arrives while a write is in flight and writes it as one group, in order. When a group fails, its entries are tried
 * one by one, so that one bad entry does not hold up the others; when all of them fail, the database is taken to be down and the same
 * entries are tried again with growing pauses. Nothing is dropped except poisoned entries.
 */
export class GroupCommit<T> {
  readonly #options: GroupCommitOptions<T>;
  #waiting: T[] = [];
  #running: Promise<void> | null = null;
  #stopped = false;
  #wake: (() => void) | null = null;

  constructor(options: GroupCommitOptions<T>) {
    this.#options = options;
  }

  /** Entries not yet written. */
  get size(): number {
    return this.#waiting.length;
  }

  push(entry: T): void {
    this.#waiting.push(entry);
    this.#running ??= this.#run();
  }

  /** Resolves when everything pushed so far is written, or the last try after `stop` has failed. */
  async drained(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Ends retrying: one more try, then what is left is given up. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake?.();
    await this.drained();
  }

  async #run(): Promise<void> {
    // Everything that arrives in the same turn of the loop belongs to the first group already.
    await Promise.resolve();
    let pause = FIRST_RETRY_MS;
    while (this.#waiting.length > 0) {
      const last = this.#stopped;
      const group = this.#waiting.slice(0, this.#options.maxGroup);
      const error = await this.#tryGroup(group);
      if (error === null) {
        pause = FIRST_RETRY_MS;
        continue;
      }
      if (last) {
        this.#waiting = [];
        break;
      }
      this.#options.failed(error, pause);
      await this.#pause(pause);
      pause = Math.min(pause * 2, LAST_RETRY_MS);
    }
    this.#running = null;
  }

  /** Removes what was written, or poisoned, from the head; answers the error when nothing could be written. */
  async #tryGroup(group: readonly T[]): Promise<{ readonly cause: unknown } | null> {
    try {
      await this.#options.write(group);
      this.#waiting.splice(0, group.length);
      return null;
    } catch (cause) {
      if (group.length === 1) return { cause };
      return this.#tryEach(group, cause);
    }
  }

  async #tryEach(group: readonly T[], cause: unknown): Promise<{ readonly cause: unknown } | null> {
    const failures: T[] = [];
    for (const entry of group) {
      try {
        await this.#options.write([entry]);
      } catch {
        failures.push(entry);
        // The first two failing alike with nothing written means the database, not the entries.
        if (failures.length === 2 && entry === group[1]) return { cause };
      }
    }
    this.#waiting.splice(0, group.length);
    for (const entry of failures) {
      try {
        await this.#options.write([entry]);
      } catch (error) {
        this.#options.poisoned(entry, error);
      }
    }
    return null;
  }

  #pause(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#options.clock.setTimeout(() => {
        this.#wake = null;
        resolve();
      }, ms);
      this.#wake = () => {
        timer.cancel();
        this.#wake = null;
        resolve();
      };
    });
  }
}
