/** Flips, which are changes of every kind, revisions and receipts. */
import type { Decision, Subject } from "../../core/policy.ts";
import { bulkInsert, replaceOnConflict } from "./bulk.ts";
import type { FlipCreation, FlipDone, FlipEnd } from "./change-set.ts";
import { clampLimit, decodeCursor, encodeCursor, pageOf } from "./cursor.ts";
import type { Db, Tx } from "./db.ts";
import type { Dialect } from "./dialect.ts";
import { appendRows, consoleRow } from "./event-log.ts";
import type { Flip as FlipRow } from "./generated/sqlite/client.ts";
import { lastByKey } from "./known-fleet.ts";
import {
  type Flip,
  type FlipPurpose,
  type FlipQuery,
  type FlipScope,
  type FlipStatus,
  type LoggedEventIn,
  type NewEvent,
  type Page,
  type Receipt,
  type ReceiptState,
  RevisionConflict,
} from "./store.ts";

const RECEIPT_COLUMNS = {
  flipId: "text",
  instanceKey: "text",
  state: "text",
  at: "bigint",
  roundTripMs: "float",
  appliedMs: "float",
  reason: "text",
  lastRevision: "integer",
} as const;

export const flipOf = ({ kind, key, policy, body, purpose, ...row }: FlipRow): Flip => ({
  ...row,
  ...({ kind, key, policy, body: JSON.parse(body) as unknown } as Decision),
  scope: JSON.parse(row.scope) as FlipScope,
  createdAt: Number(row.createdAt),
  expiresAt: row.expiresAt === null ? null : Number(row.expiresAt),
  status: row.status as FlipStatus,
  endedAt: row.endedAt === null ? null : Number(row.endedAt),
  ...(purpose === null ? {} : { purpose: purpose as FlipPurpose }),
});

/** Takes the next revision; until the end of the transaction nobody else can take one in this environment. */
async function nextRevision(tx: Tx, environment: string): Promise<number> {
  const rows = await tx.$queryRaw<{ revision: number | bigint }[]>`
    insert into "policy_revision" ("environment", "revision") values (${environment}, 1)
    on conflict ("environment") do update set "revision" = "policy_revision"."revision" + 1 returning "revision"`;
  return Number(rows[0]?.revision);
}

async function logOne(tx: Tx, dialect: Dialect, event: NewEvent): Promise<LoggedEventIn> {
  const [[logged] = []] = await appendRows(tx, dialect, [[consoleRow(event)]]);
  if (logged === undefined) throw new Error("an event was not written");
  return logged;
}

export async function createFlip(tx: Tx, dialect: Dialect, { flip, receipts, event, expectedRevision }: FlipCreation): Promise<FlipDone> {
  await dialect.lockLog(tx);
  const revision = await nextRevision(tx, flip.environment);
  if (expectedRevision !== undefined) {
    const current = await subjectRevision(tx, flip.environment, flip);
    if (current !== expectedRevision) throw new RevisionConflict(current);
  }
  const row = await tx.flip.create({
    data: {
      ...flip,
      body: JSON.stringify(flip.body),
      scope: JSON.stringify(flip.scope),
      createdAt: BigInt(flip.createdAt),
      expiresAt: flip.expiresAt === null ? null : BigInt(flip.expiresAt),
      purpose: flip.purpose ?? null,
      revision,
      status: "live",
    },
  });
  const pending = receipts.map((receipt) => ({
    ...receipt,
    flipId: flip.id,
    at: flip.createdAt,
    roundTripMs: null,
    appliedMs: null,
    reason: null,
  }));
  await saveReceipts(tx, dialect, pending);
  return { flip: flipOf(row), event: await logOne(tx, dialect, atRevision(event, revision)) };
}

/** The event and its audit entry learn the revision that the change got. */
function atRevision({ audit, ...event }: NewEvent, revision: number): NewEvent {
  const told = { ...event, data: { ...event.data, revision } };
  return audit ? { ...told, audit: { ...audit, after: { ...audit.after, revision } } } : told;
}

export async function endFlip(tx: Tx, dialect: Dialect, { id, end, event }: FlipEnd): Promise<FlipDone | null> {
  await dialect.lockLog(tx);
  const ended = await tx.flip.updateMany({
    where: { id, status: "live" },
    data: { status: end.status, endedAt: BigInt(end.at), endedBy: end.by },
  });
  if (ended.count === 0) return null;
  const { environment } = await tx.flip.findUniqueOrThrow({ where: { id }, select: { environment: true } });
  const revision = await nextRevision(tx, environment);
  const row = await tx.flip.update({ where: { id }, data: { endRevision: revision } });
  return { flip: flipOf(row), event: await logOne(tx, dialect, atRevision(event, revision)) };
}

export async function currentRevision(db: Db, environment: string): Promise<number> {
  const row = await db.policyRevision.findUnique({ where: { environment } });
  return row?.revision ?? 0;
}

/** Settings and overrides of one policy are one subject; every other kind is one of its own. */
const aboutSubject = ({ kind, key, policy }: Subject) => (policy === null ? { key, kind } : { key, policy });

/** Highest revision among flips made or ended for a subject; 0 when none. */
export async function subjectRevision(tx: Tx, environment: string, subject: Subject): Promise<number> {
  const where = { environment, ...aboutSubject(subject) };
  const made = await tx.flip.findFirst({ where, orderBy: { revision: "desc" }, select: { revision: true } });
  const ended = await tx.flip.findFirst({
    where: { ...where, endRevision: { not: null } },
    orderBy: { endRevision: "desc" },
    select: { endRevision: true },
  });
  return Math.max(made?.revision ?? 0, ended?.endRevision ?? 0);
}

export async function getFlip(db: Db, id: string): Promise<Flip | null> {
  const row = await db.flip.findUnique({ where: { id } });
  return row === null ? null : flipOf(row);
}

export async function listLiveFlips(db: Db, environment?: string): Promise<readonly Flip[]> {
  const rows = await db.flip.findMany({
    where: { status: "live", ...(environment === undefined ? {} : { environment }) },
    orderBy: [{ environment: "asc" }, { revision: "asc" }],
  });
  return rows.map(flipOf);
}

export async function listFlips(db: Db, query: FlipQuery): Promise<Page<Flip>> {
  const limit = clampLimit(query.limit);
  const before = query.cursor === undefined ? undefined : decodeCursor("flips", query.cursor, 1)[0];
  const rows = await db.flip.findMany({
    where: {
      environment: query.environment,
      ...(query.subject === undefined ? {} : aboutSubject(query.subject)),
      ...(query.kind === undefined ? {} : { kind: query.kind }),
      ...(query.status === undefined ? {} : { status: query.status }),
      ...(before === undefined ? {} : { revision: { lt: before } }),
    },
    orderBy: { revision: "desc" },
    take: limit + 1,
  });
  return pageOf(rows.map(flipOf), limit, (last) => encodeCursor("flips", [last.revision]));
}

export async function saveReceipts(tx: Tx, dialect: Dialect, receipts: readonly Receipt[]): Promise<void> {
  const rows = lastByKey(receipts, (receipt) => JSON.stringify([receipt.flipId, receipt.instanceKey])).map((receipt) => [
    receipt.flipId,
    receipt.instanceKey,
    receipt.state,
    receipt.at,
    receipt.roundTripMs,
    receipt.appliedMs,
    receipt.reason,
    receipt.lastRevision,
  ]);
  await bulkInsert(tx, dialect, {
    table: "receipt",
    columns: RECEIPT_COLUMNS,
    rows,
    onConflict: replaceOnConflict(RECEIPT_COLUMNS, ["flipId", "instanceKey"]),
  });
}

export async function listReceipts(db: Db, flipId: string): Promise<readonly Receipt[]> {
  const rows = await db.receipt.findMany({ where: { flipId }, orderBy: { instanceKey: "asc" } });
  return rows.map((row) => ({ ...row, state: row.state as ReceiptState, at: Number(row.at) }));
}
