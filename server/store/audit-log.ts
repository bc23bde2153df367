/** The audit log in the database: appending under the lock of the log, reading in pages, following the chain. */
import type { AuditEntry, AuditPlace, AuditStep, NewAuditEntry } from "./audit-entry.ts";
import { AuditChain, BEGINNING, chained, entryOf, HASHED, rowOf, type AuditRow } from "./audit-chain.ts";
import type { AuditQuery } from "./audit-store.ts";
import { tidyEntry } from "./audit-tidy.ts";
import { bulkInsert } from "./bulk.ts";
import { type CursorKind, clampLimit, decodeCursor, encodeCursor, pageOf } from "./cursor.ts";
import type { Db, Tx } from "./db.ts";
import type { CellType, Dialect } from "./dialect.ts";
import type { Page } from "./basics.ts";

const TYPES: Readonly<Record<string, CellType>> = { id: "bigint", at: "bigint", incident: "integer" };
const NAMES = [...HASHED, "hash"] as const;
const COLUMNS: Readonly<Record<string, CellType>> = Object.fromEntries(NAMES.map((name) => [name, TYPES[name] ?? "text"]));
const SELECT = `select ${NAMES.map((name) => `"${name}"`).join(", ")} from "audit"`;
/** Rows in memory at once while the chain is followed. */
const BATCH = 1_000;

type Raw = Readonly<Record<string, unknown>>;
const parsed = (raw: Raw): AuditRow => rowOf((column) => raw[column]);

/** Writers wait for one another from here to the end of the transaction, so that the chain has one end. */
export async function appendEntries(tx: Tx, dialect: Dialect, entries: readonly NewAuditEntry[]): Promise<readonly AuditEntry[]> {
  if (entries.length === 0) return [];
  await dialect.lockLog(tx);
  const [end] = await tx.$queryRawUnsafe<Raw[]>(`select "id", "hash" from "audit" order by "id" desc limit 1`);
  let place: AuditPlace = end === undefined ? BEGINNING : { seq: Number(end["id"]), hash: String(end["hash"]) };
  const rows = entries.map((entry) => {
    const row = chained(tidyEntry(entry), place);
    place = { seq: row.id, hash: row.hash };
    return row;
  });
  await bulkInsert(tx, dialect, { table: "audit", columns: COLUMNS, rows: rows.map((row) => NAMES.map((name) => row[name])) });
  return rows.map(entryOf);
}

export async function listAudit(db: Db, query: AuditQuery): Promise<Page<AuditEntry>> {
  const limit = clampLimit(query.limit);
  const ascending = query.order === "asc";
  const cursor: CursorKind = ascending ? "audit-asc" : "audit-desc";
  const parameters: unknown[] = [];
  const bind = (value: unknown): string => `$${parameters.push(value)}`;
  const where = conditions(query, bind);
  if (query.cursor !== undefined) where.push(`"id" ${ascending ? ">" : "<"} ${bind(decodeCursor(cursor, query.cursor, 1)[0])}`);
  const sql = `${SELECT}${where.length === 0 ? "" : ` where ${where.join(" and ")}`} order by "id" ${ascending ? "asc" : "desc"} limit ${bind(limit + 1)}`;
  const found = (await db.$queryRawUnsafe<Raw[]>(sql, ...parameters)).map((raw) => entryOf(parsed(raw)));
  return pageOf(found, limit, (last) => encodeCursor(cursor, [last.seq]));
}

const EQUAL = {
  environment: "environment",
  service: "service",
  target: "thing",
  outcome: "outcome",
  requestId: "requestId",
  flipId: "flipId",
} as const;
const SEARCHED = ["action", "actorName", "environment", "service", "thing", "reason", "before", "after", "address", "code"] as const;

function conditions(query: AuditQuery, bind: (value: unknown) => string): string[] {
  const where: string[] = [];
  for (const [name, column] of Object.entries(EQUAL)) {
    const wanted = query[name as keyof typeof EQUAL];
    if (wanted !== undefined) where.push(`"${column}" = ${bind(wanted)}`);
  }
  const { actor, action, from, to, upTo, text } = query;
  if (actor !== undefined) where.push(`("actorName" = ${bind(actor)} or "actorKind" || ':' || "actorName" = ${bind(actor)})`);
  if (action !== undefined)
    where.push(action.endsWith(".") ? `substr("action", 1, ${action.length}) = ${bind(action)}` : `"action" = ${bind(action)}`);
  if (from !== undefined) where.push(`"at" >= ${bind(from)}`);
  if (to !== undefined) where.push(`"at" <= ${bind(to)}`);
  if (upTo !== undefined) where.push(`"id" <= ${bind(upTo)}`);
  if (text !== undefined) {
    const pattern = `%${text.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    const line = SEARCHED.map((column) => `coalesce("${column}", '')`).join(` || ' ' || `);
    where.push(String.raw`lower(${line}) like ${bind(pattern)} escape '\'`);
  }
  return where;
}

export async function auditHead(db: Db): Promise<AuditEntry | null> {
  const [raw] = await db.$queryRawUnsafe<Raw[]>(`${SELECT} order by "id" desc limit 1`);
  return raw === undefined ? null : entryOf(parsed(raw));
}

export async function verifyAudit(db: Db, after: AuditPlace, limit: number): Promise<AuditStep> {
  const lost = after.seq === 0 ? null : await lookFor(db, after);
  if (lost) return { last: after, fault: lost, done: true };
  const chain = new AuditChain(after);
  for (let left = limit; left > 0;) {
    const wanted = Math.min(BATCH, left);
    const rows = await db.$queryRawUnsafe<Raw[]>(`${SELECT} where "id" > $1 order by "id" limit ${wanted}`, chain.last.seq);
    if (!rows.every((raw) => chain.follow(parsed(raw)))) return { last: chain.last, fault: chain.fault, done: true };
    if (rows.length < wanted) return { last: chain.last, fault: null, done: true };
    left -= rows.length;
  }
  return { last: chain.last, fault: null, done: false };
}

/** Is the entry that was noted there? If the log ends before it, the first one that is gone is what does not fit. */
async function lookFor(db: Db, { seq, hash }: AuditPlace): Promise<AuditStep["fault"]> {
  const [found] = await db.$queryRawUnsafe<Raw[]>(`select "id", "hash" from "audit" where "id" <= $1 order by "id" desc limit 1`, seq);
  const last = found === undefined ? 0 : Number(found["id"]);
  if (last < seq) return { seq: last + 1, what: "missing" };
  return found?.["hash"] === hash ? null : { seq, what: "replaced" };
}
