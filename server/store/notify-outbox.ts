/** The outbox of notifications. Whoever leads the sending proves it with its lease in every write. */
import { appendEntries } from "./audit-log.ts";
import type { NewAuditEntry } from "./audit-entry.ts";
import { clampLimit, decodeCursor, encodeCursor, pageOf } from "./cursor.ts";
import type { Db, Tx } from "./db.ts";
import type { Dialect } from "./dialect.ts";
import { appendRows, consoleRow } from "./event-log.ts";
import type { NotifyDelivery as DeliveryRow } from "./generated/sqlite/client.ts";
import { fence, noteProgress } from "./job-leases.ts";
import { timeOf } from "./notify-sinks.ts";
import type { Delivery, NewDelivery, Notices, Outcome, Settlement } from "./notify-store.ts";
import type { LoggedEventIn, Page } from "./store.ts";
import type { Lease } from "./tier-store.ts";

function deliveryOf({ ordinal: _, ...row }: DeliveryRow): Delivery {
  return {
    ...row,
    status: row.status as Delivery["status"],
    createdAt: Number(row.createdAt),
    nextAt: Number(row.nextAt),
    deadline: Number(row.deadline),
    settledAt: timeOf(row.settledAt),
  };
}

const newRow = ({ createdAt, nextAt, deadline, ...rest }: NewDelivery) => ({
  ...rest,
  createdAt: BigInt(createdAt),
  nextAt: BigInt(nextAt),
  deadline: BigInt(deadline),
});

const outcomeRow = ({ status, at, attempts, nextAt, code, answer, error, tookMs }: Outcome) => ({
  ...{ status, attempts, code, answer, error, tookMs: tookMs === null ? null : Math.round(tookMs) },
  nextAt: BigInt(nextAt),
  settledAt: status === "waiting" ? null : BigInt(at),
});

export async function listDeliveries(
  db: Db,
  query: { readonly sinkId?: string; readonly cursor?: string; readonly limit: number },
): Promise<Page<Delivery>> {
  const limit = clampLimit(query.limit);
  const before = query.cursor === undefined ? undefined : decodeCursor("deliveries", query.cursor, 1)[0];
  const rows = await db.notifyDelivery.findMany({
    where: {
      ...(query.sinkId === undefined ? {} : { sinkId: query.sinkId }),
      ...(before === undefined ? {} : { ordinal: { lt: BigInt(before) } }),
    },
    orderBy: { ordinal: "desc" },
    take: limit + 1,
  });
  const { items, nextCursor } = pageOf(rows, limit, ({ ordinal }) => encodeCursor("deliveries", [Number(ordinal)]));
  return { items: items.map(deliveryOf), nextCursor };
}

export async function getDelivery(db: Db, id: string): Promise<Delivery | null> {
  const row = await db.notifyDelivery.findUnique({ where: { id } });
  return row === null ? null : deliveryOf(row);
}

export async function countWaiting(db: Db): Promise<Readonly<Record<string, number>>> {
  const groups = await db.notifyDelivery.groupBy({ by: ["sinkId"], where: { status: "waiting" }, _count: { _all: true } });
  return Object.fromEntries(groups.map(({ sinkId, _count }) => [sinkId, _count._all]));
}

/** What waits behind another is not looked at: a sink is told in order. */
export async function listDue(db: Db, now: number, sinkId?: string): Promise<readonly Delivery[]> {
  const sinks = await db.notifySink.findMany({
    where: { enabled: true, pausedAt: null, ...(sinkId === undefined ? {} : { id: sinkId }) },
    select: { id: true },
  });
  const heads: Delivery[] = [];
  for (const { id } of sinks) {
    const head = await db.notifyDelivery.findFirst({ where: { sinkId: id, status: "waiting" }, orderBy: { ordinal: "asc" } });
    if (head && head.nextAt <= now) heads.push(deliveryOf(head));
  }
  return heads;
}

export interface Repeat {
  readonly id: string;
  readonly nextAt: number;
  readonly deadline: number;
  readonly audit: NewAuditEntry;
}

export async function repeatDelivery(tx: Tx, dialect: Dialect, { id, nextAt, deadline, audit }: Repeat): Promise<Delivery | null> {
  await dialect.lockLog(tx);
  const { count } = await tx.notifyDelivery.updateMany({
    where: { id, status: { not: "waiting" } },
    data: { status: "waiting", nextAt: BigInt(nextAt), deadline: BigInt(deadline), attempts: 0, settledAt: null },
  });
  if (count === 0) return null;
  await appendEntries(tx, dialect, [audit]);
  return deliveryOf(await tx.notifyDelivery.findUniqueOrThrow({ where: { id } }));
}

export interface Test {
  readonly delivery: NewDelivery;
  readonly outcome: Outcome;
  readonly audit: NewAuditEntry;
}

export async function recordTest(tx: Tx, dialect: Dialect, { delivery, outcome, audit }: Test): Promise<Delivery> {
  await dialect.lockLog(tx);
  const row = await tx.notifyDelivery.create({ data: { ...newRow(delivery), ...outcomeRow(outcome) } });
  if (outcome.status === "delivered") await noteHealth(tx, { id: delivery.id, sinkId: delivery.sinkId, outcome });
  await appendEntries(tx, dialect, [audit]);
  return deliveryOf(row);
}

export async function saveNotices(tx: Tx, dialect: Dialect, lease: Lease, notices: Notices): Promise<void> {
  await fence(tx, dialect, lease);
  // One by one, so that the order of sending is the order given.
  for (const delivery of notices.created) await tx.notifyDelivery.create({ data: { ...newRow(delivery), status: "waiting" } });
  for (const { id, ...more } of notices.grown) await tx.notifyDelivery.updateMany({ where: { id, status: "waiting" }, data: more });
  for (const sinkId of new Set(notices.created.map((delivery) => delivery.sinkId))) await dropOldest(tx, sinkId, notices);
  await noteProgress(tx, dialect, lease, notices.progress);
}

async function dropOldest(tx: Tx, sinkId: string, { waitingMost, created }: Notices): Promise<void> {
  const waiting = await tx.notifyDelivery.count({ where: { sinkId, status: "waiting" } });
  if (waiting <= waitingMost) return;
  const oldest = await tx.notifyDelivery.findMany({
    where: { sinkId, status: "waiting" },
    orderBy: { ordinal: "asc" },
    take: waiting - waitingMost,
    select: { id: true },
  });
  await tx.notifyDelivery.updateMany({
    where: { id: { in: oldest.map(({ id }) => id) } },
    data: { status: "dropped", error: "too many waited", settledAt: BigInt(created.at(-1)?.createdAt ?? 0) },
  });
  const dropped = { increment: oldest.length };
  await tx.notifySink.updateMany({ where: { id: sinkId }, data: { dropped, droppedUntold: dropped } });
}

export async function settleDelivery(tx: Tx, dialect: Dialect, lease: Lease, settlement: Settlement): Promise<readonly LoggedEventIn[]> {
  await fence(tx, dialect, lease);
  const { id, sinkId, outcome, untried = false, pause } = settlement;
  await tx.notifyDelivery.updateMany({ where: { id, status: "waiting" }, data: outcomeRow(outcome) });
  if (!untried) await noteHealth(tx, settlement);
  if (pause === undefined) return [];
  const { count } = await tx.notifySink.updateMany({ where: { id: sinkId, pausedAt: null }, data: { pausedAt: BigInt(outcome.at) } });
  if (count === 0) return [];
  const [logged = []] = await appendRows(tx, dialect, [pause.map(consoleRow)]);
  return logged;
}

async function noteHealth(tx: Tx, { sinkId, outcome, toldDropped = 0 }: Settlement): Promise<void> {
  const at = BigInt(outcome.at);
  if (outcome.status === "delivered") {
    await tx.notifySink.updateMany({
      where: { id: sinkId },
      data: {
        ...{ lastDeliveredAt: at, failingSince: null, failures: 0, lastError: null, pausedAt: null },
        droppedUntold: { decrement: toldDropped },
      },
    });
    return;
  }
  await tx.notifySink.updateMany({ where: { id: sinkId, failingSince: null }, data: { failingSince: at } });
  await tx.notifySink.updateMany({ where: { id: sinkId }, data: { failures: { increment: 1 }, lastError: outcome.error } });
}

const PRUNED_AT_ONCE = 500;

export async function pruneDeliveries(
  tx: Tx,
  dialect: Dialect,
  lease: Lease,
  { before, keep }: { readonly before: number; readonly keep: number },
): Promise<number> {
  await fence(tx, dialect, lease);
  const old = await tx.notifyDelivery.findMany({
    where: { settledAt: { lt: BigInt(before) } },
    take: PRUNED_AT_ONCE,
    select: { ordinal: true },
  });
  const drop = new Set(old.map(({ ordinal }) => ordinal));
  for (const { id } of await tx.notifySink.findMany({ select: { id: true } })) {
    const more = await tx.notifyDelivery.findMany({
      where: { sinkId: id },
      orderBy: { ordinal: "desc" },
      skip: keep,
      take: PRUNED_AT_ONCE,
      select: { ordinal: true, status: true },
    });
    for (const { ordinal, status } of more) if (status !== "waiting") drop.add(ordinal);
  }
  const { count } = await tx.notifyDelivery.deleteMany({ where: { ordinal: { in: [...drop].slice(0, PRUNED_AT_ONCE) } } });
  return count;
}
