/** Tokens of agents and scripts, and writes that may be repeated. */
import { appendEntries } from "./audit-log.ts";
import type { NewAuditEntry } from "./audit-entry.ts";
import { clampLimit, decodeCursor, encodeCursor, pageOf } from "./cursor.ts";
import type { Db, Tx } from "./db.ts";
import type { Dialect } from "./dialect.ts";
import type { ApiToken as TokenRow } from "./generated/sqlite/client.ts";
import type { ApiToken, Page, StoredResponse } from "./store.ts";

const timeOf = (time: bigint | null): number | null => (time === null ? null : Number(time));
const columnOf = (time: number | null): bigint | null => (time === null ? null : BigInt(time));

function tokenOf({ ordinal: _ordinal, ...row }: TokenRow): ApiToken {
  return {
    ...row,
    kind: row.kind as ApiToken["kind"],
    role: row.role as ApiToken["role"],
    services: JSON.parse(row.services) as string[],
    createdAt: Number(row.createdAt),
    expiresAt: timeOf(row.expiresAt),
    revokedAt: timeOf(row.revokedAt),
    lastUsedAt: timeOf(row.lastUsedAt),
  };
}

export async function createToken(tx: Tx, dialect: Dialect, token: ApiToken, audit: NewAuditEntry): Promise<void> {
  await dialect.lockLog(tx);
  await tx.apiToken.create({
    data: {
      ...token,
      services: JSON.stringify(token.services),
      createdAt: BigInt(token.createdAt),
      expiresAt: columnOf(token.expiresAt),
      revokedAt: columnOf(token.revokedAt),
      lastUsedAt: columnOf(token.lastUsedAt),
    },
  });
  await appendEntries(tx, dialect, [audit]);
}

export async function findToken(db: Db, hash: string): Promise<ApiToken | null> {
  const row = await db.apiToken.findUnique({ where: { hash } });
  return row === null ? null : tokenOf(row);
}

export async function listTokens(db: Db, query: { kind?: "agent" | "api"; cursor?: string; limit: number }): Promise<Page<ApiToken>> {
  const limit = clampLimit(query.limit);
  const before = query.cursor === undefined ? undefined : decodeCursor("tokens", query.cursor, 1)[0];
  const rows = await db.apiToken.findMany({
    where: {
      ...(query.kind === undefined ? {} : { kind: query.kind }),
      ...(before === undefined ? {} : { ordinal: { lt: BigInt(before) } }),
    },
    orderBy: { ordinal: "desc" },
    take: limit + 1,
  });
  const { items, nextCursor } = pageOf(rows, limit, (last) => encodeCursor("tokens", [Number(last.ordinal)]));
  return { items: items.map(tokenOf), nextCursor };
}

export function countTokens(db: Db, kind: "agent" | "api"): Promise<number> {
  return db.apiToken.count({ where: { kind } });
}

export interface TokenRevocation {
  readonly id: string;
  readonly at: number;
  readonly audit: NewAuditEntry;
}

export async function revokeToken(tx: Tx, dialect: Dialect, { id, at, audit }: TokenRevocation): Promise<ApiToken | null> {
  await dialect.lockLog(tx);
  const revoked = await tx.apiToken.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: BigInt(at) } });
  if (revoked.count === 0) return null;
  await appendEntries(tx, dialect, [audit]);
  return tokenOf(await tx.apiToken.findUniqueOrThrow({ where: { id } }));
}

/** Remembers the latest use; an older one changes nothing. */
export async function touchToken(tx: Tx, id: string, at: number): Promise<void> {
  await tx.apiToken.updateMany({
    where: { id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: BigInt(at) } }] },
    data: { lastUsedAt: BigInt(at) },
  });
}

export interface Reservation {
  readonly principal: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly now: number;
}

/** Inserts first and looks afterwards: of two callers at once exactly one gets null. */
export async function reserveIdempotency(tx: Tx, { principal, key, fingerprint, now }: Reservation): Promise<StoredResponse | null> {
  const taken = await tx.$executeRaw`
    insert into "idempotency" ("principal", "key", "fingerprint", "createdAt") values (${principal}, ${key}, ${fingerprint}, ${BigInt(now)})
    on conflict ("principal", "key") do nothing`;
  if (taken > 0) return null;
  const row = await tx.idempotency.findUniqueOrThrow({ where: { principal_key: { principal, key } } });
  return { fingerprint: row.fingerprint, status: row.status, body: row.body };
}

export async function settleIdempotency(
  tx: Tx,
  { principal, key }: { principal: string; key: string },
  answer: { status: number; body: string },
): Promise<void> {
  await tx.idempotency.updateMany({ where: { principal, key }, data: answer });
}

export async function releaseIdempotency(tx: Tx, principal: string, key: string): Promise<void> {
  await tx.idempotency.deleteMany({ where: { principal, key, status: null } });
}

export async function sweepIdempotency(tx: Tx, before: number): Promise<void> {
  await tx.idempotency.deleteMany({ where: { createdAt: { lt: BigInt(before) } } });
}
