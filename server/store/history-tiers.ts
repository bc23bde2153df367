/** Rollups, hours that are due, pins, and the end of what is no longer kept. */
import { HOUR_MS, hoursTouched, MINUTE_MS } from "../../core/tiers.ts";
import type { Kind } from "../../protocol/kinds.ts";
import { bulkInsert, replaceOnConflict } from "./bulk.ts";
import type { Db, Tx } from "./db.ts";
import type { Dialect } from "./dialect.ts";
import { appendRows, consoleRow } from "./event-log.ts";
import { fence, noteProgress } from "./job-leases.ts";
import { rollupsChanged, versionRows } from "./rollup-version.ts";
import { insertPageRows, pageOf, pageWhere } from "./sample-pages.ts";
import type { LoggedEventIn, PageQuery } from "./store.ts";
import type {
  DropProgress,
  Dropped,
  Lease,
  PageDrop,
  PageOwner,
  PagePin,
  Progress,
  RolledHour,
  RollupQuery,
  RollupRow,
  Rollups,
  StoredPage,
  StoredTier,
  TierStore,
} from "./tier-store.ts";

const ROLLUP_COLUMNS = {
  tierMs: "integer",
  environment: "text",
  service: "text",
  fromMs: "bigint",
  instance: "text",
  kind: "text",
  resource: "text",
  bytes: "slice",
} as const;
/** Hours one answer tells to be due. */
const DUE_MOST = 20_000;
const ROLLUP_KEY = Object.keys(ROLLUP_COLUMNS).filter((column) => column !== "bytes");

export async function readStoredPages(db: Db, query: PageQuery): Promise<readonly StoredPage[]> {
  const found = await db.samplePage.findMany({ ...pageWhere(query), orderBy: [{ toMs: "asc" }, { id: "asc" }] });
  return found.map((row) => ({ id: Number(row.id), ...pageOf(row) }));
}

export async function readRollups(db: Db, query: RollupQuery): Promise<readonly RollupRow[]> {
  const { tierMs, environment, service, instance, kinds, resource } = query;
  const found = await db.rollupPage.findMany({
    where: {
      tierMs,
      environment,
      service,
      fromMs: { gte: BigInt(Math.floor(query.from)), lt: BigInt(Math.ceil(query.to)) },
      ...(instance === undefined ? {} : { instance }),
      ...(kinds === undefined ? {} : { kind: { in: [...kinds] } }),
      ...(resource === undefined ? {} : { resource }),
    },
    orderBy: [{ fromMs: "asc" }, { instance: "asc" }, { kind: "asc" }, { resource: "asc" }],
    take: query.limit,
  });
  return found.map(({ fromMs, ...row }) => ({ ...row, tierMs, from: Number(fromMs), kind: row.kind as Kind }));
}

/** What is due and the version are of one moment: one statement. */
export async function readRollupsSince(db: Db, dialect: Dialect, query: RollupQuery, version: string | null): Promise<Rollups> {
  const { environment, service, from, to } = query;
  const [now] = await db.$queryRawUnsafe<{ due: string; version: string }[]>(
    `select (select ${dialect.listOfLists(["instance", "fromMs"])} from (
         select "instance", "fromMs" from "rollup_due"
         where "environment" = $1 and "service" = $2 and "fromMs" >= $3 and "fromMs" < $4 limit ${DUE_MOST}) as "found") as "due",
       (select ${dialect.listOfLists(["job", "state"])} from (
         select "job", "state" from "job_state" where "job" in ($5, $6) order by "job") as "counters") as "version"`,
    ...[environment, service, BigInt(Math.floor(from)), BigInt(Math.ceil(to)), ...versionRows(query)],
  );
  if (!now) throw new Error("the database did not answer");
  const due = (JSON.parse(now.due) as [string, number][]).map(([instance, hour]) => ({ instance, from: hour }));
  return { version: now.version, due, rows: now.version === version ? null : await readRollups(db, query) };
}

async function writeRollups(tx: Tx, dialect: Dialect, rollups: readonly RollupRow[]): Promise<void> {
  const blob = new Uint8Array(rollups.reduce((sum, { bytes }) => sum + bytes.byteLength, 0));
  let offset = 0;
  const rows = rollups.map(({ tierMs, environment, service, from, instance, kind, resource, bytes }) => {
    blob.set(bytes, offset);
    const start = offset + 1;
    offset += bytes.byteLength;
    return [tierMs, environment, service, from, instance, kind, resource, start, bytes.byteLength];
  });
  const onConflict = replaceOnConflict(ROLLUP_COLUMNS, ROLLUP_KEY);
  await bulkInsert(tx, dialect, { table: "rollup_page", columns: ROLLUP_COLUMNS, rows, blob, onConflict });
}

export async function saveRolledHour(
  tx: Tx,
  dialect: Dialect,
  lease: Lease,
  { due, rows, replaced, compacted, events, progress }: RolledHour,
): Promise<readonly LoggedEventIn[]> {
  await fence(tx, dialect, lease);
  await writeRollups(tx, dialect, rows);
  if (rows.length > 0) await rollupsChanged(tx, due);
  if (replaced.length > 0) await tx.samplePage.deleteMany({ where: { id: { in: replaced.map(BigInt) } } });
  await insertPageRows(tx, dialect, compacted);
  const { environment, service, instance, from, changes } = due;
  await tx.rollupDue.deleteMany({ where: { environment, service, instance, fromMs: BigInt(from), changes } });
  await noteProgress(tx, dialect, lease, progress);
  if (events.length === 0) return [];
  const [logged] = await appendRows(tx, dialect, [events.map(consoleRow)]);
  return logged ?? [];
}

/** Hops along an index, so that owners are found without reading every page. */
export async function listPageOwners(db: Db): Promise<readonly PageOwner[]> {
  const first = (where: object): Promise<PageOwner | null> =>
    db.samplePage.findFirst({
      where,
      orderBy: [{ environment: "asc" }, { service: "asc" }],
      select: { environment: true, service: true },
    });
  const owners: PageOwner[] = [];
  let next = await first({});
  while (next) {
    owners.push(next);
    const { environment, service } = next;
    next = (await first({ environment, service: { gt: service } })) ?? (await first({ environment: { gt: environment } }));
  }
  return owners;
}

/** Progress with what was dropped added to its counter. */
export function counted({ job, state, counter }: DropProgress, dropped: number): Progress {
  return { job, state: { ...state, [counter]: Number(state[counter] ?? 0) + dropped } };
}

export async function dropPages(tx: Tx, dialect: Dialect, lease: Lease, drop: PageDrop): Promise<Dropped> {
  await fence(tx, dialect, lease);
  const { environment, service, before, after, limit } = drop;
  const found = await tx.samplePage.findMany({
    where: {
      environment,
      service,
      toMs: { lt: BigInt(before), ...(after ? { gte: BigInt(after.to) } : {}) },
      ...(after ? { NOT: { toMs: BigInt(after.to), id: { lte: BigInt(after.id) } } } : {}),
    },
    orderBy: [{ toMs: "asc" }, { id: "asc" }],
    select: { id: true, instance: true, fromMs: true, toMs: true },
    take: limit,
  });
  const pins = await tx.pagePin.findMany({ where: { environment, fromMs: { lte: BigInt(before) } } });
  const pinned = pins.map((pin) => ({ ...pin, instances: new Set(JSON.parse(pin.instances) as string[]) }));
  const due = await tx.rollupDue.findMany({ where: { environment, service, fromMs: { lt: BigInt(before) } } });
  const waiting = new Set(due.map((row) => `${row.instance}\n${String(row.fromMs)}`));
  const ids = found
    .filter(
      (page) =>
        !hoursTouched(Number(page.fromMs), Number(page.toMs)).some((hour) => waiting.has(`${page.instance}\n${hour}`)) &&
        !pinned.some(
          (pin) =>
            pin.fromMs <= page.toMs &&
            page.fromMs <= pin.toMs &&
            (pin.instances.size === 0 || pin.instances.has(`${service}/${page.instance}`)),
        ),
    )
    .map(({ id }) => id);
  if (ids.length > 0) {
    await tx.samplePage.deleteMany({ where: { id: { in: ids } } });
    await noteProgress(tx, dialect, lease, counted(drop.progress, ids.length));
  }
  const last = found.at(-1);
  return { dropped: ids.length, next: last && found.length === limit ? { to: Number(last.toMs), id: Number(last.id) } : null };
}

export async function dropRollups(
  tx: Tx,
  dialect: Dialect,
  lease: Lease,
  { tierMs, before, limit, progress }: Parameters<TierStore["dropRollups"]>[1],
): Promise<number> {
  await fence(tx, dialect, lease);
  const key = ROLLUP_KEY.map((column) => `"${column}"`).join(", ");
  const dropped = await tx.$executeRawUnsafe(
    `delete from "rollup_page" where (${key}) in (select ${key} from "rollup_page" where "tierMs" = $1 and "fromMs" < $2 order by "fromMs" limit $3)`,
    tierMs,
    BigInt(before),
    limit,
  );
  if (dropped > 0) {
    await rollupsChanged(tx, null);
    await noteProgress(tx, dialect, lease, counted(progress, dropped));
  }
  return dropped;
}

export async function pinPages(tx: Tx, { id, environment, from, to, instances, reason, createdAt }: PagePin): Promise<void> {
  const row = {
    environment,
    fromMs: BigInt(Math.floor(from)),
    toMs: BigInt(Math.ceil(to)),
    instances: JSON.stringify(instances),
    reason,
    createdAt: BigInt(createdAt),
  };
  await tx.pagePin.upsert({ where: { id }, create: { id, ...row }, update: row });
}

export async function listPins(db: Db, environment?: string): Promise<readonly PagePin[]> {
  const found = await db.pagePin.findMany({ ...(environment === undefined ? {} : { where: { environment } }), orderBy: { id: "asc" } });
  return found.map((row) => ({
    id: row.id,
    environment: row.environment,
    from: Number(row.fromMs),
    to: Number(row.toMs),
    instances: JSON.parse(row.instances) as string[],
    reason: row.reason,
    createdAt: Number(row.createdAt),
  }));
}

interface UseRow {
  readonly tierMs: number | bigint;
  readonly pages: number | bigint;
  readonly bytes: unknown;
  readonly oldest: number | bigint | null;
  readonly newest: number | bigint | null;
}

export async function tierUse(db: Db): Promise<readonly StoredTier[]> {
  const rows = await db.$queryRawUnsafe<UseRow[]>(
    `select 1000 as "tierMs", count(*) as "pages", sum(length("bytes")) as "bytes", min("fromMs") as "oldest", max("toMs") as "newest" from "sample_page"
     union all
     select "tierMs", count(*), sum(length("bytes")), min("fromMs"), max("fromMs") from "rollup_page" group by "tierMs"`,
  );
  return [1000, MINUTE_MS, HOUR_MS].map((tierMs) => {
    const row = rows.find((one) => Number(one.tierMs) === tierMs);
    return {
      tierMs,
      pages: Number(row?.pages ?? 0),
      bytes: Number(row?.bytes ?? 0),
      oldest: row?.oldest == null ? null : Number(row.oldest),
      newest: row?.newest == null ? null : Number(row.newest),
    };
  });
}
