/** Whatever goes wrong on our side, the host's calls end as they do without us. */
import Bottleneck from "bottleneck";
import { Queue, Worker } from "bullmq";
import * as cockatiel3 from "cockatiel";
import * as cockatiel4 from "cockatiel-4";
import { Redis } from "ioredis";
import mysql from "mysql2";
import { Pool as TarnPool } from "tarn";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Sink } from "../../../agent/src/observe/adapter.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";
import { kafkaConsumer, kafkaProducer } from "../support/kafka.ts";
import { startMysql, type TestMysql } from "../support/mysql.ts";
import { observing } from "../support/observing.ts";
import { until } from "../support/until.ts";

let redis: TestRedis;
let database: TestMysql;
beforeAll(async () => {
  [redis, database] = await Promise.all([startRedis(), startMysql()]);
});
afterAll(async () => {
  await redis.stop();
  await database.stop();
});

let processErrors: unknown[] = [];
const remember = (error: unknown): void => void processErrors.push(error);
beforeEach(() => {
  processErrors = [];
  process.on("uncaughtException", remember);
  process.on("unhandledRejection", remember);
});
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off("uncaughtException", remember);
  process.off("unhandledRejection", remember);
  expect(processErrors).toEqual([]);
});

/** Uses a library and answers all that a host can see of it. */
type Story = (observe: (thing: object) => void) => Promise<unknown[]>;

const settled = async (calls: readonly Promise<unknown>[]): Promise<unknown[]> =>
  (await Promise.allSettled(calls)).map((result) =>
    result.status === "fulfilled" ? (result.value ?? null) : result.reason instanceof Error ? result.reason.message : result.reason,
  );

function cockatielStories(lib: typeof cockatiel3): Record<string, Story> {
  const fail = () => Promise.reject(new Error("down"));
  return {
    breaker: async (observe) => {
      const breaker = lib.circuitBreaker(lib.handleAll, { halfOpenAfter: 5, breaker: new lib.ConsecutiveBreaker(2) });
      observe(breaker);
      const told = await settled([breaker.execute(() => "fine")]);
      for (let i = 0; i < 3; i++) told.push(...(await settled([breaker.execute(fail)])), breaker.state);
      await until("a probe gets through", () => breaker.execute(() => "probe").catch(() => null));
      return [...told, breaker.state];
    },
    retry: async (observe) => {
      const retry = lib.retry(lib.handleAll, { maxAttempts: 2, backoff: new lib.ConstantBackoff(1) });
      observe(retry);
      let attempts = 0;
      const call = retry.execute(() => (++attempts, fail()));
      return [...(await settled([call, retry.execute(() => "fine")])), attempts];
    },
    timeout: async (observe) => {
      const timeout = lib.timeout(5, lib.TimeoutStrategy.Aggressive);
      observe(timeout);
      return settled([timeout.execute(() => "fine"), timeout.execute(() => new Promise(() => undefined)), timeout.execute(fail)]);
    },
    bulkhead: async (observe) => {
      const bulkhead = lib.bulkhead(1, 0);
      observe(bulkhead);
      const told = await settled([bulkhead.execute(async () => "fine"), bulkhead.execute(() => "too many")]);
      return [...told, bulkhead.executionSlots];
    },
    fallback: async (observe) => {
      const fallback = lib.fallback(lib.handleAll, "instead");
      observe(fallback);
      return settled([fallback.execute(() => "fine"), fallback.execute(fail)]);
    },
  };
}

const tarn: Story = async (observe) => {
  const pool = new TarnPool<object>({ create: async () => ({}), destroy: () => undefined, min: 0, max: 1, acquireTimeoutMillis: 20 });
  observe(pool);
  const held = await pool.acquire().promise;
  const late = await settled([pool.acquire().promise]);
  const waiting = pool.acquire();
  pool.release(held);
  pool.release(await waiting.promise);
  const counts = [pool.numUsed(), pool.numFree(), pool.numPendingAcquires()];
  await pool.destroy();
  return [...late, ...counts];
};

const mysql2: Story = async (observe) => {
  const pool = mysql.createPool({ host: "127.0.0.1", port: database.port, user: "app", connectionLimit: 1, queueLimit: 1 });
  observe(pool);
  const held = await pool.promise().getConnection();
  const waiting = pool.promise().query("select 1");
  const refused = await settled([pool.promise().query("select 1")]);
  held.release();
  const [rows] = await waiting;
  const lists = pool as unknown as Record<"_allConnections" | "_freeConnections", { length: number }>;
  await until("given back", () => lists._freeConnections.length === 1);
  const counts = [lists._allConnections.length, lists._freeConnections.length];
  await pool.promise().end();
  return [rows, ...refused, ...counts];
};

const ioredis: Story = async (observe) => {
  const client = new Redis(1, "127.0.0.1", { maxRetriesPerRequest: 1, retryStrategy: () => 1 });
  const heard: unknown[] = [];
  client.on("error", (error) => void heard.push(error));
  observe(client);
  const told = await settled([client.get("a")]);
  client.disconnect();
  return [...told, heard.length > 0];
};

const bullWorker: Story = async (observe) => {
  const connection = { host: "127.0.0.1", port: redis.port };
  const queue = new Queue(`jobs-${Math.random()}`, { connection });
  const complaints: unknown[] = [];
  const work = async ({ name }: { readonly name: string }) => {
    if (name === "bad") throw new Error("no paper");
    return "printed";
  };
  const worker = new Worker(queue.name, work, { connection, autorun: false });
  worker.on("error", (error) => void complaints.push(error));
  observe(worker);
  await queue.addBulk([
    { name: "good", data: {} },
    { name: "bad", data: {} },
    { name: "good", data: {} },
  ]);
  void worker.run();
  const counts = () => queue.getJobCounts("completed", "failed", "waiting", "active");
  await until("all done", async () => {
    const { completed = 0, failed = 0 } = await counts();
    return completed + failed === 3;
  });
  const told = [await counts(), (await queue.getFailed()).map((job) => job.failedReason)];
  await worker.close();
  await queue.close();
  return [...told, complaints];
};

const bottleneck: Story = async (observe) => {
  const limiter = new Bottleneck({ maxConcurrent: 1 });
  let tries = 0;
  limiter.on("failed", () => (++tries === 1 ? 1 : undefined));
  const complaints: unknown[] = [];
  limiter.on("error", (error) => void complaints.push(error));
  observe(limiter);
  const told = await settled([
    limiter.schedule(async () => 1),
    limiter.schedule(async () => Promise.reject(new Error("own"))),
    limiter.schedule(async () => 3),
  ]);
  return [...told, tries, complaints, limiter.counts()];
};

const kafka: Story = async (observe) => {
  const heard: string[] = [];
  const { consumer, emitter } = kafkaConsumer();
  const { producer, emitter: sent } = kafkaProducer();
  observe(consumer);
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ type }) => void heard.push(type));
  producer.on(producer.events.CONNECT, ({ type }) => void heard.push(type));
  emitter.emit(consumer.events.GROUP_JOIN, {});
  for (let i = 0; i < 2; i++)
    emitter.emit(consumer.events.END_BATCH_PROCESS, { topic: "t", partition: 0, offsetLag: "1", batchSize: 1, duration: 1 });
  sent.emit(producer.events.CONNECT);
  return heard;
};

const kafkaSending: Story = async (observe) => {
  const heard: string[] = [];
  const { producer, emitter } = kafkaProducer();
  observe(producer);
  producer.on(producer.events.REQUEST, ({ type }) => void heard.push(type));
  for (let i = 0; i < 2; i++) emitter.emit("network.request", { apiName: "Produce", duration: 1 });
  return heard;
};

const stories: readonly (readonly [string, Story])[] = [
  ...Object.entries(cockatielStories(cockatiel3)).map(([name, story]) => [`cockatiel 3 ${name}`, story] as const),
  ...Object.entries(cockatielStories(cockatiel4 as unknown as typeof cockatiel3)).map(
    ([name, story]) => [`cockatiel 4 ${name}`, story] as const,
  ),
  ["tarn", tarn],
  ["mysql2", mysql2],
  ["ioredis", ioredis],
  ["BullMQ worker", bullWorker],
  ["bottleneck", bottleneck],
  ["kafkajs consumer", kafka],
  ["kafkajs producer", kafkaSending],
];

const boom = (): never => {
  throw new Error("sink");
};

describe.each(stories)("%s", (_title, story) => {
  it("ends as it does without us when every way to report throws, and is let go after the first", async () => {
    const plain = await story(() => undefined);
    const on = observing(() => ({ count: boom, outcome: boom, state: boom }));
    expect(await story((thing) => void on.observe(thing, "watched"))).toEqual(plain);
    expect(on.journal.errors).toBe(1);
    expect(on.lines).toEqual(["holdfast: watched is no longer observed: Error: sink"]);
    expect(on.table.liveCount).toBe(0);
  });

  it("ends as it does without us when nothing throws", async () => {
    const on = observing();
    expect(await story((thing) => void on.observe(thing, "watched"))).toEqual(await story(() => undefined));
    expect(on.journal.errors).toBe(0);
    on.end();
  });
});

it.each(["outcome", "state"] as const)("a breaker of cockatiel survives a throwing %s alone", async (only) => {
  const story = cockatielStories(cockatiel3)["breaker"] as Story;
  const plain = await story(() => undefined);
  const on = observing((sink: Sink) => ({
    count: (column) => sink.count(column),
    outcome: (good, ms) => sink.outcome(good, ms),
    state: (state) => sink.state(state),
    [only]: boom,
  }));
  expect(await story((thing) => void on.observe(thing, "watched"))).toEqual(plain);
  expect(on.journal.errors).toBe(1);
});

it("the runtime's collector goes on unwatched", async () => {
  const on = observing(() => ({ count: boom, outcome: boom, state: boom }));
  on.observe(process, "runtime");
  const kept: unknown[] = [];
  await until("collected", () => {
    for (let i = 0; i < 1_000; i++) kept[i] = new Array(1_000).fill(i);
    return on.journal.errors === 1;
  });
  expect(on.table.liveCount).toBe(0);
});

it("a library that refuses a change is no longer observed; the host sees nothing of it", async () => {
  const on = observing();
  const pool = new TarnPool<object>({ create: async () => ({}), destroy: () => undefined, min: 0, max: 1 });
  on.observe(pool, "knex", { control: true });
  Object.defineProperty(pool, "max", { get: () => 1 });
  on.set("pool knex", { max: 3 });
  expect(on.lines.filter((line) => line.includes("no longer observed"))).toHaveLength(1);
  expect(on.steerings.size).toBe(0);
  expect(await settled([pool.acquire().promise])).toEqual([{}]);
});
