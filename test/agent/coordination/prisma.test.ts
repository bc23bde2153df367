import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PrismaLibSql } from "@prisma/adapter-libsql";
import { PrismaPg } from "@prisma/adapter-pg";
import { describe, expect, it } from "vitest";
import {
  idempotencyTable,
  leaseTable,
  saga,
  sagaTable,
  sqlIdempotency,
  sqlJournal,
  sqlLeases,
  type Dialect,
  type SqlClient,
} from "../../../agent/src/entry-coordination.ts";
import { PrismaClient as PostgresPrisma } from "../../../server/store/generated/postgresql/client.ts";
import { PrismaClient as SqlitePrisma } from "../../../server/store/generated/sqlite/client.ts";
import { startPostgres } from "../../support/postgres.ts";

/** Every store once, over a client made of Prisma's raw queries as docs/coordination.md has it. */
async function tour(client: SqlClient, dialect: Dialect): Promise<void> {
  for (const statement of [idempotencyTable(dialect), leaseTable(), ...sagaTable(dialect)]) await client.query(statement, []);
  const store = sqlIdempotency(client, { dialect });
  const attempt = { id: "1".repeat(64), fingerprint: "2".repeat(64), holder: "a", lockMs: 30_000, keepMs: 86_400_000 };
  expect(await store.begin(attempt)).toEqual({ state: "mine" });
  expect((await store.begin({ ...attempt, holder: "b" })).state).toBe("running");
  expect(await store.renew(attempt)).toBe(true);
  expect(await store.finish(attempt, '{"s":201}')).toBe(true);
  expect(await store.begin({ ...attempt, holder: "b" })).toMatchObject({ state: "done", outcome: '{"s":201}' });

  const leases = sqlLeases(client, { dialect });
  expect(await leases.acquire({ name: "x", holder: "a", ttlMs: 15_000 })).toEqual({ token: 1, takeover: false });
  expect(await leases.acquire({ name: "x", holder: "b", ttlMs: 15_000 })).toBeNull();
  expect(await leases.renew({ name: "x", holder: "a", token: 1, ttlMs: 15_000 })).toBe(true);
  await leases.release({ name: "x", holder: "a", token: 1 });
  expect(await leases.acquire({ name: "x", holder: "b", ttlMs: 15_000 })).toEqual({ token: 2, takeover: false });

  const journal = sqlJournal(client, { dialect });
  const order = saga("order", [{ name: "a", run: () => 1 }], { journal });
  expect(await order.start(null, { id: "s" })).toMatchObject({ status: "completed", results: { a: 1 } });
  expect(await order.resume()).toEqual([]);
  await journal.purge(1_000);
  order.close();
}

describe("the SQL stores over Prisma", () => {
  it("work on SQLite", async () => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-prisma-"));
    const prisma = new SqlitePrisma({ adapter: new PrismaLibSql({ url: `file:${join(folder, "test.db")}` }) });
    await tour({ query: (sql, params) => prisma.$queryRawUnsafe(sql, ...params) }, "sqlite");
    await prisma.$disconnect();
    rmSync(folder, { recursive: true, force: true });
  });

  it("work on PostgreSQL", async () => {
    const server = await startPostgres();
    const prisma = new PostgresPrisma({ adapter: new PrismaPg({ connectionString: await server.createDatabase() }) });
    await tour({ query: (sql, params) => prisma.$queryRawUnsafe(sql, ...params) }, "postgresql");
    await prisma.$disconnect();
    await server.stop();
  });
});
