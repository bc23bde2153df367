/** The thread that packs minutes: a quarter of what samples cost, which the thread of the sockets need not bear. */
import { parentPort } from "node:worker_threads";
import { packMinute, type MinuteContents } from "./pack-minute.ts";

const port = parentPort;
if (!port) throw new Error("this file is the entry of a worker thread");

port.on("message", (minutes: readonly MinuteContents[]) => {
  const pages = minutes.map((minute) => Uint8Array.from(packMinute(minute)));
  port.postMessage(
    pages,
    pages.map((page) => page.buffer),
  );
});
