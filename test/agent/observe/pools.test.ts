import { tracingChannel } from "node:diagnostics_channel";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createPool as createGenericPool } from "generic-pool";
import mysql from "mysql2";
import pg from "pg";
import { Pool as TarnPool } from "tarn";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startPostgres, type TestPostgres } from "../../support/postgres.ts";
import { startMysql, type TestMysql } from "../support/mysql.ts";
import { observing as newObserving, type Observing } from "../support/observing.ts";
import { until } from "../support/until.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function observing(): Observing {
  const on = newObserving();
  cleanups.push(() => on.end());
  return on;
}

describe("pg.Pool against a real PostgreSQL", () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  async function poolOf(options: pg.PoolConfig): Promise<pg.Pool> {
    const pool = new pg.Pool({ connectionString: await postgres.createDatabase(), ...options });
    cleanups.push(() => pool.end());
    return pool;
  }

  it("shows use and acquisitions; how long callers wait it cannot tell", async () => {
    const on = observing();
    const pool = await poolOf({ max: 1 });
    on.observe(pool, "db");
    const held = await pool.connect();
    const waiting = pool.connect();
    const values = on.sample("pool", "db");
    expect(values).toMatchObject({ inUse: 1, idle: 0, waiting: 1, max: 1, acquired: 1 });
    expect(values).not.toHaveProperty("waitP99Us");
    held.release();
    (await waiting).release();
    expect(on.sample("pool", "db")).toMatchObject({ inUse: 0, idle: 1, waiting: 0, acquired: 2 });
  });

  it("a raised max serves those who wait at once, and the code's value comes back when the item ends", async () => {
    const on = observing();
    const pool = await poolOf({ max: 1, idleTimeoutMillis: 20_000 });
    on.observe(pool, "db", { control: true });
    const steering = on.steerings.get("pool db");
    expect(steering).toMatchObject({ code: { max: 1, idleTimeoutMs: 20_000, acquireTimeoutMs: 0, queueLimit: 0 }, fixed: ["queueLimit"] });
    expect(steering?.note).toContain("closes no client");
    const held = await pool.connect();
    const waiting = [pool.connect(), pool.connect(), pool.connect()];
    on.set("pool db", { max: 3 });
    const [second, third] = await Promise.all(waiting.slice(0, 2));
    expect(on.sample("pool", "db")).toMatchObject({ inUse: 3, waiting: 1, max: 3 });
    second?.release();
    const fourth = await waiting[2];
    on.set("pool db");
    expect(pool.options.max).toBe(1);
    // As the note says: nothing is closed.
    expect(on.sample("pool", "db")).toMatchObject({ inUse: 3, max: 1 });
    for (const client of [held, third, fourth]) client?.release();
    expect(pool.totalCount).toBe(3);
  });

  it("settings the console never touched stay as the host changes them", async () => {
    const on = observing();
    const pool = await poolOf({ max: 2 });
    on.observe(pool, "db", { control: true });
    on.set("pool db", { acquireTimeoutMs: 50 });
    pool.options.max = 5;
    on.set("pool db", { acquireTimeoutMs: 60 });
    expect(pool.options).toMatchObject({ max: 5, connectionTimeoutMillis: 60 });
    on.set("pool db");
    expect(pool.options).toMatchObject({ max: 5 });
    expect(pool.options.connectionTimeoutMillis).toBe(undefined);
  });
});

describe("mysql2 against its own protocol server", () => {
  let server: TestMysql;
  beforeAll(async () => {
    server = await startMysql();
  });
  afterAll(() => server.stop());

  function poolOf(options: mysql.PoolOptions = {}): mysql.Pool {
    const pool = mysql.createPool({ host: "127.0.0.1", port: server.port, user: "app", password: "s3cret", ...options });
    cleanups.push(() => pool.promise().end());
    return pool;
  }

  it("shows use and tells how long callers waited, of its own pool alone", async () => {
    const on = observing();
    const pool = poolOf({ connectionLimit: 1 });
    const other = poolOf({ connectionLimit: 1 });
    on.observe(pool, "db");
    on.observe(other, "other");
    const held = await pool.promise().getConnection();
    const waiting = pool.promise().getConnection();
    await (await other.promise().getConnection()).query("select 1");
    expect(on.sample("pool", "db")).toMatchObject({ inUse: 1, idle: 0, waiting: 1, max: 1, acquired: 1 });
    on.ahead = 2_000;
    held.release();
    (await waiting).release();
    const values = on.sample("pool", "db");
    expect(values).toMatchObject({ inUse: 0, idle: 1, waiting: 0, acquired: 2 });
    expect(values).toMatchObject({ waitP99Us: expect.toSatisfy((us: number) => us > 1_800_000) });
    expect(on.sample("pool", "other")).toMatchObject({ acquired: 1, waitP99Us: expect.toSatisfy((us: number) => us < 1_000_000) });
  });

  it("a pool of promises is its pool, and the password stays here", () => {
    const on = observing();
    on.observe(poolOf({ connectionLimit: 4 }).promise(), "db");
    expect(on.sample("pool", "db")).toMatchObject({ inUse: 0, max: 4, acquired: 0 });
    expect(on.table.all()[0]?.declaration).toMatchObject({ source: "mysql2", settings: { connectionLimit: 4 } });
    expect(JSON.stringify(on.table.all()[0]?.declaration)).not.toContain("s3cret");
  });

  it("a raised limit serves those who wait; the queue's limit can be set and taken back", async () => {
    const on = observing();
    const pool = poolOf({ connectionLimit: 1 });
    on.observe(pool, "db", { control: true });
    const held = await pool.promise().getConnection();
    const waiting = [pool.promise().getConnection(), pool.promise().getConnection()];
    on.set("pool db", { queueLimit: 2 });
    await expect(pool.promise().getConnection()).rejects.toThrow("Queue limit");
    on.set("pool db", { max: 3 });
    const all = [held, ...(await Promise.all(waiting))];
    expect(on.sample("pool", "db")).toMatchObject({ inUse: 3, waiting: 0, max: 3 });
    on.set("pool db");
    expect(pool.config).toMatchObject({ connectionLimit: 1, queueLimit: 0 });
    for (const connection of all) connection.release();
  });

  it("disposed or collected, it leaves no subscriber on the process's channel", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const on = observing();
    const { start } = tracingChannel("mysql2:pool:connect");
    const dispose = on.observe(poolOf(), "db");
    expect(start.hasSubscribers).toBe(true);
    dispose();
    expect(start.hasSubscribers).toBe(false);
    on.observe(mysql.createPool({ host: "127.0.0.1", port: server.port }), "forgotten");
    expect(start.hasSubscribers).toBe(true);
    await until("collected", () => {
      collect();
      on.table.sample((resource) => on.observer.gone(resource));
      return !start.hasSubscribers;
    });
    expect(on.table.liveCount).toBe(0);
  });
});

describe("tarn", () => {
  function poolOf(options: { readonly max: number; readonly acquireTimeoutMillis?: number }): TarnPool<object> {
    const pool = new TarnPool<object>({ create: async () => ({}), destroy: () => undefined, min: 0, ...options });
    cleanups.push(() => pool.destroy());
    return pool;
  }

  it("shows use, and by its events how long each caller waited and who waited in vain", async () => {
    const on = observing();
    const pool = poolOf({ max: 1, acquireTimeoutMillis: 40 });
    on.observe(pool, "knex");
    const held = await pool.acquire().promise;
    const late = pool.acquire();
    expect(on.sample("pool", "knex")).toMatchObject({ inUse: 1, idle: 0, waiting: 1, max: 1, acquired: 1, timeouts: 0 });
    await expect(late.promise).rejects.toThrow();
    const waiting = pool.acquire();
    on.ahead = 3_000;
    pool.release(held);
    pool.release(await waiting.promise);
    const values = on.sample("pool", "knex");
    expect(values).toMatchObject({ inUse: 0, idle: 1, acquired: 2, timeouts: 1 });
    expect(values).toMatchObject({ waitP99Us: expect.toSatisfy((us: number) => us > 2_800_000) });
  });

  it("a raised max creates for those who wait; no value below the library's own minimum can be sent", async () => {
    const on = observing();
    const pool = poolOf({ max: 1 });
    on.observe(pool, "knex", { control: true });
    expect(on.steerings.get("pool knex")).toMatchObject({
      bounds: { acquireTimeoutMs: [1, 3_600_000] },
      code: { acquireTimeoutMs: 30_000 },
    });
    const acquiring = [pool.acquire(), pool.acquire(), pool.acquire()];
    const first = await acquiring[0]?.promise;
    on.set("pool knex", { max: 3 });
    const all = [first, ...(await Promise.all(acquiring.slice(1).map((one) => one.promise)))];
    expect(on.sample("pool", "knex")).toMatchObject({ inUse: 3, waiting: 0, max: 3 });
    on.set("pool knex");
    expect(on.sample("pool", "knex")).toMatchObject({ max: 1 });
    for (const one of all) if (one !== undefined) pool.release(one);
  });

  it("lets go of every listener", () => {
    const on = observing();
    const pool = poolOf({ max: 1 });
    const emitter = (pool as unknown as { emitter: { eventNames(): unknown[] } }).emitter;
    const dispose = on.observe(pool, "knex");
    expect(emitter.eventNames()).toHaveLength(3);
    dispose();
    expect(emitter.eventNames()).toEqual([]);
  });
});

describe("generic-pool", () => {
  it("takes a new size, queue limit and time-out while it runs, and its own back", async () => {
    const on = observing();
    const pool = createGenericPool({ create: async () => ({}), destroy: async () => undefined }, { max: 1, min: 0 });
    const dispose = on.observe(pool, "render", { control: true });
    const first = await pool.acquire();
    const waiting = [pool.acquire(), pool.acquire()];
    on.set("pool render", { max: 3, queueLimit: 1, acquireTimeoutMs: 20 });
    const all = [first, ...(await Promise.all(waiting))];
    expect(on.sample("pool", "render")).toMatchObject({ inUse: 3, waiting: 0, max: 3 });
    const late = pool.acquire();
    await expect(pool.acquire()).rejects.toThrow("max waitingClients");
    await expect(late).rejects.toThrow("timed out");
    dispose();
    expect(pool.max).toBe(1);
    for (const one of all) await pool.release(one);
    expect((pool as unknown as { _config: object })._config).toMatchObject({
      acquireTimeoutMillis: undefined,
      maxWaitingClients: undefined,
    });
    await pool.drain();
    await pool.clear();
  });
});
