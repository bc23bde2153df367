import { cellExpressions, type CellType, type Dialect } from "../dialect.ts";

/** Any number of our own; every console that writes the log takes this lock in its transaction. */
const LOG_LOCK = 4_400_001;

const CASTS: Readonly<Record<Exclude<CellType, "slice">, string>> = {
  text: "",
  bigint: "::bigint",
  integer: "::integer",
  float: "::double precision",
  boolean: "::boolean",
};
const cell = (index: number, type: CellType): string => `(value->>${index})${type === "slice" ? "" : CASTS[type]}`;

export const pgDialect: Dialect = {
  provider: "postgresql",
  rowsFromJson: (types) =>
    `select ${cellExpressions(types, cell, "$2::bytea")} from jsonb_array_elements($1::jsonb) with ordinality as "cells"(value, key) order by key`,
  listOfLists: (columns) => `coalesce(json_agg(json_build_array(${columns.map((column) => `"${column}"`).join(", ")})), '[]')::text`,
  // A sequence gives numbers out before the commit: without the lock a reader could see 12 and, later, 11.
  lockLog: async (tx) => {
    await tx.$executeRawUnsafe(`select pg_advisory_xact_lock(${LOG_LOCK})`);
  },
  nowMs: "(extract(epoch from clock_timestamp()) * 1000)::bigint",
  forUpdate: " for update",
  size: async (db) => {
    const rows = await db.$queryRawUnsafe<{ bytes: bigint }[]>("select pg_database_size(current_database()) as bytes");
    return Number(rows[0]?.bytes ?? 0);
  },
  doubt: {
    name: async (tx) => {
      const [row] = await tx.$queryRawUnsafe<{ name: string }[]>(`select pg_current_xact_id()::text as "name"`);
      return row?.name ?? "";
    },
    committed: async (db, name) => {
      const [row] = await db.$queryRawUnsafe<{ status: string | null }[]>(`select pg_xact_status($1::xid8) as "status"`, name);
      return row?.status === "in progress" ? null : row?.status === "committed";
    },
  },
};
