import { cellExpressions, type Dialect } from "../dialect.ts";

/** SQLite has one writer at a time by nature, and its client one connection: the log needs no lock of its own. */
export const sqliteDialect: Dialect = {
  provider: "sqlite",
  // Numbered as ?1: SQLite takes $1 for a name and counts names as they come. "where true" tells the parser that a following "on conflict" is not the condition of a join.
  rowsFromJson: (types) =>
    `select ${cellExpressions(types, (index) => `json_extract(value, '$[${index}]')`, "?2")} from json_each(?1) where true order by key`,
  listOfLists: (columns) => `json_group_array(json_array(${columns.map((column) => `"${column}"`).join(", ")}))`,
  lockLog: () => Promise.resolve(),
  nowMs: "cast(unixepoch('now', 'subsec') * 1000 as integer)",
  // A transaction has the one write lock from its beginning.
  forUpdate: "",
  size: async (db) => {
    const pages = await db.$queryRawUnsafe<{ bytes: number | bigint }[]>(
      "select page_count * page_size as bytes from pragma_page_count(), pragma_page_size()",
    );
    return Number(pages[0]?.bytes ?? 0);
  },
  doubt: null,
};
