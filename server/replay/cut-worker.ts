/** The thread that cuts windows out of hours: milliseconds for each instance, which the thread of the sockets does not have. */
import { parentPort } from "node:worker_threads";
import { cutOne, type Cut, type CutAsked } from "./cut-pages.ts";

export interface CutRequest {
  readonly id: number;
  readonly asked: readonly CutAsked[];
}

export type CutReply = { readonly id: number; readonly cuts: readonly Cut[] } | { readonly id: number; readonly failed: string };

const port = parentPort;
if (!port) throw new Error("this file is the entry of a worker thread");

port.on("message", ({ id, asked }: CutRequest) => {
  try {
    port.postMessage({ id, cuts: asked.map(cutOne) } satisfies CutReply);
  } catch (error) {
    port.postMessage({ id, failed: error instanceof Error ? (error.stack ?? error.message) : String(error) } satisfies CutReply);
  }
});
