/** Column positions of each kind by name, so that adapters write numbers in place and allocate nothing. */
import { columnsOf, KIND_NAMES, type ColumnOf, type Kind } from "../../../protocol/kinds.ts";

/** Values of one resource being read, in column order; NaN is unknown. */
export type Cells = Float64Array;

export type ColumnIndexes<K extends Kind> = { readonly [C in ColumnOf<K>]: number };

/** Enough for the widest kind. */
export const MAX_COLUMNS = Math.max(...KIND_NAMES.map((kind) => columnsOf(kind).length));

export function indexesOf<K extends Kind>(kind: K): ColumnIndexes<K> {
  const entries = columnsOf(kind).map((column, index) => [column.name, index]);
  return Object.fromEntries(entries) as ColumnIndexes<K>;
}

/** Writes a reading of a kind into the cells: by name, whatever it holds; what is no number is unknown. */
export function fillerOf(kind: Kind): (reading: unknown, cells: Cells) => void {
  const columns = columnsOf(kind);
  return (reading, cells) => {
    if (typeof reading !== "object" || reading === null) return;
    for (let i = 0; i < columns.length; i++) {
      const value = (reading as Readonly<Record<string, unknown>>)[(columns[i] as { readonly name: string }).name];
      cells[i] = typeof value === "number" ? value : NaN;
    }
  };
}

/** The highest value that is told apart: a difference of two slots must stay a safe integer after zigzag coding doubles it. */
const MAX_VALUE = 2 ** 52 - 2;

/** The slot of a value: value + 1, or 0 when it is unknown. */
export function slotOf(value: number): number {
  if (!(value >= 0)) return 0;
  return Math.min(Math.round(value), MAX_VALUE) + 1;
}
