/**
 * The thread of the embedded database. The driver is synchronous: each statement and each wait for the disk blocks its thread, which
 * must not be the one that serves sockets.
 */
import { parentPort, type Transferable, workerData } from "node:worker_threads";
import { PrismaStore } from "../prisma-store.ts";
import type { Store } from "../store.ts";
import type { Rollups } from "../tier-store.ts";
import { connectSqlite } from "./connection.ts";
import { type StoreCall, type StoreMethod, type StoreReply, takeApart, type WorkerSettings } from "./messages.ts";
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
    if (!WITH_PAGES.has(method)) say({ type: "value", id, value });
    else if (method === "readRollupsSince") sayRollups(id, value as Rollups);
    else sayPages(id, value as readonly (WithBytes | number)[]);
  } catch (error) {
    say({ type: "error", id, error: takeApart(error) });
  }
}

const WITH_PAGES: ReadonlySet<StoreMethod> = new Set([
  "readPages",
  "readStoredPages",
  "readPagesExcept",
  "readRollups",
  "readRollupsSince",
] as const satisfies readonly StoreMethod[]);

interface WithBytes {
  readonly bytes: Uint8Array;
}

/** Of a page that the reader has, only its number is said. */
const bytesOf = (page: WithBytes | number): Uint8Array | null => (typeof page === "number" ? null : page.bytes);

/** Bytes are handed over, not copied a second time: all in one buffer, because each handing over costs. */
function joined<T extends WithBytes | number>(pages: readonly T[]): { readonly buffer: ArrayBuffer; readonly pages: readonly T[] } {
  const all = new Uint8Array(pages.reduce((sum, page) => sum + (bytesOf(page)?.byteLength ?? 0), 0));
  let at = 0;
  const moved = pages.map((page) => {
    const given = bytesOf(page);
    if (given === null) return page;
    const bytes = all.subarray(at, (at += given.byteLength));
    bytes.set(given);
    return { ...(page as WithBytes), bytes } as T;
  });
  return { buffer: all.buffer, pages: moved };
}

function sayPages(id: number, value: readonly (WithBytes | number)[]): void {
  const { buffer, pages } = joined(value);
  say({ type: "value", id, value: pages }, [buffer]);
}

function sayRollups(id: number, { rows, ...rest }: Rollups): void {
  const { buffer, pages } = joined(rows ?? []);
  say({ type: "value", id, value: { ...rest, rows: rows && pages } }, [buffer]);
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
