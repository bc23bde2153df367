import { Queue, Worker } from "bullmq";
import { Cluster, Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { startRedis, type TestRedis } from "../../support/redis.ts";
import { observing } from "../support/observing.ts";
import { until } from "../support/until.ts";

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe("ioredis", () => {
  function clientOf(port: number, options: object = {}): Redis {
    const client = new Redis(port, "127.0.0.1", { retryStrategy: () => 20, ...options });
    cleanups.push(() => client.disconnect());
    return client;
  }

  it("shows its connection and what was sent without an answer yet", async () => {
    const on = observing();
    const client = clientOf(redis.port);
    on.observe(client, "sessions");
    await client.ping();
    expect(on.sample("cache", "sessions")).toMatchObject({ sent: 0, waiting: 0, connected: 1, errors: 0 });
    const blocked = client.blpop("nothing", 0.1);
    expect(on.sample("cache", "sessions")).toMatchObject({ sent: 1 });
    await blocked;
    expect(on.table.all()[0]?.declaration).toMatchObject({ source: "ioredis", settings: { enableOfflineQueue: true } });
  });

  it("without a server it shows what waits, and counts errors the host listens to", async () => {
    const on = observing();
    const client = clientOf(1);
    const heard: unknown[] = [];
    client.on("error", (error) => void heard.push(error));
    on.observe(client, "sessions");
    client.get("a").catch(() => undefined);
    client.get("b").catch(() => undefined);
    await on.sampleWhere("cache", "sessions", (values) => "errors" in values && (values.errors ?? 0) >= 1);
    expect(on.sample("cache", "sessions")).toMatchObject({ connected: 0, waiting: 2 });
    expect(heard.length).toBeGreaterThan(0);
  });

  it("leaves ioredis' own complaint about unheard errors as it is", async () => {
    const complaint = vi.spyOn(console, "error").mockImplementation(() => undefined);
    cleanups.push(() => complaint.mockRestore());
    const on = observing();
    const client = clientOf(1);
    on.observe(client, "sessions");
    await until("complained", () => complaint.mock.calls.some(([text]) => String(text).includes("Unhandled error event")));
    expect(client.listenerCount("error")).toBe(0);
    expect(on.sample("cache", "sessions")).toMatchObject({ errors: 0 });
  });

  it("control changes the time-out of later commands and the offline queue, and gives both back", async () => {
    const on = observing();
    const client = clientOf(redis.port);
    const dispose = on.observe(client, "sessions", { control: true });
    await client.ping();
    expect(on.steerings.get("client sessions")).toMatchObject({ code: { commandTimeoutMs: 0, offlineQueue: true }, fixed: [] });
    on.set("client sessions", { commandTimeoutMs: 20, offlineQueue: false });
    await expect(client.blpop("nothing", 2)).rejects.toThrow("Command timed out");
    client.disconnect();
    await until("closed", () => client.status === "end" || client.status === "close");
    const other = clientOf(1);
    other.on("error", () => undefined);
    on.observe(other, "other", { control: true });
    on.set("client other", { offlineQueue: false });
    await expect(other.get("a")).rejects.toThrow("enableOfflineQueue");
    dispose();
    expect(client.options).toMatchObject({ commandTimeout: undefined, enableOfflineQueue: true });
  });

  it("a Cluster is itself and each of its nodes as they appear", async () => {
    const node = await startRedis(["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"]);
    cleanups.push(() => node.stop());
    const admin = clientOf(node.port);
    await admin.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await until("the cluster is up", async () => String(await admin.call("CLUSTER", "INFO")).includes("cluster_state:ok"));
    const cluster = new Cluster([{ host: "127.0.0.1", port: node.port }]);
    cleanups.push(() => cluster.disconnect());
    const on = observing();
    const dispose = on.observe(cluster, "cart");
    await cluster.set("a", "1");
    expect(on.sample("cache", "cart")).toMatchObject({ connected: 1, waiting: 0 });
    expect(on.sample("cache", `cart 127.0.0.1:${node.port}`)).toMatchObject({ connected: 1, sent: 0 });
    dispose();
    expect(on.table.liveCount).toBe(0);
  });
});

describe("BullMQ", () => {
  const connection = () => ({ host: "127.0.0.1", port: redis.port });

  function queueOf(name: string): Queue {
    const queue = new Queue(name, { connection: connection() });
    cleanups.push(() => queue.close());
    return queue;
  }

  it("one process polls a queue; for all others it is unknown until that one is gone", async () => {
    const queue = queueOf("mails");
    await queue.add("one", {});
    await queue.add("two", {}, { priority: 1 });
    const first = observing();
    const second = observing();
    first.observe(queue, "mails");
    second.observe(queueOf("mails"), "mails");
    first.ahead = 1_000;
    const values = await first.sampleWhere("queue", "mails", (now) => "depth" in now);
    expect(values).toMatchObject({ depth: 2, running: 0, paused: 0 });
    const client = await queue.getBackend().client;
    const key = queue.toKey("holdfast:poller");
    const holder = await client.get(key);
    second.ahead = 1_000;
    second.sample("queue", "mails");
    await until("the second has asked", () => queue.getBackend().client.then((commands) => commands.get(key)));
    for (let round = 0; round < 3; round++) {
      second.ahead += 10_000;
      expect(second.sample("queue", "mails")).toEqual({});
      await queue.isPaused();
    }
    expect(await client.get(key)).toBe(holder);
    // The holder is gone and its lease with it: the next one to ask takes over.
    await client.del(key);
    await second.sampleWhere("queue", "mails", (now) => {
      second.ahead += 2_000;
      return "depth" in now && now.depth === 2;
    });
    expect(await client.get(key)).not.toBe(holder);
  });

  it("polls no oftener than every five seconds, however often it is sampled, and renews its lease", async () => {
    const queue = queueOf("rare");
    const asked = vi.spyOn(queue, "getJobCounts");
    const on = observing();
    on.observe(queue, "rare");
    on.ahead = 1_000;
    await on.sampleWhere("queue", "rare", (now) => "depth" in now);
    for (let i = 0; i < 50; i++) on.sample("queue", "rare");
    expect(asked).toHaveBeenCalledTimes(1);
    on.ahead += 6_000;
    on.sample("queue", "rare");
    await until("asked again", () => asked.mock.calls.length === 2);
    const client = await queue.getBackend().client;
    const left = await (client as unknown as Redis).call("PTTL", queue.toKey("holdfast:poller"));
    expect(Number(left)).toBeGreaterThan(10_000);
  });

  it("numbers that are too old are unknown: the queue's Redis does not answer", async () => {
    const own = await startRedis();
    const queue = new Queue("lost", { connection: { host: "127.0.0.1", port: own.port } });
    queue.on("error", () => undefined);
    // Closing waits for the server that is gone.
    cleanups.push(() => void queue.disconnect().catch(() => undefined));
    const on = observing();
    on.observe(queue, "lost");
    on.ahead = 1_000;
    await on.sampleWhere("queue", "lost", (now) => "depth" in now);
    await own.stop();
    on.ahead += 6_000;
    expect(on.sample("queue", "lost")).toMatchObject({ depth: 0 });
    on.ahead += 15_000;
    expect(on.sample("queue", "lost")).toEqual({});
    expect(on.journal.errors).toBe(0);
  });

  it("a worker shows its jobs in hand, and takes a new concurrency and a pause", async () => {
    const queue = queueOf("prints");
    const finish: (() => void)[] = [];
    const worker = new Worker(
      "prints",
      async (job) => {
        await new Promise<void>((resolve) => finish.push(resolve));
        if (job.name === "bad") throw new Error("no paper");
      },
      { connection: connection(), concurrency: 1 },
    );
    worker.on("error", () => undefined);
    cleanups.push(() => worker.close(true));
    const on = observing();
    const dispose = on.observe(worker, "prints", { control: true });
    await queue.addBulk([
      { name: "good", data: {} },
      { name: "bad", data: {} },
      { name: "good", data: {} },
      { name: "good", data: {} },
    ]);
    expect(await on.sampleWhere("queue", "prints", (now) => "running" in now && now.running === 1)).toMatchObject({
      concurrency: 1,
      paused: 0,
      completed: 0,
      failed: 0,
    });
    expect(on.steerings.get("queue prints")).toMatchObject({ code: { concurrency: 1, paused: false }, fixed: ["timeoutMs"] });
    on.set("queue prints", { concurrency: 2 });
    finish.shift()?.();
    await on.sampleWhere("queue", "prints", (now) => "running" in now && now.running === 2 && now.concurrency === 2);
    on.set("queue prints", { concurrency: 2, paused: true });
    finish.splice(0).forEach((end) => end());
    expect(await on.sampleWhere("queue", "prints", (now) => "completed" in now && now.completed === 2)).toMatchObject({
      paused: 1,
      running: 0,
      failed: 1,
    });
    expect(await queue.getWaitingCount()).toBe(1);
    dispose();
    expect(worker.concurrency).toBe(1);
    await until("works again", () => finish.length === 1);
    finish.splice(0).forEach((end) => end());
    expect(worker.listenerCount("completed")).toBe(0);
  });
});
