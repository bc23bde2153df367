import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { CommitReport } from "../commit-queue.ts";
import type { Db } from "../db.ts";
import { type Migration, migrationsFolder, readMigrations } from "../migrations.ts";
import { type Store, StoreStartError } from "../store.ts";
import { connectSqlite } from "./connection.ts";
import { lockData } from "./data-lock.ts";
import { migrateSqlite } from "./migrate-sqlite.ts";
import { StoreThread } from "./store-thread.ts";
import { createThreadedStore } from "./threaded-store.ts";

export interface OpenSqliteOptions {
  readonly dataDir: string;
  readonly workerUrl: URL;
  readonly migrations?: readonly Migration[];
  readonly onCommit: (report: CommitReport) => void;
  readonly onMigrated: (names: readonly string[]) => void;
  /** A thread of the store ended by itself: the store is of no use any more. */
  readonly onDeath: (error: Error) => void;
}

const BUSY_TIMEOUT_MS = 5_000;

/** Opens the embedded database in its folder: locks it, brings it up to date, starts its threads. */
export async function openSqlite(options: OpenSqliteOptions): Promise<{ store: Store; authDb: Db }> {
  const { dataDir } = options;
  makeFolder(dataDir);
  try {
    return await openInside(options);
  } catch (error) {
    if (error instanceof StoreStartError) throw error;
    throw new StoreStartError(
      `The database in ${dataDir} cannot be opened: ${reason(error)}. Check the folder's rights and space, or restore a backup.`,
      { cause: error },
    );
  }
}

async function openInside({ dataDir, workerUrl, onCommit, onDeath, ...options }: OpenSqliteOptions): Promise<{ store: Store; authDb: Db }> {
  const path = databasePath(dataDir);
  const lock = await lockData(join(dataDir, "holdfast.lock"), dataDir);
  const settings = { path, busyTimeoutMs: BUSY_TIMEOUT_MS };
  const started: StoreThread[] = [];
  const authDb = connectSqlite(settings);
  try {
    options.onMigrated(await migrateSqlite(path, options.migrations ?? readMigrations(migrationsFolder("sqlite"))));
    const start = async (): Promise<StoreThread> => {
      const thread = await StoreThread.start({ url: workerUrl, settings, onCommit, onDeath });
      started.push(thread);
      return thread;
    };
    const [writer, reader] = await Promise.all([start(), start(), authDb.$connect()]);
    const store = createThreadedStore({ writer, reader }, async () => {
      await authDb.$disconnect();
      await lock.release();
    });
    return { store, authDb };
  } catch (error) {
    await Promise.all(started.map((thread) => thread.close()));
    await authDb.$disconnect();
    await lock.release();
    throw error;
  }
}

export const databasePath = (dataDir: string): string => join(dataDir, "holdfast.db");

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Only the owner may look inside: it holds password hashes and sessions. A folder that was there keeps its rights. */
function makeFolder(dataDir: string): void {
  try {
    if (existsSync(dataDir)) {
      if (!statSync(dataDir).isDirectory()) throw new Error("it is a file");
      return;
    }
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    chmodSync(dataDir, 0o700);
  } catch (error) {
    throw new StoreStartError(`The data folder ${dataDir} cannot be used: ${reason(error)}. Give another one with HOLDFAST_DATA.`, {
      cause: error,
    });
  }
}
