/** How the fleet was described, pages by place, and policies as they were. */
import { subjectId, type Subject } from "../../core/policy.ts";
import { bulkInsert } from "./bulk.ts";
import type { Db, Tx } from "./db.ts";
import type { Dialect } from "./dialect.ts";
import { flipOf } from "./flips.ts";
import { counted } from "./history-tiers.ts";
import { fence, noteProgress } from "./job-leases.ts";
import type {
  KeyFrame,
  NewKeyFrame,
  PageListQuery,
  ReplayStore,
  StoredStoryRow,
  StoryDrop,
  StoryQuery,
  StoryRow,
  SubjectRevision,
} from "./replay-store.ts";
import { pageOf, pageWhere } from "./sample-pages.ts";
import type { Flip } from "./store.ts";
import type { Lease, StoredPage } from "./tier-store.ts";

const CHANGE_COLUMNS = { environment: "text", atMs: "bigint", bytes: "slice" } as const;

/** Ids are given out in the order of the rows. */
export async function appendStoryChanges(tx: Tx, dialect: Dialect, changes: readonly StoryRow[]): Promise<number[]> {
  const blob = new Uint8Array(changes.reduce((sum, { bytes }) => sum + bytes.byteLength, 0));
  let offset = 0;
  const rows = changes.map(({ environment, at, bytes }) => {
    blob.set(bytes, offset);
    const start = offset + 1;
    offset += bytes.byteLength;
    return [environment, at, start, bytes.byteLength];
  });
  const inserted = await bulkInsert(tx, dialect, { table: "story_change", columns: CHANGE_COLUMNS, rows, blob, returning: ["id"] });
  return inserted.map((row) => Number(row["id"])).sort((a, b) => a - b);
}

export async function putKeyFrame(tx: Tx, { environment, at, until, changeId, bytes }: NewKeyFrame): Promise<number> {
  const atMs = BigInt(at);
  const before = await tx.storyKeyFrame.findFirst({ where: { environment }, orderBy: NEWEST, select: { id: true } });
  if (before) await tx.storyKeyFrame.update({ where: { id: before.id }, data: { untilMs: atMs } });
  const data = { environment, atMs, untilMs: BigInt(until), changeId: BigInt(changeId), bytes: Uint8Array.from(bytes) };
  return Number((await tx.storyKeyFrame.create({ data, select: { id: true } })).id);
}

export async function extendKeyFrames(tx: Tx, signs: readonly { readonly id: number; readonly until: number }[]): Promise<void> {
  for (const { id, until } of signs)
    await tx.storyKeyFrame.updateMany({ where: { id: BigInt(id), untilMs: { lt: BigInt(until) } }, data: { untilMs: BigInt(until) } });
}

const NEWEST = [{ atMs: "desc" as const }, { id: "desc" as const }];
const OLDEST = [{ atMs: "asc" as const }, { id: "asc" as const }];

export async function findKeyFrame(db: Db, environment: string, at: number): Promise<KeyFrame | null> {
  const row = await db.storyKeyFrame.findFirst({ where: { environment, atMs: { lte: BigInt(Math.floor(at)) } }, orderBy: NEWEST });
  if (row === null) return null;
  const { id, atMs, untilMs, changeId, bytes } = row;
  return { id: Number(id), environment, at: Number(atMs), until: Number(untilMs), changeId: Number(changeId), bytes };
}

export async function keyFrameSpan(db: Db, environment: string): ReturnType<ReplayStore["keyFrameSpan"]> {
  const one = (orderBy: typeof NEWEST | typeof OLDEST) =>
    db.storyKeyFrame.findFirst({ where: { environment }, orderBy, select: { atMs: true } });
  const [oldest, newest] = [await one(OLDEST), await one(NEWEST)];
  return oldest && newest ? { oldest: Number(oldest.atMs), newest: Number(newest.atMs) } : null;
}

export async function listStoryChanges(db: Db, { environment, afterId, until, limit }: StoryQuery): Promise<readonly StoredStoryRow[]> {
  const rows = await db.storyChange.findMany({
    where: { environment, id: { gt: BigInt(afterId) }, atMs: { lte: BigInt(Math.floor(until)) } },
    orderBy: { id: "asc" },
    take: limit,
  });
  return rows.map(({ id, atMs, bytes }) => ({ id: Number(id), environment, at: Number(atMs), bytes }));
}

/** The last key frame before what is kept stays: everything as of then begins with it. */
export async function dropStory(tx: Tx, dialect: Dialect, lease: Lease, drop: StoryDrop): Promise<number> {
  await fence(tx, dialect, lease);
  const { environment, before, limit, progress } = drop;
  const frames = await tx.storyKeyFrame.findMany({
    where: { environment, atMs: { lte: BigInt(before) } },
    orderBy: OLDEST,
    select: { id: true, atMs: true, untilMs: true, changeId: true },
  });
  const pins = await tx.pagePin.findMany({ where: { environment }, select: { fromMs: true, toMs: true } });
  let dropped = 0;
  for (const [i, { id, atMs, untilMs, changeId }] of frames.entries()) {
    const next = frames[i + 1];
    if (next === undefined || dropped >= limit) break;
    if (pins.some((pin) => pin.fromMs <= untilMs && atMs <= pin.toMs)) continue;
    await tx.storyChange.deleteMany({ where: { environment, id: { gt: i === 0 ? 0n : changeId, lte: next.changeId } } });
    await tx.storyKeyFrame.delete({ where: { id } });
    dropped++;
  }
  if (dropped > 0) await noteProgress(tx, dialect, lease, counted(progress, dropped));
  return dropped;
}

export async function listPages(db: Db, { after, newestFirst, ...query }: PageListQuery): Promise<readonly StoredPage[]> {
  const { where, take } = pageWhere(query);
  const { toMs } = where;
  const found = await db.samplePage.findMany({
    where: after
      ? {
          ...where,
          toMs: { ...toMs, gte: BigInt(Math.max(after.to, Math.floor(query.from))) },
          NOT: { toMs: BigInt(after.to), id: { lte: BigInt(after.id) } },
        }
      : where,
    take,
    orderBy: newestFirst === true ? [{ toMs: "desc" }, { id: "desc" }] : [{ toMs: "asc" }, { id: "asc" }],
  });
  return found.map((row) => ({ id: Number(row.id), ...pageOf(row) }));
}

export async function listFlipsAt(db: Db, environment: string, at: number): Promise<readonly Flip[]> {
  const atMs = BigInt(Math.floor(at));
  const rows = await db.flip.findMany({
    where: {
      environment,
      createdAt: { lte: atMs },
      AND: [{ OR: [{ endedAt: null }, { endedAt: { gt: atMs } }] }, { OR: [{ expiresAt: null }, { expiresAt: { gt: atMs } }] }],
    },
    orderBy: { revision: "asc" },
  });
  return rows.map((row) => ({ ...flipOf(row), status: "live", endedAt: null, endedBy: null, endRevision: null }));
}

interface RevisionRow {
  readonly kind: string;
  readonly key: string;
  readonly policy: string | null;
  readonly revision: number | bigint;
}

export async function listRevisionsAt(db: Db, environment: string, at: number): Promise<readonly SubjectRevision[]> {
  const atMs = Math.floor(at);
  const rows = await db.$queryRawUnsafe<RevisionRow[]>(
    `select "kind", "key", "policy", max("revision") as "revision" from (
       select "kind", "key", "policy", "revision" from "flip" where "environment" = $1 and "createdAt" <= $2
       union all
       select "kind", "key", "policy", "endRevision" from "flip" where "environment" = $3 and "endRevision" is not null and "endedAt" <= $4
     ) as "touched" group by "kind", "key", "policy"`,
    environment,
    atMs,
    environment,
    atMs,
  );
  // Settings and overrides of one policy are one subject.
  const found = new Map<string, SubjectRevision>();
  for (const { kind, key, policy, revision } of rows) {
    const subject = { kind, key, policy } as Subject;
    const id = subjectId(subject);
    const known = found.get(id);
    if (!known || known.revision < Number(revision)) found.set(id, { subject, revision: Number(revision) });
  }
  return [...found.values()];
}
