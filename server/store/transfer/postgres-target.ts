/** Rows into PostgreSQL, batch by batch, each with a note of how far it came: what was cut off goes on where it stopped. */
import type pg from "pg";
import { migrationsFolder, readMigrations } from "../migrations.ts";
import { migratePostgres } from "../postgresql/migrate-postgres.ts";
import { StoreStartError } from "../store.ts";
import { connect, readPostgresTables } from "./postgres-source.ts";
import { BEGINNING, type CellValue, type Row, type TableInfo } from "./table-source.ts";

const NOTES = `create table if not exists "_holdfast_transfer" ("table" text primary key, "place" bigint not null, "origin" text not null, "complete" boolean not null default false)`;

export interface PostgresTarget {
  /** How far a table came; the beginning when it was not begun. */
  placeOf(table: TableInfo): Promise<bigint>;
  /** Writes rows and notes the place, all or nothing. */
  write(table: TableInfo, rows: readonly Row[]): Promise<void>;
  /** Empties a table and forgets how far it came. */
  clear(table: TableInfo): Promise<void>;
  /** Removes rows with an id in a range that are not among these. Answers how many. */
  keepOnly(table: TableInfo, range: { readonly after: bigint; readonly upTo: bigint }, ids: readonly bigint[]): Promise<number>;
  count(table: TableInfo): Promise<number>;
  /** Sets the counters of ids behind what was written, and closes the door: nothing is transferred here again. */
  complete(tables: readonly TableInfo[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Brings the database up to date and checks that it is empty, or that it is what an earlier run from the same origin began.
 * @throws StoreStartError
 */
export async function openPostgresTarget(databaseUrl: string, origin: string): Promise<PostgresTarget> {
  const client = await connect(databaseUrl);
  try {
    await migratePostgres(client, readMigrations(migrationsFolder("postgresql")));
    const begun = await isBegun(client, origin);
    if (!begun) {
      for (const { name } of await readPostgresTables(client)) {
        const { rowCount } = await client.query(`select 1 from "${name}" limit 1`);
        if (rowCount !== 0) throw new StoreStartError(`The PostgreSQL database is not empty: there are rows in ${name}. Give one that is.`);
      }
      await client.query(NOTES);
      await client.query(`insert into "_holdfast_transfer" values ('', 0, $1)`, [origin]);
    }
    const types = await typesOf(client);
    return targetOn(client, types, origin);
  } catch (error) {
    await client.end();
    throw error;
  }
}

async function isBegun(client: pg.Client, origin: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(`select to_regclass('"_holdfast_transfer"') is not null as "there"`);
  if (!rows[0]?.there) return false;
  const { rows: notes } = await client.query<{ origin: string; complete: boolean }>(
    `select "origin", "complete" from "_holdfast_transfer" where "table" = ''`,
  );
  const [note] = notes;
  if (!note) return false;
  if (note.complete)
    throw new StoreStartError("The transfer into this PostgreSQL database was completed before. Start the console with DATABASE_URL.");
  if (note.origin !== origin)
    throw new StoreStartError(
      `A transfer from ${note.origin} into this PostgreSQL database was begun and not ended. End that, or give an empty database.`,
    );
  return true;
}

async function typesOf(client: pg.Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ table: string; column: string; type: string }>(
    `select table_name as "table", column_name as "column", data_type as "type" from information_schema.columns where table_schema = current_schema()`,
  );
  return new Map(rows.map(({ table, column, type }) => [`${table}.${column}`, type]));
}

/** What PostgreSQL wants of a value: SQLite has neither booleans nor dates. */
function fit(value: CellValue, type: string | undefined): unknown {
  if (value === null) return null;
  if (type === "boolean") return typeof value === "boolean" ? value : Number(value) !== 0;
  if (type?.startsWith("timestamp")) return value instanceof Date ? value : new Date(typeof value === "string" ? value : Number(value));
  if (type === "bytea") return Buffer.from(value as Uint8Array);
  return typeof value === "bigint" ? String(value) : value;
}

function targetOn(client: pg.Client, types: ReadonlyMap<string, string>, origin: string): PostgresTarget {
  const note = (table: TableInfo, place: bigint) =>
    client.query(`insert into "_holdfast_transfer" values ($1, $2, $3) on conflict ("table") do update set "place" = excluded."place"`, [
      table.name,
      place,
      origin,
    ]);
  const together = async (work: () => Promise<unknown>): Promise<void> => {
    await client.query("begin");
    try {
      await work();
      await client.query("commit");
    } catch (error) {
      await client.query("rollback");
      throw error;
    }
  };
  const numberOf = async (sql: string): Promise<number> => Number((await client.query<{ n: string }>(sql)).rows[0]?.n ?? 0);

  return {
    async placeOf({ name }) {
      const { rows } = await client.query<{ place: string }>(`select "place" from "_holdfast_transfer" where "table" = $1`, [name]);
      return rows[0] ? BigInt(rows[0].place) : BEGINNING;
    },
    async write(table, rows) {
      const last = rows.at(-1);
      if (!last) return;
      const columns = table.columns.map((column) => ({ column, type: types.get(`${table.name}.${column}`) }));
      const missing = columns.find(({ type }) => type === undefined);
      if (missing) throw new StoreStartError(`PostgreSQL has no ${table.name}.${missing.column}: the data was made by another version.`);
      const values = rows.flatMap(({ cells }) => columns.map(({ type }, i) => fit(cells[i] ?? null, type)));
      const places = rows.map((_, row) => `(${columns.map((__, i) => `$${row * columns.length + i + 1}`).join(", ")})`).join(", ");
      const names = columns.map(({ column }) => `"${column}"`).join(", ");
      await together(async () => {
        await client.query(`insert into "${table.name}" (${names}) values ${places} on conflict do nothing`, values);
        await note(table, last.place);
      });
    },
    clear: (table) =>
      together(async () => {
        // Triggers guard what is there against people, not against the transfer that is filling the table.
        await client.query(`alter table "${table.name}" disable trigger user`);
        await client.query(`delete from "${table.name}"`);
        await client.query(`alter table "${table.name}" enable trigger user`);
        await note(table, BEGINNING);
      }),
    async keepOnly(table, { after, upTo }, ids) {
      const { rowCount } = await client.query(
        `delete from "${table.name}" where "id" > $1 and "id" <= $2 and not ("id" = any($3::bigint[]))`,
        [after, upTo, ids.map(String)],
      );
      return rowCount ?? 0;
    },
    count: ({ name }) => numberOf(`select count(*) as "n" from "${name}"`),
    complete: (tables) =>
      together(async () => {
        for (const { name, columns } of tables)
          for (const column of columns) {
            const { rows } = await client.query<{ sequence: string | null }>(
              `select pg_get_serial_sequence('"${name}"', $1) as "sequence"`,
              [column],
            );
            const sequence = rows[0]?.sequence;
            if (sequence)
              await client.query(`select setval($1, greatest(1, (select coalesce(max("${column}"), 0) from "${name}")), true)`, [sequence]);
          }
        await client.query(`update "_holdfast_transfer" set "complete" = true where "table" = ''`);
      }),
    close: () => client.end(),
  };
}
