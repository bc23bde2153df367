/**
 * The embedded store in the test's own thread. Opening it takes a tenth of what it takes to start its threads and to migrate a file, which
 * tests of the store and of the whole console do.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrationsFolder, readMigrations } from "../../server/store/migrations.ts";
import type { OpenStore } from "../../server/store/open-store.ts";
import { PrismaStore } from "../../server/store/prisma-store.ts";
import { connectSqlite } from "../../server/store/sqlite/connection.ts";
import { migrateSqlite } from "../../server/store/sqlite/migrate-sqlite.ts";
import { databasePath } from "../../server/store/sqlite/open-sqlite.ts";
import type { Store } from "../../server/store/store.ts";
import { sqliteDialect } from "../../server/store/sqlite/sqlite-dialect.ts";

let template: Promise<string> | undefined;

/** An empty database that is up to date, made once for each test file and then copied. */
async function makeTemplate(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-template-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "empty.db");
  await migrateSqlite(file, readMigrations(migrationsFolder("sqlite")));
  return file;
}

/** @param dataDir a folder that is there; what is in it is opened, and has to be up to date */
export async function openTestStore(dataDir: string): Promise<OpenStore> {
  const path = databasePath(dataDir);
  if (!existsSync(path)) {
    const empty = await (template ??= makeTemplate());
    for (const end of ["", "-wal"]) if (existsSync(empty + end)) copyFileSync(empty + end, path + end);
  }
  // One connection for both: a second one in the same thread would wait for the first and never get its turn.
  const db = connectSqlite({ path, busyTimeoutMs: 5_000 });
  await db.$connect();
  return { store: unbound(new PrismaStore({ db, dialect: sqliteDialect })), authDb: db, provider: "sqlite" };
}

/** As the threaded store has it: methods that need no `this`, so that tests can put faults in front of them. */
function unbound(store: PrismaStore): Store {
  const method = (name: string | symbol): unknown => {
    const own: unknown = Reflect.get(store, name);
    return typeof own === "function" ? (own.bind(store) as unknown) : own;
  };
  return new Proxy<Store>(store, { get: (_, name) => method(name) });
}
