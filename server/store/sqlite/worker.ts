/**
 * The thread of the embedded database. The driver is synchronous: each statement and each wait for the disk blocks its thread, which
 * must not be the one that serves sockets.
 */
import { parentPort, type Transferable, workerData } from "node:worker_threads";
import { PrismaStore } from "../prisma-store.ts";
import type { Store } from "../store.ts";
import { connectSqlite } from "./connection.ts";
import { type StoreCall, type StoreReply, takeApart, type WorkerSettings } from "./messages.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";

const port = parentPort;
if (!port) throw new Error("this file is the entry of a worker thread");
const say = (reply: StoreReply, transfer: readonly Transferable[] = []): void => port.postMessage(reply, transfer);

async function open(): Promise<Store> {
  const db = connectSqlite(workerData as WorkerSettings);
  await db.$connect();
  return new PrismaStore({ db, dialect: sqliteDialect, onCommit: (report) => say({ type: "commit", report }) });
}

async function answer(store: Store, { id, method, args }: StoreCall): Promise<void> {
  try {
    const value = await (store[method] as (...args: unknown[]) => Promise<unknown>).apply(store, [...args]);
    if (method === "readPages" || method === "readStoredPages" || method === "readRollups") sayPages(id, value as readonly WithBytes[]);
    else say({ type: "value", id, value });
  } catch (error) {
    say({ type: "error", id, error: takeApart(error) });
  }
}

interface WithBytes {
  readonly bytes: Uint8Array;
}

/** Bytes are handed over, not copied a second time: all in one buffer, because each handing over costs. */
function sayPages(id: number, pages: readonly WithBytes[]): void {
  const all = new Uint8Array(pages.reduce((sum, { bytes }) => sum + bytes.byteLength, 0));
  let at = 0;
  const value = pages.map((page) => {
    const bytes = all.subarray(at, (at += page.bytes.byteLength));
    bytes.set(page.bytes);
    return { ...page, bytes };
  });
  say({ type: "value", id, value }, [all.buffer]);
}

try {
  const store = await open();
  port.on("message", (call: StoreCall) => {
    void answer(store, call).then(() => {
      if (call.method === "close") port.close();
    });
  });
  say({ type: "ready" });
} catch (error) {
  say({ type: "failed", error: takeApart(error) });
  port.close();
}
