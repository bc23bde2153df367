/** The embedded database beside a console that may be running: reads never wait for it, nor it for them. */
import { existsSync } from "node:fs";
import { createClient, type Client, type Value } from "@libsql/client";
import { fileUrl } from "../sqlite/connection.ts";
import { StoreStartError } from "../store.ts";
import { inOrderOfReference, type CellValue, type Row, type TableInfo, type TableSource } from "./table-source.ts";

export interface SqliteSource extends TableSource {
  /** Writes a whole and consistent copy as of now to a file that is not there yet. */
  copyTo(path: string): Promise<void>;
  /** What SQLite itself finds wrong; empty when nothing is. */
  check(): Promise<readonly string[]>;
}

/** @throws StoreStartError when there is no database */
export async function openSqliteSource(path: string): Promise<SqliteSource> {
  if (!existsSync(path)) throw new StoreStartError(`There is no database at ${path}. Name its folder with HOLDFAST_DATA.`);
  const client = createClient({ url: fileUrl(path), intMode: "bigint" });
  try {
    await client.execute("pragma busy_timeout = 5000");
    const tables = await readTables(client);
    const migrations = await readNames(
      client,
      `select "migration_name" from "_prisma_migrations" where "finished_at" is not null order by 1`,
    );
    return {
      tables,
      migrations,
      rows: (table, after, limit) => readRows(client, table, { after, limit }),
      copyTo: async (target) => {
        await client.execute(`vacuum into '${target.replaceAll("'", "''")}'`);
      },
      check: () => check(client),
      close: () => {
        client.close();
        return Promise.resolve();
      },
    };
  } catch (error) {
    client.close();
    throw error;
  }
}

/** Names and sentences: what SQLite keeps as text. */
const textOf = (value: Value | undefined): string => (typeof value === "string" ? value : "?");

async function readNames(client: Client, sql: string): Promise<string[]> {
  return (await client.execute(sql)).rows.map((row) => textOf(row[0]));
}

async function readTables(client: Client): Promise<TableInfo[]> {
  const names = await readNames(
    client,
    `select "name" from "sqlite_master" where "type" = 'table' and "name" not like 'sqlite\\_%' escape '\\' and "name" <> '_prisma_migrations' order by 1`,
  );
  const references = new Map<string, string[]>();
  const tables: TableInfo[] = [];
  for (const name of names) {
    references.set(name, await readNames(client, `select "table" from pragma_foreign_key_list('${name}')`));
    const [made] = await readNames(client, `select "sql" from "sqlite_master" where "name" = '${name}'`);
    tables.push({
      name,
      columns: await readNames(client, `select "name" from pragma_table_info('${name}') order by "cid"`),
      ascending: made?.includes('"id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT') ?? false,
    });
  }
  return inOrderOfReference(tables, (name) => references.get(name) ?? []);
}

/** The row's own number is its id where it has a whole one. */
async function readRows(
  client: Client,
  table: TableInfo,
  { after, limit }: { readonly after: bigint; readonly limit: number },
): Promise<readonly Row[]> {
  const columns = ["rowid", ...table.columns.map((name) => `"${name}"`)].join(", ");
  const { rows } = await client.execute({
    sql: `select ${columns} from "${table.name}" where rowid > ? order by rowid limit ?`,
    args: [after, limit],
  });
  return rows.map((row) => ({ place: row[0] as bigint, cells: table.columns.map((_, i) => valueOf(row[i + 1] ?? null)) }));
}

const valueOf = (value: Value): CellValue => (value instanceof ArrayBuffer ? new Uint8Array(value) : value);

async function check(client: Client): Promise<readonly string[]> {
  const found = await readNames(client, "pragma integrity_check");
  const { rows } = await client.execute("pragma foreign_key_check");
  return [...found.filter((line) => line !== "ok"), ...rows.map((row) => `a row of ${textOf(row[0])} refers to none of ${textOf(row[2])}`)];
}
