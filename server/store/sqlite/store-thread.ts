/** One thread with a store in it, called like a function. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { CommitReport } from "../commit-queue.ts";
import { type Store, StoreUnavailable } from "../store.ts";
import { putTogether, type StoreCall, type StoreMethod, type StoreReply, type WorkerSettings } from "./messages.ts";

export interface StoreThreadOptions {
  /** The worker's file: TypeScript from the sources, or a bundle. */
  readonly url: URL;
  readonly settings: WorkerSettings;
  readonly onCommit: (report: CommitReport) => void;
  /** The thread ended without being asked to. */
  readonly onDeath: (error: Error) => void;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

export class StoreThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #next = 1;
  #ended: Error | null = null;
  #closing = false;

  private constructor(worker: Worker, { onCommit, onDeath }: StoreThreadOptions) {
    this.#worker = worker;
    worker.on("message", (reply: StoreReply) => {
      if (reply.type === "commit") onCommit(reply.report);
      else if (reply.type === "value") this.#take(reply.id)?.resolve(reply.value as never);
      else if (reply.type === "error") this.#take(reply.id)?.reject(putTogether(reply.error));
    });
    worker.on("error", (error) => this.#end(new StoreUnavailable("the thread of the database failed", { cause: error })));
    this.#exited = new Promise((resolve) => {
      worker.once("exit", () => {
        this.#end(new StoreUnavailable(this.#closing ? "the store is closed" : "the thread of the database ended"));
        if (!this.#closing && this.#ended) onDeath(this.#ended);
        resolve();
      });
    });
  }

  /** Resolves when the database is open. @throws what opening it threw. */
  static async start(options: StoreThreadOptions): Promise<StoreThread> {
    const fromSource = options.url.pathname.endsWith(".ts");
    const worker = new Worker(fromSource ? throughTsx(options.url) : options.url, {
      workerData: options.settings,
      name: "store",
      eval: fromSource,
    });
    await new Promise<void>((resolve, reject) => {
      worker.once("error", reject);
      worker.once("exit", () => reject(new StoreUnavailable("the thread of the database ended at once")));
      worker.once("message", (reply: StoreReply) => {
        if (reply.type === "failed") reject(putTogether(reply.error));
        else resolve();
      });
    });
    worker.removeAllListeners("error");
    worker.removeAllListeners("exit");
    return new StoreThread(worker, options);
  }

  call<M extends StoreMethod>(method: M, args: Parameters<Store[M]>): ReturnType<Store[M]> {
    const done = new Promise<never>((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended);
        return;
      }
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      const call: StoreCall = { id, method, args };
      this.#worker.postMessage(call);
    });
    return done as ReturnType<Store[M]>;
  }

  async close(): Promise<void> {
    if (this.#closing || this.#ended) return this.#exited;
    this.#closing = true;
    await this.call("close", []);
    await this.#exited;
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

/** A thread does not inherit the loader for TypeScript, and `--import tsx` has no effect in one: it registers the loader itself. */
function throughTsx(url: URL): string {
  const tsx = pathToFileURL(
    createRequire(import.meta.url)
      .resolve("tsx/esm/api")
      .replace(/\.cjs$/, ".mjs"),
  ).href;
  return `import(${JSON.stringify(tsx)}).then(({ register }) => { register(); return import(${JSON.stringify(url.href)}); })`;
}
