/** Databases for the kill tests: one of its own for each test, on both stores, and how to look into it. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@libsql/client";
import pg from "pg";
import { type Migration, migrationsFolder, readMigrations } from "../../server/store/migrations.ts";
import { migratePostgres } from "../../server/store/postgresql/migrate-postgres.ts";
import { migrateSqlite } from "../../server/store/sqlite/migrate-sqlite.ts";
import type { Place } from "./kill-point.ts";
import { startPostgres } from "./postgres.ts";

export type Row = Readonly<Record<string, unknown>>;

export interface Places {
  readonly migrations: readonly Migration[];
  /** An empty database with these migrations; all by default. */
  create(migrations?: readonly Migration[]): Promise<Place>;
  migrate(place: Place, migrations?: readonly Migration[]): Promise<readonly string[]>;
  query(place: Place, sql: string): Promise<readonly Row[]>;
  stop(): Promise<void>;
}

export async function openPlaces(provider: Place["provider"]): Promise<Places> {
  const migrations = readMigrations(migrationsFolder(provider));
  return provider === "sqlite" ? sqlitePlaces(migrations) : postgresPlaces(migrations);
}

function sqlitePlaces(migrations: readonly Migration[]): Places {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-kill-"));
  let made = 0;
  const migrate = (place: Place, to = migrations) => migrateSqlite(pathOf(place), to);
  return {
    migrations,
    migrate,
    create: async (to = migrations) => {
      const place: Place = { provider: "sqlite", path: join(folder, `${++made}.db`) };
      await migrate(place, to);
      return place;
    },
    query: async (place, sql) => {
      const client = createClient({ url: `file:${pathOf(place)}` });
      const { rows } = await client.execute(sql);
      client.close();
      return rows.map((row) => ({ ...row }));
    },
    stop: () => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

/** The file beside which its log lies. */
export function pathOf(place: Place): string {
  if (place.provider !== "sqlite") throw new Error("not a file");
  return place.path;
}

/** A copy of a database that nobody has open. */
export function copyOf(place: Place, path: string): Place {
  for (const end of ["", "-wal"]) if (existsSync(pathOf(place) + end)) copyFileSync(pathOf(place) + end, path + end);
  return { provider: "sqlite", path };
}

async function postgresPlaces(migrations: readonly Migration[]): Promise<Places> {
  const server = await startPostgres();
  const using = async <T>(place: Place, work: (client: pg.Client) => Promise<T>): Promise<T> => {
    if (place.provider !== "postgresql") throw new Error("not an address");
    const client = new pg.Client({ connectionString: place.url });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  const migrate = (place: Place, to = migrations) => using(place, (client) => migratePostgres(client, to));
  return {
    migrations,
    migrate,
    create: async (to = migrations) => {
      const place: Place = { provider: "postgresql", url: await server.createDatabase() };
      await migrate(place, to);
      return place;
    },
    query: (place, sql) => using(place, async (client) => (await client.query<Row>(sql)).rows),
    stop: () => server.stop(),
  };
}
