/** The audit log as one file, oldest first, a page at a time: it never lies in memory whole. */
import type { AuditEntry } from "../store/audit-entry.ts";
import type { AuditQuery } from "../store/audit-store.ts";
import type { Store } from "../store/store.ts";
import { CSV_HEAD, csvLine } from "./audit-csv.ts";

export type AuditFormat = "csv" | "json";

export interface AuditExport {
  readonly format: AuditFormat;
  /** What to export of it. */
  readonly filter: Omit<AuditQuery, "cursor" | "limit" | "order" | "upTo">;
  /** The last entry as the export begins; what comes later is left out. */
  readonly head: AuditEntry | null;
}

const PAGE = 500;

export async function* exportAudit(store: Pick<Store, "listAudit">, { format, filter, head }: AuditExport): AsyncGenerator<string> {
  const place = head && { seq: head.seq, hash: head.hash, at: head.at };
  yield format === "csv" ? CSV_HEAD : `{"head":${JSON.stringify(place)},"entries":[`;
  let cursor: string | undefined;
  let first = true;
  while (head) {
    const query = { ...filter, upTo: head.seq, order: "asc" as const, limit: PAGE };
    const { items, nextCursor } = await store.listAudit({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    if (items.length > 0)
      yield format === "csv"
        ? items.map(csvLine).join("")
        : `${first ? "" : ","}\n${items.map((entry) => JSON.stringify(entry)).join(",\n")}`;
    first &&= items.length === 0;
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  if (format === "json") yield "\n]}\n";
}
