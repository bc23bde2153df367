/** A PostgreSQL database as of one moment, beside consoles that go on. */
import pg from "pg";
import { StoreStartError } from "../store.ts";
import { inOrderOfReference, type CellValue, type Row, type TableInfo, type TableSource } from "./table-source.ts";

/** A page of an index is read for each batch, not the table anew. */
const BY_ID = `where "id" > $1 order by "id" limit $2`;

export async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "holdfast" });
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw new StoreStartError(
      `PostgreSQL cannot be reached: ${error instanceof Error ? error.message : String(error)}. Check DATABASE_URL.`,
      {
        cause: error,
      },
    );
  }
}

export async function readPostgresTables(client: pg.Client): Promise<TableInfo[]> {
  const { rows } = await client.query<{ name: string; column: string; identity: boolean }>(
    `select c.table_name as "name", c.column_name as "column",
       c.column_name = 'id' and coalesce(c.column_default like 'nextval(%', false) as "identity"
     from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = current_schema() and t.table_type = 'BASE TABLE' and left(c.table_name, 1) <> '_'
     order by c.table_name, c.ordinal_position`,
  );
  const tables = new Map<string, { name: string; columns: string[]; ascending: boolean }>();
  for (const { name, column, identity } of rows) {
    const table = tables.get(name) ?? { name, columns: [], ascending: false };
    table.columns.push(column);
    table.ascending ||= identity;
    tables.set(name, table);
  }
  const { rows: references } = await client.query<{ from: string; to: string }>(
    `select conrelid::regclass::text as "from", confrelid::regclass::text as "to" from pg_constraint where contype = 'f'`,
  );
  const plain = (name: string): string => name.replaceAll('"', "");
  return inOrderOfReference([...tables.values()], (name) =>
    references.filter(({ from }) => plain(from) === name).map(({ to }) => plain(to)),
  );
}

/** @throws StoreStartError when it cannot be reached or is not a database of the console */
export async function openPostgresSource(databaseUrl: string): Promise<TableSource> {
  const client = await connect(databaseUrl);
  try {
    await client.query("begin isolation level repeatable read read only");
    const tables = await readPostgresTables(client);
    const { rows } = await client.query<{ name: string }>(
      `select "migration_name" as "name" from "_prisma_migrations" where "finished_at" is not null order by 1`,
    );
    return {
      tables,
      migrations: rows.map(({ name }) => name),
      rows: (table, after, limit) => (table.ascending ? byId(client, table, { after, limit }) : byCursor(client, table, { after, limit })),
      close: () => client.end(),
    };
  } catch (error) {
    await client.end();
    throw error;
  }
}

interface Batch {
  readonly after: bigint;
  readonly limit: number;
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");

async function byId(client: pg.Client, table: TableInfo, { after, limit }: Batch): Promise<readonly Row[]> {
  const { rows } = await client.query<CellValue[]>({
    text: `select ${quoted(table.columns)} from "${table.name}" ${BY_ID}`,
    values: [after, limit],
    rowMode: "array",
  });
  const id = table.columns.indexOf("id");
  return rows.map((cells) => ({ place: BigInt(String(cells[id])), cells }));
}

/** Tables without ascending ids are read through a cursor from the front; the place counts rows. */
async function byCursor(client: pg.Client, table: TableInfo, { after, limit }: Batch): Promise<readonly Row[]> {
  const cursor = `"read_${table.name}"`;
  if (after < 0n) {
    await client.query(`close all`);
    await client.query(`declare ${cursor} no scroll cursor for select ${quoted(table.columns)} from "${table.name}"`);
  }
  const { rows } = await client.query<CellValue[]>({ text: `fetch ${limit} from ${cursor}`, rowMode: "array" });
  return rows.map((cells, i) => ({ place: after + 1n + BigInt(i), cells }));
}
