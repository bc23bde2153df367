import { Kafka, logLevel } from "kafkajs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { kafkaConsumer, kafkaProducer } from "../support/kafka.ts";
import { observing } from "../support/observing.ts";

describe("kafkajs", () => {
  const kafka = () =>
    new Kafka({
      clientId: "shop",
      brokers: ["127.0.0.1:1"],
      connectionTimeout: 50,
      retry: { retries: 0 },
      logLevel: logLevel.NOTHING,
    });

  it("a consumer that cannot reach its broker crashes: not running, one error", async () => {
    const on = observing();
    const consumer = kafka().consumer({ groupId: "orders", retry: { retries: 0, restartOnFailure: async () => false } });
    on.observe(consumer, "orders");
    await consumer.subscribe({ topics: ["orders"] }).catch(() => undefined);
    await consumer.run({ eachMessage: async () => undefined }).catch(() => undefined);
    const values = await on.sampleWhere("consumer", "orders", (now) => "errors" in now && now.errors === 1);
    expect(values).toMatchObject({ running: 0, batches: 0, messages: 0, rebalances: 0 });
    expect(values).not.toHaveProperty("lag");
    await consumer.disconnect();
  });

  it("a consumer shows the lag of its partitions, its messages and the time they took", () => {
    const on = observing();
    const { consumer, emitter } = kafkaConsumer();
    const dispose = on.observe(consumer, "orders");
    const batch = (partition: number, offsetLag: string) =>
      emitter.emit(consumer.events.END_BATCH_PROCESS, { topic: "orders", partition, offsetLag, batchSize: 5, duration: 20 });
    emitter.emit(consumer.events.GROUP_JOIN, {});
    batch(0, "7");
    batch(1, "30");
    batch(0, "2");
    expect(on.sample("consumer", "orders")).toMatchObject({ lag: 32, running: 1, batches: 3, messages: 15, errors: 0 });
    expect(on.sample("consumer", "orders")).toMatchObject({ p99Us: expect.toSatisfy((us: number) => us > 18_000 && us < 22_000) });
    emitter.emit(consumer.events.REBALANCING, {});
    emitter.emit(consumer.events.GROUP_JOIN, {});
    // Until it has read from them, nothing is known of partitions it may have been given.
    expect(on.sample("consumer", "orders")).not.toHaveProperty("lag");
    batch(1, "4");
    emitter.emit("network.request_timeout", {});
    expect(on.sample("consumer", "orders")).toMatchObject({ lag: 4, rebalances: 1, errors: 1 });
    emitter.emit(consumer.events.STOP, {});
    expect(on.sample("consumer", "orders")).toMatchObject({ running: 0 });
    dispose();
    expect(emitter.emitter.eventNames()).toEqual([]);
  });

  it("a producer shows whether it is connected, its requests and their time-outs", () => {
    const on = observing();
    const { producer, emitter } = kafkaProducer();
    const dispose = on.observe(producer, "events");
    emitter.emit(producer.events.CONNECT);
    emitter.emit("network.request", { apiName: "Produce", duration: 12 });
    emitter.emit("network.request", { apiName: "Metadata", duration: 900 });
    emitter.emit("network.request_timeout", {});
    const values = on.sample("consumer", "events");
    expect(values).toMatchObject({ running: 1, batches: 1, errors: 1 });
    expect(values).toMatchObject({ p99Us: expect.toSatisfy((us: number) => us < 14_000) });
    emitter.emit(producer.events.DISCONNECT);
    expect(on.sample("consumer", "events")).toMatchObject({ running: 0 });
    dispose();
    expect(emitter.emitter.eventNames()).toEqual([]);
  });

  it("real clients are told apart", () => {
    const on = observing();
    on.observe(kafka().consumer({ groupId: "a" }), "in");
    on.observe(kafka().producer({ createPartitioner: () => () => 0 }), "out");
    expect(on.sample("consumer", "in")).toHaveProperty("rebalances");
    expect(on.sample("consumer", "out")).not.toHaveProperty("rebalances");
  });
});

describe("the runtime", () => {
  it("shows the heap, and the collector's work since it is watched", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const on = observing();
    const dispose = on.observe(process, "runtime");
    expect(on.sample("runtime", "runtime")).toMatchObject({ gcCount: 0, gcUs: 0, gcMaxUs: 0 });
    collect();
    let longest = 0;
    const values = await on.sampleWhere("runtime", "runtime", (now) => {
      if ("gcMaxUs" in now) longest = Math.max(longest, now.gcMaxUs ?? 0);
      return "gcCount" in now && (now.gcCount ?? 0) > 0;
    });
    expect(longest).toBeGreaterThan(0);
    expect(values).toMatchObject({
      heapTotalKb: expect.toSatisfy((kb: number) => kb > 1_000),
      heapLimitKb: expect.toSatisfy((kb: number) => kb > 10_000),
      externalKb: expect.toSatisfy((kb: number) => kb >= 0),
      gcUs: expect.toSatisfy((us: number) => us > 0),
    });
    dispose();
    expect(on.table.liveCount).toBe(0);
  });
});
