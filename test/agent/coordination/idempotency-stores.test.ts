import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  idempotencyTable,
  memoryIdempotency,
  redisIdempotency,
  sqlIdempotency,
  type Attempt,
  type IdempotencyStore,
} from "../../../agent/src/entry-coordination.ts";
import { startPostgres, type TestPostgres } from "../../support/postgres.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";
import { FakeWorld } from "../support/fake-world.ts";
import { until } from "../support/until.ts";
import { age, postgresClient, sqliteClient, type TestSql } from "./support/clients.ts";

interface Subject {
  readonly store: IdempotencyStore;
  /** Lets time pass for the store. */
  pass(ms: number): Promise<void>;
}

let made = 0;
const attempt = (over: Partial<Attempt> = {}): Attempt => ({
  id: String(++made).padStart(64, "0"),
  fingerprint: "a".repeat(64),
  holder: `holder-${++made}`,
  lockMs: 30_000,
  keepMs: 600_000,
  ...over,
});

function contract(subject: () => Subject): void {
  it("lets exactly one of many that come at once run", async () => {
    const { store } = subject();
    const one = attempt();
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => store.begin({ ...one, holder: `racer-${i}` })));
    expect(all.filter(({ state }) => state === "mine")).toHaveLength(1);
    expect(all.filter(({ state }) => state === "running")).toHaveLength(19);
  });

  it("answers the outcome and the fingerprint once it is finished", async () => {
    const { store } = subject();
    const one = attempt();
    await store.begin(one);
    expect(await store.finish(one, '{"s":201}')).toBe(true);
    const next = await store.begin({ ...one, holder: "other", fingerprint: "b".repeat(64) });
    expect(next).toMatchObject({ state: "done", fingerprint: one.fingerprint, outcome: '{"s":201}' });
    expect(next.state === "done" && next.expiresInMs > 500_000 && next.expiresInMs <= 600_000).toBe(true);
  });

  it("frees the key of a run that is forgotten", async () => {
    const { store } = subject();
    const one = attempt();
    await store.begin(one);
    await store.forget(one);
    expect(await store.begin({ ...one, holder: "other" })).toEqual({ state: "mine" });
  });

  it("lets a crashed run be taken over, and then refuses what it says", async () => {
    const { store, pass } = subject();
    const one = attempt({ lockMs: 2_000 });
    const two = { ...one, holder: "second" };
    await store.begin(one);
    expect((await store.begin(two)).state).toBe("running");
    await pass(2_000);
    expect(await store.begin(two)).toEqual({ state: "mine" });
    expect(await store.renew(one)).toBe(false);
    expect(await store.finish(one, "late")).toBe(false);
    await store.forget(one);
    expect(await store.finish(two, "good")).toBe(true);
    expect(await store.begin({ ...one, holder: "third" })).toMatchObject({ state: "done", outcome: "good" });
  });

  it("does not give a crashed run's key to another payload", async () => {
    const { store, pass } = subject();
    const one = attempt({ lockMs: 2_000 });
    await store.begin(one);
    await pass(2_000);
    expect(await store.begin({ ...one, holder: "other", fingerprint: "b".repeat(64) })).toEqual({
      state: "running",
      fingerprint: one.fingerprint,
    });
  });

  it("keeps the key of a run that is renewed", async () => {
    const { store, pass } = subject();
    const one = attempt({ lockMs: 3_000 });
    await store.begin(one);
    await pass(2_000);
    expect(await store.renew(one)).toBe(true);
    await pass(2_000);
    expect((await store.begin({ ...one, holder: "other" })).state).toBe("running");
  });

  it("forgets what expired", async () => {
    const { store, pass } = subject();
    const one = attempt({ keepMs: 2_000 });
    await store.begin(one);
    await store.finish(one, "old");
    await pass(2_001);
    expect(await store.begin({ ...one, holder: "other", fingerprint: "b".repeat(64) })).toEqual({ state: "mine" });
  });
}

describe("outcomes in memory", () => {
  const world = new FakeWorld();
  const store = memoryIdempotency({ world });
  contract(() => ({ store, pass: async (ms) => world.pass(ms) }));

  it("are bounded: the oldest outcome goes first, and a memory full of running requests refuses", async () => {
    const small = memoryIdempotency({ maxEntries: 2, world: new FakeWorld() });
    const [one, two, three, four] = [attempt(), attempt(), attempt(), attempt()];
    await small.begin(one);
    await small.finish(one, "one");
    await small.begin(two);
    await small.begin(three);
    expect((await small.begin({ ...two, holder: "other" })).state).toBe("running");
    await expect(small.begin(four)).rejects.toThrow("full");
  });
});

describe("outcomes in SQLite", () => {
  let sql: TestSql;
  beforeAll(async () => {
    sql = sqliteClient();
    await sql.client.query(idempotencyTable("sqlite"), []);
  });
  afterAll(() => sql.close());
  contract(() => ({
    store: sqlIdempotency(sql.client, { dialect: "sqlite" }),
    pass: (ms) => age(sql.client, "holdfast_idempotency", ["locked_until", "expires_at"], ms),
  }));

  it("are swept after ten minutes of use", async () => {
    const world = new FakeWorld();
    const store = sqlIdempotency(sql.client, { dialect: "sqlite", world });
    await store.begin(attempt());
    await age(sql.client, "holdfast_idempotency", ["expires_at"], 1e9);
    world.pass(600_000);
    await store.begin(attempt());
    await until("the old rows are gone", async () => {
      const [row] = await sql.client.query("select count(*) as n from holdfast_idempotency", []);
      return Number(row?.["n"]) === 1;
    });
  });

  it("refuse a table name that is none", () => {
    expect(() => sqlIdempotency(sql.client, { dialect: "sqlite", table: "a; drop table b" })).toThrow(TypeError);
  });
});

describe("outcomes in PostgreSQL", () => {
  let server: TestPostgres;
  let sql: TestSql;
  beforeAll(async () => {
    server = await startPostgres();
    sql = postgresClient(await server.createDatabase());
    await sql.client.query("create schema app", []);
    await sql.client.query(idempotencyTable("postgresql", "app.keys"), []);
  });
  afterAll(async () => {
    await sql.close();
    await server.stop();
  });
  contract(() => ({
    store: sqlIdempotency(sql.client, { dialect: "postgresql", table: "app.keys" }),
    pass: (ms) => age(sql.client, "app.keys", ["locked_until", "expires_at"], ms),
  }));
});

describe("outcomes in Redis", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  contract(() => {
    const client = redis.connect();
    return {
      store: redisIdempotency(client),
      pass: async (ms) => {
        for (const key of await client.keys("holdfast:idempotency:*")) {
          const locked = await client.hget(key, "l");
          await client.hset(key, "l", Number(locked) - ms);
          const left = await client.pttl(key);
          if (left <= ms) await client.del(key);
          else await client.pexpire(key, left - ms);
        }
      },
    };
  });

  it("work over a client with the shape of node-redis", async () => {
    const client = redis.connect();
    const run = (script: string, { keys, arguments: args }: { keys: readonly string[]; arguments: readonly string[] }) =>
      client.eval(script, keys.length, ...keys, ...args);
    const store = redisIdempotency({ eval: run, EVAL: run } as { eval: typeof run });
    const one = attempt();
    expect(await store.begin(one)).toEqual({ state: "mine" });
    expect(await store.finish(one, "good")).toBe(true);
    expect(await store.begin(one)).toMatchObject({ state: "done", outcome: "good" });
  });
});
