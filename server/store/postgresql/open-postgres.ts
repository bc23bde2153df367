import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import type { CommitReport } from "../commit-queue.ts";
import { type Db, TRANSACTION_OPTIONS } from "../db.ts";
import { PrismaClient } from "../generated/postgresql/client.ts";
import { type Migration, migrationsFolder, readMigrations } from "../migrations.ts";
import { PrismaStore } from "../prisma-store.ts";
import { type Store, StoreStartError } from "../store.ts";
import { migratePostgres } from "./migrate-postgres.ts";
import { pgDialect } from "./pg-dialect.ts";

export interface OpenPostgresOptions {
  readonly databaseUrl: string;
  readonly migrations?: readonly Migration[];
  readonly onCommit: (report: CommitReport) => void;
  readonly onMigrated: (names: readonly string[]) => void;
  /** A connection was lost while nothing used it; the next use makes a new one. */
  readonly onLost: (error: Error) => void;
  /** The server keeps what it acknowledges only as long as its machine does not crash. */
  readonly onUnsafe: () => void;
}

export interface PostgresConnectionOptions {
  readonly databaseUrl: string;
  /** The schema that unqualified names mean on this server. */
  readonly schema: string;
  readonly onLost: (error: Error) => void;
}

const CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;

/** The client as the canonical type: see db.ts. */
export function connectPostgres({ databaseUrl, schema, onLost }: PostgresConnectionOptions): Db {
  const pool = {
    connectionString: databaseUrl,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "holdfast",
  };
  const adapter = new PrismaPg(pool, { schema, onPoolError: onLost, onConnectionError: onLost });
  return new PrismaClient({ adapter, transactionOptions: TRANSACTION_OPTIONS }) as unknown as Db;
}

/** Opens a PostgreSQL database: checks that it keeps what it acknowledges, and brings it up to date. */
export async function openPostgres(options: OpenPostgresOptions): Promise<{ store: Store; authDb: Db }> {
  const { databaseUrl, onCommit, onLost } = options;
  const schema = await prepare(options);
  const db = connectPostgres({ databaseUrl, schema, onLost });
  await db.$connect();
  return { store: new PrismaStore({ db, dialect: pgDialect, onCommit }), authDb: db };
}

async function prepare({ databaseUrl, migrations, onMigrated, onUnsafe }: OpenPostgresOptions): Promise<string> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "holdfast",
  });
  try {
    await client.connect();
  } catch (error) {
    throw new StoreStartError(
      `PostgreSQL at ${address(databaseUrl)} cannot be reached: ${reason(error)}. Check DATABASE_URL and that the server runs.`,
      { cause: error },
    );
  }
  try {
    const { rows } = await client.query<{ schema: string | null; sync: string; fsync: string }>(
      `select current_schema() as "schema", current_setting('synchronous_commit') as "sync", current_setting('fsync') as "fsync"`,
    );
    const [found] = rows;
    if (found?.sync === "off")
      throw new StoreStartError(
        "This PostgreSQL acknowledges writes before they are on disk. Set synchronous_commit = on for it, or for the user of DATABASE_URL.",
      );
    if (found?.fsync === "off") onUnsafe();
    if (found?.schema == null)
      throw new StoreStartError("The user of DATABASE_URL has no schema to make tables in: its search_path names none that exists.");
    onMigrated(await migratePostgres(client, migrations ?? readMigrations(migrationsFolder("postgresql"))));
    return found.schema;
  } finally {
    await client.end();
  }
}

/** Host and database without the password. */
function address(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return "DATABASE_URL";
  const { host, pathname } = new URL(databaseUrl);
  return `${host}${pathname}`;
}

function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join("; ");
  return error instanceof Error ? error.message : String(error);
}
