/** Cuts pages in a thread of its own, which is started when it is first needed. Answers come in the order of the questions. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { startWorker } from "../start-worker.ts";
import { cutHere, type Cut, type PageCutter } from "./cut-pages.ts";
import type { CutReply, CutRequest } from "./cut-worker.ts";

export interface CutThread extends PageCutter {
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (cuts: readonly Cut[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A question is refused when the thread failed meanwhile; the next one starts another.
 * @param url the worker's file: TypeScript from the sources, or a bundle. Where there is none, this thread does the work, page by page.
 */
export function createCutThread(url = defaultWorker()): CutThread {
  if (!existsSync(fileURLToPath(url))) return { cut: cutHere, close: () => Promise.resolve() };
  let worker: Worker | null = null;
  const waiting = new Map<number, Waiting>();
  let lastId = 0;

  function settle(id: number, how: (one: Waiting) => void): void {
    const one = waiting.get(id);
    waiting.delete(id);
    if (one) how(one);
    if (waiting.size === 0) worker?.unref();
  }

  function start(): Worker {
    const started = startWorker(url, "cut");
    const ended = (error: Error): void => {
      if (worker !== started) return;
      worker = null;
      for (const id of [...waiting.keys()]) settle(id, ({ reject }) => reject(error));
    };
    started.on("error", ended);
    started.on("exit", () => ended(new Error("the thread that cuts pages ended")));
    started.on("message", (reply: CutReply) =>
      settle(reply.id, ({ resolve, reject }) =>
        "cuts" in reply ? resolve(reply.cuts) : reject(new Error(`pages could not be cut: ${reply.failed}`)),
      ),
    );
    return started;
  }

  return {
    cut(asked) {
      const thread = (worker ??= start());
      const id = ++lastId;
      // Views would take the whole memory beneath them along.
      const copies = asked.map((one) => ({ ...one, bytes: Uint8Array.from(one.bytes) }));
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        thread.ref();
        thread.postMessage(
          { id, asked: copies } satisfies CutRequest,
          copies.map(({ bytes }) => bytes.buffer),
        );
      });
    },
    async close() {
      await worker?.terminate();
      worker = null;
    },
  };
}

/** Beside this file in the sources; beside the bundle as cut-worker.mjs. */
function defaultWorker(): URL {
  return import.meta.url.endsWith(".ts") ? new URL("./cut-worker.ts", import.meta.url) : new URL("./cut-worker.mjs", import.meta.url);
}
