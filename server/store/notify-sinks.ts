/** Sinks of notifications. */
import { appendEntries } from "./audit-log.ts";
import type { NewAuditEntry } from "./audit-entry.ts";
import { clampLimit, decodeCursor, encodeCursor, pageOf } from "./cursor.ts";
import type { Db, Tx } from "./db.ts";
import type { Dialect } from "./dialect.ts";
import type { NotifySink as SinkRow } from "./generated/sqlite/client.ts";
import type { NewSink, Sink, SinkChanges } from "./notify-store.ts";
import type { Page } from "./store.ts";

export const timeOf = (time: bigint | null): number | null => (time === null ? null : Number(time));
export const columnOf = (time: number | null): bigint | null => (time === null ? null : BigInt(time));

function sinkOf({ ordinal: _, ...row }: SinkRow): Sink {
  return {
    ...row,
    kind: row.kind as Sink["kind"],
    hears: JSON.parse(row.hears) as Sink["hears"],
    createdAt: Number(row.createdAt),
    afterId: Number(row.afterId),
    previousUntil: timeOf(row.previousUntil),
    failingSince: timeOf(row.failingSince),
    lastDeliveredAt: timeOf(row.lastDeliveredAt),
    pausedAt: timeOf(row.pausedAt),
  };
}

/** Newest id of the log, of whatever environment. Taken under the log's lock, nothing with a lower id can still appear. */
async function lastEvent(tx: Tx): Promise<bigint> {
  const last = await tx.event.findFirst({ orderBy: { id: "desc" }, select: { id: true } });
  return last?.id ?? 0n;
}

export async function listSinks(db: Db, query: { readonly cursor?: string; readonly limit: number }): Promise<Page<Sink>> {
  const limit = clampLimit(query.limit);
  const after = query.cursor === undefined ? undefined : decodeCursor("sinks", query.cursor, 1)[0];
  const rows = await db.notifySink.findMany({
    where: after === undefined ? {} : { ordinal: { gt: BigInt(after) } },
    orderBy: { ordinal: "asc" },
    take: limit + 1,
  });
  const { items, nextCursor } = pageOf(rows, limit, ({ ordinal }) => encodeCursor("sinks", [Number(ordinal)]));
  return { items: items.map(sinkOf), nextCursor };
}

export async function getSink(db: Db | Tx, id: string): Promise<Sink | null> {
  const row = await db.notifySink.findUnique({ where: { id } });
  return row === null ? null : sinkOf(row);
}

export async function createSink(tx: Tx, dialect: Dialect, sink: NewSink, audit: NewAuditEntry): Promise<Sink> {
  await dialect.lockLog(tx);
  const row = await tx.notifySink.create({
    data: {
      ...sink,
      hears: JSON.stringify(sink.hears),
      createdAt: BigInt(sink.createdAt),
      previousUntil: columnOf(sink.previousUntil),
      afterId: await lastEvent(tx),
    },
  });
  await appendEntries(tx, dialect, [audit]);
  return sinkOf(row);
}

export interface SinkChange {
  readonly id: string;
  readonly changes: SinkChanges;
  readonly audit: NewAuditEntry;
}

export async function changeSink(tx: Tx, dialect: Dialect, { id, changes, audit }: SinkChange): Promise<Sink | null> {
  await dialect.lockLog(tx);
  const before = await getSink(tx, id);
  if (!before) return null;
  const { hears, previousUntil, ...plain } = changes;
  const { enabled = before.enabled } = changes;
  const row = await tx.notifySink.update({
    where: { id },
    data: {
      ...plain,
      ...(hears === undefined ? {} : { hears: JSON.stringify(hears) }),
      ...(previousUntil === undefined ? {} : { previousUntil: columnOf(previousUntil) }),
      ...(enabled && !before.enabled ? { afterId: await lastEvent(tx) } : {}),
      ...(changes.enabled === true ? { pausedAt: null, failingSince: null, failures: 0, lastError: null } : {}),
    },
  });
  if (!enabled && before.enabled)
    await tx.notifyDelivery.updateMany({
      where: { sinkId: id, status: "waiting" },
      data: { status: "dropped", error: "the sink was switched off", settledAt: BigInt(audit.at) },
    });
  await appendEntries(tx, dialect, [audit]);
  return sinkOf(row);
}

export async function deleteSink(tx: Tx, dialect: Dialect, id: string, audit: NewAuditEntry): Promise<Sink | null> {
  await dialect.lockLog(tx);
  const sink = await getSink(tx, id);
  if (!sink) return null;
  await tx.notifyDelivery.deleteMany({ where: { sinkId: id } });
  await tx.notifySink.delete({ where: { id } });
  await appendEntries(tx, dialect, [audit]);
  return sink;
}
