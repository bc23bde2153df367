import { resolve } from "node:path";
import type { Log } from "../log.ts";
import type { CommitReport } from "./commit-queue.ts";
import type { Db } from "./db.ts";
import { openPostgres } from "./postgresql/open-postgres.ts";
import { openSqlite } from "./sqlite/open-sqlite.ts";
import type { Store } from "./store.ts";

export interface OpenStoreOptions {
  /** PostgreSQL; absent: the embedded database. */
  readonly databaseUrl?: string | undefined;
  /** Folder of the embedded database; made, for its owner only, when it is not there. */
  readonly dataDir: string;
  readonly log: Log;
  /** File of the embedded database's thread. By default the source beside this file; a bundle names its own. */
  readonly workerUrl?: URL | undefined;
  /** Called after every commit, for the metrics: how long it took and how many writes shared it. */
  readonly onCommit?: ((report: CommitReport) => void) | undefined;
}

export interface OpenStore {
  readonly store: Store;
  /** A client on the same database for the auth library's adapter. `store.close()` closes it too. */
  readonly authDb: Db;
  readonly provider: "sqlite" | "postgresql";
}

/**
 * Opens the store and brings its tables up to date.
 * @throws StoreStartError with one sentence for the operator: data in use, folder not writable, database not reachable, migrations at odds.
 */
export async function openStore({
  databaseUrl,
  dataDir,
  log,
  workerUrl,
  onCommit = () => undefined,
}: OpenStoreOptions): Promise<OpenStore> {
  const onMigrated = (names: readonly string[]): void => {
    if (names.length > 0) log.info({ migrations: names }, "database brought up to date");
  };
  if (databaseUrl !== undefined) {
    const onLost = (error: Error): void => log.warn({ err: error }, "a connection to the database was lost");
    const onUnsafe = (): void =>
      log.warn("this PostgreSQL runs with fsync = off: what it acknowledged may be lost when its machine crashes; set fsync = on");
    return { ...(await openPostgres({ databaseUrl, onCommit, onMigrated, onLost, onUnsafe })), provider: "postgresql" };
  }
  const onDeath = (error: Error): void => log.fatal({ err: error }, "the embedded database failed; restart the console");
  const opened = await openSqlite({ dataDir: resolve(dataDir), workerUrl: workerUrl ?? defaultWorker(), onCommit, onMigrated, onDeath });
  return { ...opened, provider: "sqlite" };
}

/** Beside this file in the sources; beside the bundle as store-worker.mjs. */
function defaultWorker(): URL {
  return import.meta.url.endsWith(".ts") ? new URL("./sqlite/worker.ts", import.meta.url) : new URL("./store-worker.mjs", import.meta.url);
}
