import { randomUUID } from "node:crypto";
import { type Client, createClient } from "@libsql/client";
import { type AppliedMigration, type Migration, migrationFailed, pendingMigrations } from "../migrations.ts";
import { fileUrl } from "./connection.ts";

const TABLE = `create table if not exists "_prisma_migrations" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "checksum" TEXT NOT NULL,
  "finished_at" DATETIME,
  "migration_name" TEXT NOT NULL,
  "logs" TEXT,
  "rolled_back_at" DATETIME,
  "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
  "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0
)`;

/**
 * Brings the file up to date; each migration is one transaction with its note. Answers the names applied.
 * @throws StoreStartError with a sentence for the operator.
 */
export async function migrateSqlite(path: string, migrations: readonly Migration[]): Promise<readonly string[]> {
  const client = createClient({ url: fileUrl(path) });
  try {
    await client.executeMultiple("pragma busy_timeout = 5000; pragma journal_mode = WAL; pragma synchronous = FULL;");
    await client.execute(TABLE);
    const pending = pendingMigrations(migrations, await appliedIn(client));
    for (const migration of pending) await apply(client, migration);
    return pending.map(({ name }) => name);
  } finally {
    client.close();
  }
}

async function appliedIn(client: Client): Promise<AppliedMigration[]> {
  const { rows } = await client.execute(
    `select "migration_name", "checksum", "finished_at" from "_prisma_migrations" where "rolled_back_at" is null`,
  );
  return rows.map((row) => ({ name: text(row["migration_name"]), checksum: text(row["checksum"]), finished: row["finished_at"] !== null }));
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** Foreign keys can only be switched outside a transaction, and a migration that rebuilds a table needs them off. */
async function apply(client: Client, { name, sql, checksum }: Migration): Promise<void> {
  const now = Date.now();
  const note = [randomUUID(), checksum, name].map(literal).join(", ");
  try {
    await client.execute("pragma foreign_keys = off");
    await client.executeMultiple(`begin immediate;
${sql}
;insert into "_prisma_migrations" ("id", "checksum", "migration_name", "started_at", "finished_at", "applied_steps_count") values (${note}, ${now}, ${now}, 1);
commit;`);
  } catch (error) {
    throw migrationFailed(name, error);
  } finally {
    await client.execute("pragma foreign_keys = on");
  }
}
