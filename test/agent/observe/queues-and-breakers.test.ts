import { createRequire } from "node:module";
import Bottleneck from "bottleneck";
import PQueue9 from "p-queue";
import PQueue10 from "p-queue-10";
import { describe, expect, it } from "vitest";
import { BREAKER_STATES } from "../../../protocol/kinds.ts";
import { observing } from "../support/observing.ts";
import type { Breaker, BreakerClass } from "../support/opossum.ts";
import { until } from "../support/until.ts";

const require = createRequire(import.meta.url);
const stateOf = (state: (typeof BREAKER_STATES)[number]) => BREAKER_STATES.indexOf(state);

interface Steerable extends Breaker {
  readonly enabled: boolean;
  readonly closed: boolean;
  readonly options: { timeout: number | false; resetTimeout: number; errorThresholdPercentage: number };
}

describe.each([
  ["opossum 9", "opossum"],
  ["opossum 10", "opossum-10"],
])("%s under control", (_title, module) => {
  const CircuitBreaker = require(module) as BreakerClass;
  const breakerOf = (action: () => Promise<unknown>, options: object = {}) =>
    new CircuitBreaker(action, {
      timeout: 1_000,
      resetTimeout: 20,
      errorThresholdPercentage: 50,
      volumeThreshold: 3,
      ...options,
    }) as Steerable;

  it("says what its code says, and what cannot be changed", () => {
    const on = observing();
    const breaker = breakerOf(async () => "ok");
    on.observe(breaker, "payments", { control: true });
    const steering = on.steerings.get("breaker payments");
    expect(steering).toMatchObject({ code: { openMs: 20, failurePermille: 500, minimumCalls: 3, windowMs: 10_000 }, faults: false });
    expect(steering?.fixed).toEqual(expect.arrayContaining(["minimumCalls", "windowMs", "probes", "shadow"]));
    expect(steering?.fixed).not.toEqual(expect.arrayContaining(["openMs"]));
    expect(on.steerings.get("timeout payments")).toMatchObject({ code: { attemptMs: 1_000 }, fixed: ["totalMs", "shadow"] });
    const untimed = breakerOf(async () => "ok", { timeout: false });
    on.observe(untimed, "untimed", { control: true });
    expect(on.steerings.has("timeout untimed")).toBe(false);
    breaker.shutdown();
    untimed.shutdown();
  });

  it("takes settings while it runs and gives back the code's", async () => {
    const on = observing();
    const breaker = breakerOf(() => new Promise(() => undefined));
    on.observe(breaker, "payments", { control: true });
    on.set("timeout payments", { attemptMs: 10 });
    on.set("breaker payments", { failurePermille: 905, openMs: 60_000 });
    expect(breaker.options).toMatchObject({ timeout: 10, errorThresholdPercentage: 90.5, resetTimeout: 60_000 });
    await expect(breaker.fire()).rejects.toThrow("Timed out after 10ms");
    on.set("timeout payments");
    on.set("breaker payments");
    expect(breaker.options).toMatchObject({ timeout: 1_000, errorThresholdPercentage: 50, resetTimeout: 20 });
    breaker.shutdown();
  });

  it("stays forced open over its own half-opening, and is closed when the override ends", async () => {
    const on = observing();
    const breaker = breakerOf(async () => "ok");
    on.observe(breaker, "payments", { control: true });
    on.override("breaker payments", "forced_open");
    let openings = 0;
    breaker.on("open", () => openings++);
    await until("opened again and again", () => openings >= 3);
    await expect(breaker.fire()).rejects.toThrow("Breaker is open");
    expect(on.sample("breaker", "payments")).toMatchObject({ state: stateOf("forced_open") });
    // One transition for the operator's doing, none for what opossum does beneath.
    expect(on.events.map((event) => event.type)).toEqual(["breaker.forced_open"]);
    breaker.close();
    expect(breaker.opened).toBe(true);
    on.override("breaker payments", null);
    expect(await breaker.fire()).toBe("ok");
    expect(on.events.map((event) => event.type)).toEqual(["breaker.forced_open", "breaker.closed"]);
    breaker.shutdown();
  });

  it("that was open by itself goes on to its own probe when the override ends", async () => {
    const on = observing();
    const breaker = breakerOf(async () => "ok", { resetTimeout: 60_000 });
    on.observe(breaker, "payments", { control: true });
    breaker.open();
    on.override("breaker payments", "forced_open");
    on.override("breaker payments", null);
    expect(breaker.opened).toBe(true);
    expect(on.sample("breaker", "payments")).toMatchObject({ state: stateOf("open") });
    breaker.shutdown();
  });

  it.each(["forced_closed", "disabled"] as const)(
    "%s lets every call through until the override or the observation ends",
    async (state) => {
      const on = observing();
      const breaker = breakerOf(async () => Promise.reject(new Error("down")), { resetTimeout: 60_000 });
      const dispose = on.observe(breaker, "payments", { control: true });
      for (let i = 0; i < 3; i++) await breaker.fire().catch(() => undefined);
      await expect(breaker.fire()).rejects.toThrow("Breaker is open");
      on.override("breaker payments", state);
      await expect(breaker.fire()).rejects.toThrow("down");
      expect(on.sample("breaker", "payments")).toMatchObject({ state: stateOf(state) });
      dispose();
      expect(breaker.enabled).toBe(true);
      await expect(breaker.fire()).rejects.toThrow("Breaker is open");
      breaker.shutdown();
    },
  );

  it("without control nothing can be steered", () => {
    const on = observing();
    const breaker = breakerOf(async () => "ok");
    on.observe(breaker, "payments");
    expect(on.steerings.size).toBe(0);
    breaker.shutdown();
  });
});

describe.each([
  ["p-queue 9", PQueue9],
  ["p-queue 10", PQueue10 as unknown as typeof PQueue9],
])("%s under control", (_title, PQueue) => {
  it("starts waiting tasks with a raised concurrency, pauses, and gives the code's back", async () => {
    const on = observing();
    const queue = new PQueue({ concurrency: 1 });
    on.observe(queue, "mails", { control: true });
    expect(on.steerings.get("queue mails")).toMatchObject({ code: { concurrency: 1, timeoutMs: 0, paused: false }, fixed: [] });
    const finish: (() => void)[] = [];
    const tasks = Array.from({ length: 4 }, () => queue.add(() => new Promise<void>((resolve) => void finish.push(resolve))));
    on.set("queue mails", { concurrency: 2 });
    await on.sampleWhere("queue", "mails", (now) => "running" in now && now.running === 2);
    on.set("queue mails", { concurrency: 2, paused: true });
    finish.splice(0).forEach((end) => end());
    await Promise.all(tasks.slice(0, 2));
    expect(on.sample("queue", "mails")).toMatchObject({ depth: 2, running: 0, paused: 1 });
    on.set("queue mails");
    expect(queue.concurrency).toBe(1);
    await until("started again", () => finish.length === 1);
    const ending = setInterval(() => finish.splice(0).forEach((end) => end()), 1);
    await Promise.all(tasks);
    clearInterval(ending);
  });

  it("times tasks out that are added later, and gives an unlimited queue its own back", async () => {
    const on = observing();
    const queue = new PQueue();
    const dispose = on.observe(queue, "mails", { control: true });
    expect(on.steerings.get("queue mails")?.code).toMatchObject({ concurrency: 100_000 });
    on.set("queue mails", { timeoutMs: 10, concurrency: 5 });
    await expect(queue.add(() => new Promise(() => undefined))).rejects.toThrow();
    dispose();
    expect([queue.concurrency, queue.timeout]).toEqual([Infinity, undefined]);
  });
});

describe("bottleneck", () => {
  it("shows depth, running and limits; a job that is tried again has not failed", async () => {
    const on = observing();
    const limiter = new Bottleneck({ maxConcurrent: 1, highWater: 50 });
    let tried = 0;
    limiter.on("failed", () => (++tried === 1 ? 1 : undefined));
    on.observe(limiter, "crm");
    const finish: (() => void)[] = [];
    const first = limiter.schedule(() => new Promise<void>((resolve) => void finish.push(resolve)));
    const second = limiter.schedule(async () => "ok");
    const third = limiter.schedule(async () => Promise.reject(new Error("bad")));
    third.catch(() => undefined);
    expect(await on.sampleWhere("queue", "crm", (now) => "depth" in now && now.depth === 2 && now.running === 1)).toMatchObject({
      concurrency: 1,
      capacity: 50,
      added: 3,
      completed: 0,
    });
    // Running for bottleneck is also what it is about to start.
    (await until("started", () => finish[0]))();
    await first;
    expect(await second).toBe("ok");
    await expect(third).rejects.toThrow("bad");
    expect(on.sample("queue", "crm")).toMatchObject({ depth: 0, running: 0, completed: 2, failed: 1 });
    expect(tried).toBe(2);
  });

  it("starts waiting jobs with a raised concurrency and gives an unlimited one its own back", async () => {
    const on = observing();
    const limiter = new Bottleneck();
    const dispose = on.observe(limiter, "crm", { control: true });
    expect(on.steerings.get("queue crm")).toMatchObject({ code: { concurrency: 100_000 }, fixed: ["timeoutMs", "paused"] });
    on.set("queue crm", { concurrency: 1 });
    await on.sampleWhere("queue", "crm", (now) => "concurrency" in now && now.concurrency === 1);
    const finish: (() => void)[] = [];
    const jobs = Array.from({ length: 3 }, () => limiter.schedule(() => new Promise<void>((resolve) => void finish.push(resolve))));
    await on.sampleWhere("queue", "crm", (now) => "running" in now && now.running === 1 && now.depth === 2);
    on.set("queue crm", { concurrency: 3 });
    await until("all run", () => finish.length === 3);
    finish.forEach((end) => end());
    await Promise.all(jobs);
    dispose();
    const { _store: store } = limiter as unknown as {
      readonly _store: { readonly storeOptions: { readonly maxConcurrent: number | null } };
    };
    await until("its own again", () => store.storeOptions.maxConcurrent === null);
  });

  it("after its end counts nothing, though its listeners cannot be taken off", async () => {
    const on = observing((sink) => ({
      ...sink,
      count: () => {
        throw new Error("counted after the end");
      },
      outcome: () => undefined,
      state: () => undefined,
    }));
    const limiter = new Bottleneck();
    on.observe(limiter, "crm")();
    await limiter.schedule(async () => "ok");
    expect(on.journal.errors).toBe(0);
  });
});
