/** Real databases behind the small interface, as a host would write it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type InValue } from "@libsql/client";
import pg from "pg";
import type { SqlClient } from "../../../../agent/src/entry-coordination.ts";

export interface TestSql {
  readonly client: SqlClient;
  close(): Promise<void>;
}

export function postgresClient(url: string): TestSql {
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  return {
    client: { query: async (sql, params) => (await pool.query<Record<string, unknown>>(sql, [...params])).rows },
    close: () => pool.end(),
  };
}

export function sqliteClient(): TestSql {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-sqlite-"));
  const database = createClient({ url: `file:${join(folder, "test.db")}` });
  return {
    client: {
      query: async (sql, params) => (await database.execute({ sql, args: params as InValue[] })).rows.map((row) => ({ ...row })),
    },
    close: async () => {
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Ages what a store holds: moves every time of the table back. */
export async function age(client: SqlClient, table: string, columns: readonly string[], ms: number): Promise<void> {
  await client.query(`update ${table} set ${columns.map((column) => `${column} = ${column} - ${ms}`).join(", ")}`, []);
}
