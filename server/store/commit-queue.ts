/**
 * All writes of a store, one transaction after another. Calls that arrive while a commit is in flight share the next one (group commit):
 * the wait for the disk is paid once for all of them.
 */
import type { Tx } from "./db.ts";

/** Writes what several calls brought, in their order, and answers each. Must be one and the same function for calls that may be merged. */
export type Merge<In, Out> = (tx: Tx, inputs: readonly In[]) => Promise<readonly Out[]>;

/** One transaction that happened: how many calls shared it and how long it took with its commit, in milliseconds. */
export interface CommitReport {
  readonly calls: number;
  readonly ms: number;
}

export interface CommitQueueOptions {
  /** Runs the work in a transaction; resolves after the commit, rejects after the rollback. */
  readonly transact: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  /** True when an error says that the database is gone, so that there is no sense in trying the calls one by one. */
  readonly isUnavailable: (error: unknown) => boolean;
  readonly onCommit?: (report: CommitReport) => void;
  /** Weight of the calls merged at most, so that one transaction stays short. The weight of a call is for the caller to say. */
  readonly maxWeight: number;
}

interface Call {
  readonly merge: Merge<unknown, unknown>;
  readonly input: unknown;
  readonly weight: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class CommitQueue {
  readonly #options: CommitQueueOptions;
  #merged: Call[] = [];
  readonly #alone: (() => Promise<void>)[] = [];
  #running: Promise<void> | null = null;

  constructor(options: CommitQueueOptions) {
    this.#options = options;
  }

  /** A write that may share its transaction with others. It must fail only for reasons that are not the caller's to know. */
  merged<In, Out>(merge: Merge<In, Out>, input: In, weight: number): Promise<Out> {
    return new Promise<Out>((resolve, reject) => {
      this.#merged.push({ merge: merge as Merge<unknown, unknown>, input, weight, resolve: resolve as (value: unknown) => void, reject });
      this.#start();
    });
  }

  /** A write with a transaction of its own, because it may refuse. Goes before merged writes that wait. */
  alone<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#alone.push(() => this.#transact(work, 1).then(resolve, reject));
      this.#start();
    });
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    while (this.#running) await this.#running;
  }

  #start(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    while (this.#alone.length + this.#merged.length > 0) {
      // Lets calls that have already reached this thread join the group.
      await new Promise((resolve) => setImmediate(resolve));
      const alone = this.#alone.shift();
      if (alone) await alone();
      const group = this.#takeGroup();
      if (group.length > 0) await this.#commit(group);
    }
    // In the same turn as the last look at the queues: a call that comes later starts a new run.
    this.#running = null;
  }

  #takeGroup(): Call[] {
    let weight = 0;
    let count = 0;
    for (const call of this.#merged) {
      weight += call.weight;
      if (count > 0 && weight > this.#options.maxWeight) break;
      count++;
    }
    const group = this.#merged.slice(0, count);
    this.#merged = this.#merged.slice(count);
    return group;
  }

  /** When a group fails its calls are tried one by one, so that a bad one fails alone. */
  async #commit(group: readonly Call[]): Promise<void> {
    try {
      const answers = await this.#transact((tx) => answerAll(tx, group), group.length);
      for (const call of group) call.resolve(answers.get(call));
    } catch (error) {
      const oneByOne = group.length > 1 && !this.#options.isUnavailable(error);
      for (const call of group) {
        if (oneByOne) await this.#commit([call]);
        else call.reject(error);
      }
    }
  }

  async #transact<T>(work: (tx: Tx) => Promise<T>, calls: number): Promise<T> {
    const start = performance.now();
    const result = await this.#options.transact(work);
    this.#options.onCommit?.({ calls, ms: performance.now() - start });
    return result;
  }
}

/** Calls of one kind go to the database together. */
async function answerAll(tx: Tx, group: readonly Call[]): Promise<ReadonlyMap<Call, unknown>> {
  const answers = new Map<Call, unknown>();
  for (const merge of new Set(group.map((call) => call.merge))) {
    const calls = group.filter((call) => call.merge === merge);
    const results = await merge(
      tx,
      calls.map((call) => call.input),
    );
    for (const [index, call] of calls.entries()) answers.set(call, results[index]);
  }
  return answers;
}
