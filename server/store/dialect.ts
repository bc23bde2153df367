import type { Db, Tx } from "./db.ts";

/** `slice` takes two cells, offset (from 1) and length, and reads the bytes there from the second parameter. */
export type CellType = "text" | "bigint" | "integer" | "float" | "boolean" | "slice";

/** The few places where the two databases must be spoken to differently. */
export interface Dialect {
  readonly provider: "sqlite" | "postgresql";
  /**
   * `select ... from ...` that turns the first parameter, a JSON array of arrays, into rows in the same order; one expression for each
   * type, each taking the next cell (slice: two).
   */
  rowsFromJson(types: readonly CellType[]): string;
  /** Expression: all rows, each as a list of these columns, as one text of JSON. */
  listOfLists(columns: readonly string[]): string;
  /** Makes writers of the log wait for one another until the end of the transaction, so that ids ascend in the order of commits. */
  lockLog(tx: Tx): Promise<void>;
  /** Expression: the database's own time in whole milliseconds. */
  readonly nowMs: string;
  /** After a select: locks its rows until the end of the transaction. */
  readonly forUpdate: string;
  /** Bytes on disk. */
  size(db: Db): Promise<number | null>;
  /** How the fate of a transaction is learned when the line broke at its commit; null where there is no line. */
  readonly doubt: Doubt | null;
}

export interface Doubt {
  /** The name of a transaction. */
  name(tx: Tx): Promise<string>;
  /** What became of it; null: it is still under way. */
  committed(db: Db, name: string): Promise<boolean | null>;
}

/** An expression for each type, given how one cell is read and how the second parameter is written. */
export function cellExpressions(types: readonly CellType[], cell: (index: number, type: CellType) => string, blob: string): string {
  let next = 0;
  return types
    .map((type) => {
      const index = next++;
      return type === "slice" ? `substr(${blob}, ${cell(index, "integer")}, ${cell(next++, "integer")})` : cell(index, type);
    })
    .join(", ");
}
