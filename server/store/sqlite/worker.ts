/**
 * The thread of the embedded database. The driver is synchronous: each statement and each wait for the disk blocks its thread, which
 * must not be the one that serves sockets.
 */
import { parentPort, type Transferable, workerData } from "node:worker_threads";
import { PrismaStore } from "../prisma-store.ts";
import type { SamplePage, Store } from "../store.ts";
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
    if (method === "readPages") sayPages(id, value as readonly SamplePage[]);
    else say({ type: "value", id, value });
  } catch (error) {
    say({ type: "error", id, error: takeApart(error) });
  }
}

/** Bytes are handed over, not copied a second time. Each page gets a buffer of its own first: they may share one. */
function sayPages(id: number, pages: readonly SamplePage[]): void {
  const own = pages.map((page) => ({ ...page, bytes: Uint8Array.from(page.bytes) }));
  say(
    { type: "value", id, value: own },
    own.map((page) => page.bytes.buffer),
  );
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
