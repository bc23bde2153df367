/** A real SQLite file that the instances of a service share: what one of them keeps, the others find. */
import { createClient } from "@libsql/client";
import type { SqlClient } from "@holdfast/agent/coordination";

/** Opens the file and makes its tables, whoever comes first. */
export async function openSharedDatabase(file: string, tables: readonly string[]): Promise<SqlClient> {
  const client = createClient({ url: `file:${file}` });
  for (const statement of ["pragma busy_timeout = 5000", "pragma journal_mode = wal", "pragma synchronous = normal", ...tables])
    await client.execute(statement);
  return {
    query: async (sql, params) => {
      const { rows } = await client.execute({ sql, args: params as (string | number | null)[] });
      return rows;
    },
  };
}
