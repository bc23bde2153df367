import type { Config } from "../config.ts";
import { databasePath } from "../store/sqlite/open-sqlite.ts";
import { openPostgresSource } from "../store/transfer/postgres-source.ts";
import { openSqliteSource } from "../store/transfer/sqlite-source.ts";
import type { TableSource } from "../store/transfer/table-source.ts";

/** The database the configuration names, to be read beside a console that runs. */
export async function openSource({ databaseUrl, dataDir }: Config): Promise<TableSource & { check(): Promise<readonly string[]> }> {
  if (databaseUrl === undefined) return openSqliteSource(databasePath(dataDir));
  // PostgreSQL checks its own pages when they are read, if it was set up with checksums.
  return { ...(await openPostgresSource(databaseUrl)), check: () => Promise.resolve([]) };
}
