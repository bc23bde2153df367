/** Several changes of policy in one transaction. */
import { AlreadyOver, type ChangeSet, type ChangeSetDone, type ChangeSetQuery, type ChangeSetWrite, type FlipDone } from "./change-set.ts";
import { clampLimit, decodeCursor, encodeCursor, pageOf } from "./cursor.ts";
import type { Db, Tx } from "./db.ts";
import type { Dialect } from "./dialect.ts";
import { createFlip, endFlip } from "./flips.ts";
import type { ChangeSet as ChangeSetRow } from "./generated/sqlite/client.ts";
import type { Page } from "./store.ts";

const setOf = ({ ordinal: _, made, ended, createdAt, ...row }: ChangeSetRow): ChangeSet => ({
  ...row,
  createdAt: Number(createdAt),
  made: JSON.parse(made) as string[],
  ended: JSON.parse(ended) as string[],
});

/** What is made comes first: nobody sees what lies beneath what ends. @throws AlreadyOver, RevisionConflict: nothing is changed then */
export async function applyChangeSet(tx: Tx, dialect: Dialect, { set, ends, creations, undoes }: ChangeSetWrite): Promise<ChangeSetDone> {
  await dialect.lockLog(tx);
  if (undoes !== null) {
    const { count } = await tx.changeSet.updateMany({ where: { id: undoes, undoneBy: null }, data: { undoneBy: set.id } });
    if (count === 0) throw new AlreadyOver("set");
  }
  const made: FlipDone[] = [];
  for (const creation of creations) made.push(await createFlip(tx, dialect, creation));
  const ended: FlipDone[] = [];
  for (const end of ends) {
    const done = await endFlip(tx, dialect, end);
    if (!done) throw new AlreadyOver("change");
    ended.push(done);
  }
  const ids = (list: readonly FlipDone[]): string => JSON.stringify(list.map(({ flip }) => flip.id));
  const row = await tx.changeSet.create({
    data: { ...set, createdAt: BigInt(set.createdAt), made: ids(made), ended: ids(ended), undoneBy: null },
  });
  return { set: setOf(row), ended, made };
}

export async function getChangeSet(db: Db, id: string): Promise<ChangeSet | null> {
  const row = await db.changeSet.findUnique({ where: { id } });
  return row === null ? null : setOf(row);
}

/** Newest first. */
export async function listChangeSets(db: Db, query: ChangeSetQuery): Promise<Page<ChangeSet>> {
  const limit = clampLimit(query.limit);
  const before = query.cursor === undefined ? undefined : decodeCursor("change-sets", query.cursor, 1)[0];
  const rows = await db.changeSet.findMany({
    where: { environment: query.environment, ...(before === undefined ? {} : { ordinal: { lt: before } }) },
    orderBy: { ordinal: "desc" },
    take: limit + 1,
  });
  const { items, nextCursor } = pageOf(rows, limit, ({ ordinal }) => encodeCursor("change-sets", [Number(ordinal)]));
  return { items: items.map(setOf), nextCursor };
}
