import { randomUUID } from "node:crypto";
import type { ClientBase } from "pg";
import { type AppliedMigration, type Migration, migrationFailed, pendingMigrations } from "../migrations.ts";

/** The number `prisma migrate` itself locks, so that neither runs into the other. */
const MIGRATION_LOCK = 72_707_369;

const TABLE = `create table if not exists "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

/**
 * Brings the database up to date; each migration is one transaction with its note. Several consoles may start at once: one does the work,
 * the others wait and find it done. Answers the names applied here.
 * @throws StoreStartError with a sentence for the operator.
 */
export async function migratePostgres(client: ClientBase, migrations: readonly Migration[]): Promise<readonly string[]> {
  await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
  try {
    await client.query(TABLE);
    const { rows } = await client.query<AppliedMigration>(
      `select "migration_name" as "name", "checksum", "finished_at" is not null as "finished" from "_prisma_migrations" where "rolled_back_at" is null`,
    );
    const pending = pendingMigrations(migrations, rows);
    for (const migration of pending) await apply(client, migration);
    return pending.map(({ name }) => name);
  } finally {
    await client.query("select pg_advisory_unlock($1)", [MIGRATION_LOCK]);
  }
}

async function apply(client: ClientBase, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query("begin");
    await client.query(sql);
    await client.query(
      `insert into "_prisma_migrations" ("id", "checksum", "migration_name", "finished_at", "applied_steps_count") values ($1, $2, $3, now(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw migrationFailed(name, error);
  }
}
