/** Commands that change data leave an entry in the audit log of the database they changed. */
import { userInfo } from "node:os";
import { auditEntry, type Deed } from "../audit/audit-entry.ts";
import type { Config } from "../config.ts";
import { createLog } from "../log.ts";
import { migrationsFolder, readMigrations } from "../store/migrations.ts";
import { openStore } from "../store/open-store.ts";
import { PrismaStore } from "../store/prisma-store.ts";
import { connectSqlite } from "../store/sqlite/connection.ts";
import { migrateSqlite } from "../store/sqlite/migrate-sqlite.ts";
import { databasePath } from "../store/sqlite/open-sqlite.ts";
import { sqliteDialect } from "../store/sqlite/sqlite-dialect.ts";
import type { Store } from "../store/store.ts";
import type { CommandContext } from "./command.ts";

const BUSY_TIMEOUT_MS = 5_000;

/** What is done is done: when it cannot be noted, the person is told, and the command has not failed. */
export async function noteCommand({ config, say }: CommandContext, deed: Omit<Deed, "at" | "actor">): Promise<void> {
  try {
    const store = await openBriefly(config);
    try {
      await store.appendAudit([auditEntry({ ...deed, at: Date.now(), actor: { kind: "cli", id: null, name: userName() } })]);
    } finally {
      await store.close();
    }
  } catch (error) {
    say(`this could not be noted in the audit log: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** For one entry the embedded database needs no threads of its own. */
async function openBriefly({ databaseUrl, dataDir }: Config): Promise<Pick<Store, "appendAudit" | "close">> {
  if (databaseUrl !== undefined) return (await openStore({ databaseUrl, dataDir, log: createLog("silent") })).store;
  const path = databasePath(dataDir);
  await migrateSqlite(path, readMigrations(migrationsFolder("sqlite")));
  const db = connectSqlite({ path, busyTimeoutMs: BUSY_TIMEOUT_MS });
  await db.$connect();
  return new PrismaStore({ db, dialect: sqliteDialect });
}

/** Of the operating system; a container may run as a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}
