/** The log: appending once however often an event arrives, and reading in pages. */
import type { Kind } from "../../protocol/kinds.ts";
import { appendEntries } from "./audit-log.ts";
import { bulkInsert } from "./bulk.ts";
import { type CursorKind, clampLimit, decodeCursor, encodeCursor, pageOf } from "./cursor.ts";
import type { Db, Tx } from "./db.ts";
import type { Dialect } from "./dialect.ts";
import type { AgentEventBatch, EventQuery, EventSpan, LoggedEventIn, NewEvent, Page } from "./store.ts";

/** A row before it has an id. Boot and seq are null for events of the console itself. */
export interface LogRow extends NewEvent {
  readonly boot: string | null;
  readonly seq: number | null;
}

const COLUMNS = {
  environment: "text",
  at: "bigint",
  receivedAt: "bigint",
  type: "text",
  family: "text",
  service: "text",
  instance: "text",
  boot: "text",
  seq: "bigint",
  resourceKind: "text",
  resourceName: "text",
  actor: "text",
  data: "text",
} as const;
const IDENTITY = ["environment", "service", "instance", "boot", "seq"] as const;
const TIME_MAX = 8.64e15;

export const consoleRow = (event: NewEvent): LogRow => ({ ...event, boot: null, seq: null });

/** The rows of one agent's batch, in its order, with the skew added to its clock. */
export function agentRows(batch: AgentEventBatch): LogRow[] {
  return batch.events.map((event) => ({
    environment: batch.environment,
    at: wholeMs(event.at + batch.skewMs),
    receivedAt: wholeMs(batch.receivedAt),
    type: event.type,
    service: batch.service,
    instance: batch.instance,
    resource: event.resource ?? null,
    actor: "agent",
    data: event.data,
    boot: batch.boot,
    seq: event.seq,
  }));
}

const wholeMs = (ms: number): number => Math.min(TIME_MAX, Math.max(0, Math.round(ms)));

/** First segment of a type: `breaker` of `breaker.opened`. */
const familyOf = (type: string): string => type.slice(0, (type.indexOf(".") + 1 || type.length + 1) - 1);

/**
 * Appends the rows of several callers as one statement, in order; each gets its own new ones back. A row that is there already, or comes
 * twice, is left out; of two callers with the same row the first gets it. What the console's own events bring for the audit log goes there.
 */
export async function appendRows(
  tx: Tx,
  dialect: Dialect,
  calls: readonly (readonly LogRow[])[],
): Promise<readonly (readonly LoggedEventIn[])[]> {
  const rows = calls.flat();
  if (rows.length === 0) return calls.map(() => []);
  await dialect.lockLog(tx);
  const inserted = await bulkInsert(tx, dialect, {
    table: "event",
    columns: COLUMNS,
    rows: rows.map((row) => [
      row.environment,
      row.at,
      row.receivedAt,
      row.type,
      familyOf(row.type),
      row.service,
      row.instance,
      row.boot,
      row.seq,
      row.resource?.kind ?? null,
      row.resource?.name ?? null,
      row.actor,
      JSON.stringify(row.data),
    ]),
    onConflict: `on conflict ("environment", "service", "instance", "boot", "seq") do nothing`,
    returning: ["id", ...IDENTITY],
  });
  await appendEntries(
    tx,
    dialect,
    rows.flatMap(({ audit }) => audit ?? []),
  );
  // Ids were given out in the order of the rows, so the inserted rows are the given ones in the same order with the repeats left out.
  const byId = inserted.map((row) => ({ row, id: Number(row["id"]) })).sort((a, b) => a.id - b.id);
  let next = 0;
  const loggedOf = (row: LogRow): LoggedEventIn[] => {
    const candidate = byId[next];
    if (candidate === undefined || !sameIdentity(row, candidate.row)) return [];
    next++;
    const { boot: _boot, seq: _seq, audit: _audit, ...event } = row;
    return [{ id: candidate.id, ...event }];
  };
  return calls.map((call) => call.flatMap(loggedOf));
}

function sameIdentity(row: LogRow, inserted: Record<string, unknown>): boolean {
  if (row.seq === null) return inserted["seq"] === null;
  if (inserted["seq"] === null || Number(inserted["seq"]) !== row.seq) return false;
  return IDENTITY.every((column) => column === "seq" || inserted[column] === row[column]);
}

interface EventRecord {
  readonly id: bigint | number;
  readonly environment: string;
  readonly at: bigint | number;
  readonly receivedAt: bigint | number;
  readonly type: string;
  readonly service: string | null;
  readonly instance: string | null;
  readonly resourceKind: string | null;
  readonly resourceName: string | null;
  readonly actor: string;
  readonly data: string;
}

function eventOf(row: EventRecord): LoggedEventIn {
  const { resourceKind, resourceName } = row;
  return {
    id: Number(row.id),
    environment: row.environment,
    at: Number(row.at),
    receivedAt: Number(row.receivedAt),
    type: row.type,
    service: row.service,
    instance: row.instance,
    resource: resourceKind === null || resourceName === null ? null : { kind: resourceKind as Kind, name: resourceName },
    actor: row.actor,
    data: JSON.parse(row.data) as LoggedEventIn["data"],
  };
}

/** Of every environment, in the order of commits. */
export async function listEventsAfter(db: Db, id: number, limit: number): Promise<readonly LoggedEventIn[]> {
  const rows = await db.event.findMany({ where: { id: { gt: BigInt(id) } }, orderBy: { id: "asc" }, take: clampLimit(limit) });
  return rows.map(eventOf);
}

export interface EventStatement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  /** What cursors of this list look like. */
  readonly cursor: CursorKind;
}

/**
 * The statement for a page and one event more. What decides its cost is written so that the index it starts from ends in the order asked
 * for: a page then costs about its own size, not the log's. The other filters are kept out of the planner's sight (`column || ''`), lest
 * it sorts everything that one of them finds. Of several services or kinds each is such a page of its own, and the first of all of them are
 * taken: none is in two of them.
 */
export function eventStatement(query: EventQuery): EventStatement {
  const direction = query.order === "asc" ? "asc" : "desc";
  const byTime = query.since !== undefined || query.until !== undefined;
  const cursor: CursorKind = `${byTime ? "time" : "log"}-${direction}`;
  const parameters: unknown[] = [];
  const bind = (value: unknown): string => `$${parameters.push(value)}`;
  const tail = `order by ${byTime ? `"at" ${direction}, "id" ${direction}` : `"id" ${direction}`} limit ${clampLimit(query.limit) + 1}`;
  const pages = alternatives(query).map((one) => `select ${SHOWN} from "event" where ${conditions(one, cursor, bind)} ${tail}`);
  const [only = `select ${SHOWN} from "event" where 1 = 0`] = pages;
  if (pages.length < 2) return { sql: only, parameters, cursor };
  const all = pages.map((page, i) => `select * from (${page}) as part${i}`).join(" union all ");
  return { sql: `select * from (${all}) as parts ${tail}`, parameters, cursor };
}

const SHOWN = `"id", "environment", "at", "receivedAt", "type", "service", "instance", "resourceKind", "resourceName", "actor", "data"`;

interface OneQuery extends EventQuery {
  readonly service?: string;
  readonly kind?: string;
}

/** One for each service and each kind; a kind that another one holds is left out. */
function alternatives({ service, kind, ...query }: EventQuery): readonly OneQuery[] {
  const kinds = several(kind);
  const apart = kinds?.filter((one) => !kinds.some((other) => other !== one && other.endsWith(".") && one.startsWith(other)));
  const services = several(service)?.map((one) => ({ ...query, service: one })) ?? [query];
  return services.flatMap((one) => apart?.map((type) => ({ ...one, kind: type })) ?? [one]);
}

const several = (value: string | readonly string[] | undefined): readonly string[] | undefined =>
  value === undefined ? undefined : [...new Set(typeof value === "string" ? [value] : value)];

function conditions(query: OneQuery, cursor: CursorKind, bind: (value: unknown) => string): string {
  const byTime = cursor.startsWith("time");
  const where = [`"environment" = ${bind(query.environment)}`];
  if (query.service !== undefined) where.push(`"service" = ${bind(query.service)}`);
  if (query.instance !== undefined) where.push(`"instance" || '' = ${bind(query.instance)}`);
  if (query.kind !== undefined) where.push(...kindFilter(query.kind, byTime ? ` || ''` : "", bind));
  if (query.since !== undefined) where.push(`"at" >= ${bind(wholeMs(query.since))}`);
  if (query.until !== undefined) where.push(`"at" <= ${bind(wholeMs(query.until))}`);
  if (query.afterId !== undefined) where.push(`"id"${byTime ? " + 0" : ""} > ${bind(query.afterId)}`);
  if (query.cursor !== undefined) {
    const key = decodeCursor(cursor, query.cursor, byTime ? 2 : 1).map(bind);
    where.push(`${byTime ? `("at", "id")` : `"id"`} ${cursor.endsWith("asc") ? ">" : "<"} ${byTime ? `(${key.join(", ")})` : key.join()}`);
  }
  return where.join(" and ");
}

function kindFilter(kind: string, unseen: string, bind: (value: unknown) => string): string[] {
  if (!kind.endsWith(".")) return [`"type"${unseen} = ${bind(kind)}`];
  const family = `"family"${unseen} = ${bind(familyOf(kind))}`;
  return [family, `substr("type", 1, ${kind.length}) = ${bind(kind)}`];
}

export async function listEvents(db: Db, query: EventQuery): Promise<Page<LoggedEventIn>> {
  const { sql, parameters, cursor } = eventStatement(query);
  const found = (await db.$queryRawUnsafe<EventRecord[]>(sql, ...parameters)).map(eventOf);
  return pageOf(found, clampLimit(query.limit), (last) => encodeCursor(cursor, cursor.startsWith("time") ? [last.at, last.id] : [last.id]));
}

/** Highest sequence committed for a boot; 0 when none. The last of an index: the client's `aggregate` would read them all. */
export async function lastEventSeq(
  db: Db,
  agent: { environment: string; service: string; instance: string; boot: string },
): Promise<number> {
  const { environment, service, instance, boot } = agent;
  const last = await db.event.findFirst({
    where: { environment, service, instance, boot },
    orderBy: { seq: "desc" },
    select: { seq: true },
  });
  return Number(last?.seq ?? 0);
}

export async function countEvents(db: Db, { environment, after, upTo, most }: EventSpan): Promise<number> {
  const rows = `select 1 from "event" where "environment" = $1 and "id" > $2 and "id" <= $3 limit ${Math.trunc(most)}`;
  const [answer] = await db.$queryRawUnsafe<{ n: bigint | number }[]>(
    `select count(*) as n from (${rows}) as found`,
    environment,
    after,
    upTo,
  );
  return Number(answer?.n ?? 0);
}

export async function lastEventId(db: Db, environment: string): Promise<number> {
  const last = await db.event.findFirst({ where: { environment }, orderBy: { id: "desc" }, select: { id: true } });
  return Number(last?.id ?? 0);
}
