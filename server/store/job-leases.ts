/** Leases, fencing and progress of jobs. */
import type { Db, Tx } from "./db.ts";
import type { Dialect } from "./dialect.ts";
import { ONLY_JOBS } from "./rollup-version.ts";
import { LeaseLost, type JobRecord, type Lease, type Progress } from "./tier-store.ts";

interface LeaseRow {
  readonly name: string;
  readonly holder: string;
  readonly token: bigint | number;
  readonly since: bigint | number;
  readonly expiresAt: bigint | number;
}

const leaseOf = (row: LeaseRow): Lease => ({
  name: row.name,
  holder: row.holder,
  token: Number(row.token),
  since: Number(row.since),
  expiresAt: Number(row.expiresAt),
});

/** The row, locked until the end of the transaction, so that nobody takes over between a check and the commit. */
async function locked(tx: Tx, dialect: Dialect, name: string): Promise<Lease | null> {
  const [row] = await tx.$queryRawUnsafe<LeaseRow[]>(
    `select "name", "holder", "token", "since", "expiresAt" from "job_lease" where "name" = $1${dialect.forUpdate}`,
    name,
  );
  return row ? leaseOf(row) : null;
}

async function databaseNow(db: Tx, dialect: Dialect): Promise<number> {
  const [row] = await db.$queryRawUnsafe<{ now: bigint | number }[]>(`select ${dialect.nowMs} as "now"`);
  return Number(row?.now);
}

interface Wish {
  readonly name: string;
  readonly holder: string;
  readonly ttlMs: number;
}

export async function takeLease(tx: Tx, dialect: Dialect, { name, holder, ttlMs }: Wish): Promise<Lease | null> {
  await tx.$executeRawUnsafe(
    `insert into "job_lease" ("name", "holder", "token", "since", "expiresAt") values ($1, '', 0, 0, 0) on conflict ("name") do nothing`,
    name,
  );
  const before = await locked(tx, dialect, name);
  if (!before) return null;
  const now = await databaseNow(tx, dialect);
  const held = before.expiresAt > now;
  if (held && before.holder !== holder) return null;
  // A holder that comes back after its time ran out leads anew: somebody may have led in between and let go.
  const { token, since } = held ? before : { token: before.token + 1, since: now };
  const lease: Lease = { name, holder, token, since, expiresAt: now + ttlMs };
  await tx.jobLease.update({
    where: { name },
    data: { holder, token: BigInt(token), since: BigInt(since), expiresAt: BigInt(lease.expiresAt) },
  });
  return lease;
}

export async function releaseLease(tx: Tx, { name, holder, token }: Lease): Promise<void> {
  await tx.jobLease.updateMany({ where: { name, holder, token: BigInt(token) }, data: { expiresAt: 0n } });
}

export async function listLeases(db: Db): Promise<readonly Lease[]> {
  return (await db.jobLease.findMany({ orderBy: { name: "asc" } })).map(leaseOf);
}

/** @throws LeaseLost */
export async function fence(tx: Tx, dialect: Dialect, lease: Lease): Promise<void> {
  const found = await locked(tx, dialect, lease.name);
  if (found?.token !== lease.token || found.holder !== lease.holder) throw new LeaseLost();
}

/** Part of the transaction of the work. */
export async function noteProgress(tx: Tx, dialect: Dialect, lease: Lease, { job, state }: Progress): Promise<void> {
  const row = { token: BigInt(lease.token), state: JSON.stringify(state), updatedAt: BigInt(await databaseNow(tx, dialect)) };
  await tx.jobState.upsert({ where: { job }, create: { job, ...row }, update: row });
}

export async function saveProgress(tx: Tx, dialect: Dialect, lease: Lease, progress: Progress): Promise<void> {
  await fence(tx, dialect, lease);
  await noteProgress(tx, dialect, lease, progress);
}

export async function listJobs(db: Db): Promise<readonly JobRecord[]> {
  return (await db.jobState.findMany({ where: ONLY_JOBS, orderBy: { job: "asc" } })).map((row) => ({
    job: row.job,
    token: Number(row.token),
    state: JSON.parse(row.state) as JobRecord["state"],
    updatedAt: Number(row.updatedAt),
  }));
}
