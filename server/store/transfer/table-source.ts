/** A database read table by table, for commands that look at all of it. It knows nothing of what the tables mean, so new ones are not forgotten. */

/** What a cell may hold, whatever the database. Times of the sign-in tables are dates or what SQLite keeps of them. */
export type CellValue = null | string | number | bigint | boolean | Date | Uint8Array;

export interface TableInfo {
  readonly name: string;
  readonly columns: readonly string[];
  /** Rows are only ever added, with ascending whole ids: what was read need not be read again. */
  readonly ascending: boolean;
}

export interface Row {
  /** Ascends within a table while it is being read. */
  readonly place: bigint;
  /** In the order of the columns. */
  readonly cells: readonly CellValue[];
}

export interface TableSource {
  /** Referenced tables before those that refer to them. */
  readonly tables: readonly TableInfo[];
  /** Names of the migrations that made them. */
  readonly migrations: readonly string[];
  /** Rows after a place, at most `limit`. */
  rows(table: TableInfo, after: bigint, limit: number): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Before the first row of any table. */
export const BEGINNING = -1n;

/** All rows of a table, a batch at a time. */
export async function* batches(source: TableSource, table: TableInfo, limit = 200, after = BEGINNING): AsyncGenerator<readonly Row[]> {
  let place = after;
  for (;;) {
    const rows = await source.rows(table, place, limit);
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    place = last.place;
  }
}

export function cellOf(table: TableInfo, row: Row, column: string): CellValue {
  return row.cells[table.columns.indexOf(column)] ?? null;
}

/** Puts referenced tables first. */
export function inOrderOfReference<T extends { readonly name: string }>(
  tables: readonly T[],
  refersTo: (name: string) => readonly string[],
): T[] {
  const ordered: T[] = [];
  const place = (table: T): void => {
    if (ordered.includes(table)) return;
    for (const name of refersTo(table.name)) {
      const other = tables.find((one) => one.name === name);
      if (other && other !== table) place(other);
    }
    ordered.push(table);
  };
  for (const table of tables) place(table);
  return ordered;
}
