/** Packed pages of samples, and where a boot's samples end. */
import { bulkInsert } from "./bulk.ts";
import type { Db, Tx } from "./db.ts";
import type { Dialect } from "./dialect.ts";
import { markDue } from "./rollup-due.ts";
import type { FoundPage } from "./basics.ts";
import { PAGE_SPAN_MAX_MS, type PageQuery, type SamplePage } from "./store.ts";

const COLUMNS = {
  environment: "text",
  service: "text",
  instance: "text",
  boot: "text",
  fromMs: "bigint",
  toMs: "bigint",
  lastSeq: "bigint",
  samples: "integer",
  bytes: "slice",
} as const;

/** Parameters of one statement. */
const IDS_AT_ONCE = 256;

/** @throws RangeError before anything is written. */
export function checkPages(pages: readonly SamplePage[]): void {
  for (const page of pages) {
    if (page.to < page.from || page.to - page.from > PAGE_SPAN_MAX_MS)
      throw new RangeError(`a page of samples spans 0 to ${PAGE_SPAN_MAX_MS} ms, not ${page.to - page.from}`);
  }
}

/** New pages, and the hours that are to be rolled up because of them. */
export async function insertPages(tx: Tx, dialect: Dialect, pages: readonly SamplePage[]): Promise<void> {
  await insertPageRows(tx, dialect, pages);
  await markDue(tx, dialect, pages);
}

/** All pages as one statement: their bytes travel as one parameter, cut apart by the database. */
export async function insertPageRows(tx: Tx, dialect: Dialect, pages: readonly SamplePage[]): Promise<void> {
  const blob = new Uint8Array(pages.reduce((sum, page) => sum + page.bytes.byteLength, 0));
  let offset = 0;
  const rows = pages.map((page) => {
    blob.set(page.bytes, offset);
    const start = offset + 1;
    offset += page.bytes.byteLength;
    return [
      page.environment,
      page.service,
      page.instance,
      page.boot,
      page.from,
      page.to,
      page.lastSeq,
      page.samples,
      start,
      page.bytes.byteLength,
    ];
  });
  await bulkInsert(tx, dialect, { table: "sample_page", columns: COLUMNS, rows, blob });
}

export async function readPages(db: Db, query: PageQuery): Promise<readonly SamplePage[]> {
  const found = await db.samplePage.findMany({ ...pageWhere(query), orderBy: [{ toMs: "asc" }, { id: "asc" }] });
  return found.map(pageOf);
}

/**
 * Pages of a window, of those that are `known` the id alone. Ids come as one text that the database makes: hundreds of rows through the client
 * take longer than the rest of the question.
 */
export async function readPagesExcept(
  db: Db,
  dialect: Dialect,
  query: PageQuery,
  known: readonly number[],
): Promise<readonly (FoundPage | number)[]> {
  const have = new Set(known);
  const ids = await readIds(db, dialect, query);
  const missing = ids.filter((id) => !have.has(id));
  if (missing.length === 0) return ids;
  const read = new Map<number, FoundPage>();
  for (let at = 0; at < missing.length; at += IDS_AT_ONCE) {
    const some = missing.slice(at, at + IDS_AT_ONCE).map(BigInt);
    for (const row of await db.samplePage.findMany({ where: { id: { in: some } }, select: STORED }))
      read.set(Number(row.id), foundPage(row));
  }
  // Pages were joined into larger ones between the two reads: one statement sees either those or these.
  if (read.size < missing.length) {
    const whole = await db.samplePage.findMany({ ...pageWhere(query), orderBy: [{ toMs: "asc" }, { id: "asc" }], select: STORED });
    return whole.map(foundPage);
  }
  return ids.map((id) => read.get(id) ?? id);
}

const STORED = { id: true, instance: true, boot: true, fromMs: true, toMs: true, bytes: true } as const;

interface StoredRow extends Pick<FoundPage, "instance" | "boot" | "bytes"> {
  readonly id: bigint;
  readonly fromMs: bigint;
  readonly toMs: bigint;
}

function foundPage({ id, fromMs, toMs, ...page }: StoredRow): FoundPage {
  return { ...page, id: Number(id), from: Number(fromMs), to: Number(toMs) };
}

/** As `pageWhere`, in order. */
async function readIds(db: Db, dialect: Dialect, query: PageQuery): Promise<readonly number[]> {
  const { environment, service, instance } = query;
  const to = Math.ceil(query.to);
  const parameters: unknown[] = [environment, service, ...[query.from, to + PAGE_SPAN_MAX_MS, to].map((at) => BigInt(Math.floor(at)))];
  if (instance !== undefined) parameters.push(instance);
  parameters.push(Math.max(0, Math.trunc(query.limit)));
  const [row] = await db.$queryRawUnsafe<{ ids: string }[]>(
    `select ${dialect.listOfLists(["id"])} as "ids" from (
       select "id" from "sample_page"
       where "environment" = $1 and "service" = $2 and "toMs" >= $3 and "toMs" <= $4 and "fromMs" <= $5
       ${instance === undefined ? "" : `and "instance" = $6`}
       order by "toMs", "id" limit $${parameters.length}) as "found"`,
    ...parameters,
  );
  return (JSON.parse(row?.ids ?? "[]") as [id: number][]).map(([id]) => id);
}

/** Condition and limit of a page query. */
export function pageWhere(query: PageQuery) {
  return {
    where: {
      environment: query.environment,
      service: query.service,
      ...(query.instance === undefined ? {} : { instance: query.instance }),
      toMs: { gte: BigInt(Math.floor(query.from)), lte: BigInt(Math.ceil(query.to) + PAGE_SPAN_MAX_MS) },
      fromMs: { lte: BigInt(Math.ceil(query.to)) },
    },
    take: Math.max(0, Math.trunc(query.limit)),
  };
}

interface PageRow extends Omit<SamplePage, "from" | "to" | "lastSeq"> {
  readonly fromMs: bigint;
  readonly toMs: bigint;
  readonly lastSeq: bigint;
}

export function pageOf(row: PageRow): SamplePage {
  return {
    environment: row.environment,
    service: row.service,
    instance: row.instance,
    boot: row.boot,
    from: Number(row.fromMs),
    to: Number(row.toMs),
    lastSeq: Number(row.lastSeq),
    samples: row.samples,
    bytes: row.bytes,
  };
}

/** Highest frame sequence in a stored page of a boot; 0 when none. */
export async function lastFrameSeq(
  db: Db,
  agent: { environment: string; service: string; instance: string; boot: string },
): Promise<number> {
  const { environment, service, instance, boot } = agent;
  const last = await db.samplePage.findFirst({
    where: { environment, service, instance, boot },
    orderBy: { lastSeq: "desc" },
    select: { lastSeq: true },
  });
  return Number(last?.lastSeq ?? 0);
}
