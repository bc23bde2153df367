/** Rolls up in a thread of its own, which is started when it is first needed. One hour at a time. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { startWorker } from "../start-worker.ts";
import { rollHour, type HourInput, type HourOutput } from "./roll-hour.ts";
import type { RollReply } from "./roll-worker.ts";

export interface RollThread {
  /** @throws when the thread failed; the next call starts another. */
  roll(input: HourInput): Promise<HourOutput>;
  close(): Promise<void>;
}

/** @param url the worker's file: TypeScript from the sources, or a bundle. Where there is none, this thread does the work. */
export function createRollThread(url = defaultWorker()): RollThread {
  if (!existsSync(fileURLToPath(url))) return { roll: rollHour, close: () => Promise.resolve() };
  let worker: Worker | null = null;

  function start(): Worker {
    const started = startWorker(url, "rollup");
    started.on("error", () => (worker = null));
    started.on("exit", () => (worker = null));
    return started;
  }

  return {
    roll(input) {
      const thread = (worker ??= start());
      return new Promise((resolve, reject) => {
        const done = (settle: () => void): void => {
          thread.off("message", answered);
          thread.off("error", failed);
          thread.off("exit", ended);
          thread.unref();
          settle();
        };
        const answered = (reply: RollReply): void =>
          done(() => ("made" in reply ? resolve(reply.made) : reject(new Error(`an hour could not be rolled up: ${reply.failed}`))));
        const failed = (error: Error): void => done(() => reject(error));
        const ended = (): void => done(() => reject(new Error("the thread that rolls up ended")));
        thread.on("message", answered);
        thread.on("error", failed);
        thread.on("exit", ended);
        thread.ref();
        thread.postMessage(input);
      });
    },
    async close() {
      await worker?.terminate();
      worker = null;
    },
  };
}

/** Beside this file in the sources; beside the bundle as roll-worker.mjs. */
function defaultWorker(): URL {
  return import.meta.url.endsWith(".ts") ? new URL("./roll-worker.ts", import.meta.url) : new URL("./roll-worker.mjs", import.meta.url);
}
