/** Packs minutes in a thread of its own. */
import { startWorker } from "../start-worker.ts";
import type { MinuteContents } from "./pack-minute.ts";

export interface PackThread {
  /** The bytes of each page, in order. Rejects when the thread failed; the next call starts another. One call at a time. */
  pack(minutes: readonly MinuteContents[]): Promise<readonly Uint8Array[]>;
  close(): Promise<void>;
}

/** @param url of pack-worker, from the sources or bundled. */
export function createPackThread(url: URL): PackThread {
  let worker: ReturnType<typeof startWorker> | null = null;

  return {
    pack(minutes) {
      const thread = (worker ??= startWorker(url, "pack"));
      return new Promise((resolve, reject) => {
        const done = (settle: () => void): void => {
          thread.off("message", answered);
          thread.off("error", failed);
          thread.off("exit", ended);
          settle();
        };
        const answered = (pages: readonly Uint8Array[]): void => done(() => resolve(pages));
        const failed = (error: Error): void => {
          worker = null;
          done(() => reject(error));
        };
        const ended = (): void => failed(new Error("the thread that packs ended"));
        thread.on("message", answered);
        thread.on("error", failed);
        thread.on("exit", ended);
        const copies = minutes.map(copied);
        thread.postMessage(
          copies,
          copies.map(({ frames }) => frames.buffer as ArrayBuffer),
        );
      });
    },
    async close() {
      await worker?.terminate();
      worker = null;
    },
  };
}

/** Views would take the whole memory beneath them along. */
function copied(minute: MinuteContents): MinuteContents {
  const { frames, ends, times, seqs } = minute;
  return { ...minute, frames: Uint8Array.from(frames), ends: ends.slice(), times: times.slice(), seqs: seqs.slice() };
}
