/** The thread that rolls up: an hour of an instance takes some tens of milliseconds, which the thread of the sockets does not have. */
import { parentPort } from "node:worker_threads";
import { rollHour, type HourInput, type HourOutput } from "./roll-hour.ts";

export type RollReply = { readonly made: HourOutput } | { readonly failed: string };

const port = parentPort;
if (!port) throw new Error("this file is the entry of a worker thread");

port.on("message", (input: HourInput) => {
  rollHour(input).then(
    (made) => port.postMessage({ made } satisfies RollReply),
    (error: unknown) =>
      port.postMessage({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) } satisfies RollReply),
  );
});
