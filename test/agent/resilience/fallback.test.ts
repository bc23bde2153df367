import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FallbackCache } from "../../../agent/src/resilience/fallback-cache.ts";
import { fallback, FallbackChain, type FallbackOptions, type Served } from "../../../agent/src/resilience/fallback.ts";
import { LaterQueue } from "../../../agent/src/resilience/later-queue.ts";
import { FakeAgent } from "./support/agent.ts";
import { deferred, World } from "./support/world.ts";

const DOWN = new Error("down");

function make(options: FallbackOptions<string> = {}) {
  const world = new World();
  const agent = new FakeAgent();
  const served: Served[] = [];
  const chain = new FallbackChain<string>(
    "prices",
    { onServed: (one) => served.push(one), ...options },
    { world, target: undefined, agent, inject: null },
  );
  const answer = async (key?: string): Promise<string> => chain.answer(DOWN, key);
  return { chain, world, agent, served, answer };
}

const broken = (): never => {
  throw new Error("this tier is broken");
};

describe("fallback", () => {
  it("asks its tiers in order: fresh, stale, default, message, queue, and at last fails with the call's error", async () => {
    const sent: string[] = [];
    let tiers = 0;
    const step = (value: string, at: number) => () => (at < tiers ? broken() : value);
    const { chain, world, answer, served } = make({
      freshMs: 100,
      staleMs: 1_000,
      default: step("default", 1),
      message: step("message", 2),
      queue: { send: (key) => void sent.push(key), answer: (key) => `later: ${key}`, capacity: 1 },
    });
    chain.store("cached", "a");
    expect(await answer("a")).toBe("cached");
    world.now += 101;
    expect(await answer("a")).toBe("cached");
    world.now += 900;
    expect(await answer("a")).toBe("default");
    tiers = 2;
    expect(await answer("a")).toBe("message");
    tiers = 3;
    expect(await answer("a")).toBe("later: a");
    await expect(answer("b")).rejects.toBe(DOWN);
    await expect(answer()).rejects.toBe(DOWN);
    expect(served.map(({ tier, staleMs, key, error }) => [tier, staleMs, key, error])).toEqual([
      ["fresh", 0, "a", DOWN],
      ["stale", 101, "a", DOWN],
      ["default", 0, "a", DOWN],
      ["message", 0, "a", DOWN],
      ["queue", 0, "a", DOWN],
    ]);
    expect(chain.read()).toEqual({ calls: 7, fresh: 1, stale: 1, defaults: 1, messages: 1, queued: 1, failed: 2, staleMs: 101 });
    expect([chain.waiting, sent]).toEqual([1, []]);
  });

  it("never gives an answer older than the limit of staleness, whatever was stored when", async () => {
    const step = fc.record({ passMs: fc.nat(400), key: fc.constantFrom("a", "b", undefined), store: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.nat(500), fc.nat(500), fc.array(step, { maxLength: 40 }), async (freshMs, staleMs, steps) => {
        const { chain, world, answer, served } = make({ freshMs, staleMs });
        const storedAt = new Map<string | undefined, number>();
        for (const { passMs, key, store } of steps) {
          world.now += passMs;
          if (store) {
            chain.store(String(world.now), key);
            storedAt.set(key, world.now);
            continue;
          }
          const at = storedAt.get(key);
          const age = at === undefined ? Infinity : world.now - at;
          const kept = freshMs + staleMs > 0 && age <= Math.max(freshMs, staleMs);
          if (!kept) await expect(answer(key)).rejects.toBe(DOWN);
          else {
            expect(await answer(key)).toBe(String(at));
            expect(served.at(-1)).toMatchObject({ tier: freshMs > 0 && age <= freshMs ? "fresh" : "stale", staleMs: age });
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it("takes a new limit of staleness over, and drops what it kept when it is to keep nothing", async () => {
    const { chain, world, agent, answer } = make({ staleMs: 1_000 });
    chain.store("old");
    world.now += 500;
    agent.settings("fallback", { staleMs: 400 });
    await expect(answer()).rejects.toBe(DOWN);
    chain.store("new");
    expect(chain.cached).toBe(1);
    agent.settings("fallback", { staleMs: 0 });
    expect(chain.cached).toBe(0);
    chain.store("newer");
    expect(chain.cached).toBe(0);
  });

  it("keeps so many answers and no more, and rather those that were asked for", () => {
    const cache = new FallbackCache<number>(100);
    for (let i = 0; i < 100; i++) cache.set(`key-${i}`, i, 0);
    for (let i = 0; i < 20; i++) cache.get(`key-${i}`);
    for (let i = 100; i < 150; i++) cache.set(`key-${i}`, i, 0);
    expect(cache.size).toBe(100);
    expect(Array.from({ length: 20 }, (_, i) => cache.get(`key-${i}`)?.value)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(cache.get("key-30")).toBeUndefined();
  });

  it("answers from the tier an operator forces, without the tiers before it", async () => {
    const { chain, agent, answer } = make({
      staleMs: 1_000,
      default: () => "default",
      message: () => "message",
      queue: { send: () => undefined, answer: () => "later" },
    });
    chain.store("cached", "a");
    expect(chain.forced).toBe(false);
    for (const [force, expected] of [
      ["cache", "cached"],
      ["default", "default"],
      ["message", "message"],
      ["queue", "later"],
    ] as const) {
      agent.settings("fallback", { force });
      expect([chain.forced, await answer("a")]).toEqual([true, expected]);
    }
    agent.settings("fallback", { force: "none" });
    expect(chain.forced).toBe(false);
  });

  it("goes on to the tiers after the forced one when that has no answer", async () => {
    const { answer } = make({ force: "cache", staleMs: 1_000, message: () => "message" });
    expect(await answer("unknown")).toBe("message");
  });

  it("cannot be forced to a tier the code does not have: calls are made as before", () => {
    for (const force of ["cache", "default", "message", "queue"] as const) expect(make({ force }).chain.forced).toBe(false);
  });

  it("makes no call while a tier is forced, and calls again afterwards", async () => {
    const agent = new FakeAgent();
    const chain = fallback<string>("alone", { default: () => "instead", agent });
    let calls = 0;
    const call = (): Promise<string> => chain.run(() => `call ${++calls}`);
    expect(await call()).toBe("call 1");
    agent.settings("fallback", { force: "default" });
    expect([await call(), calls]).toEqual(["instead", 1]);
    agent.part("fallback").steering?.settings([]);
    expect(await call()).toBe("call 2");
    expect(await chain.run(() => Promise.reject(DOWN))).toBe("instead");
  });

  it("keeps good answers of its run and gives them when the call fails, by key", async () => {
    const chain = fallback<string>("alone", { staleMs: 60_000, agent: new FakeAgent() });
    await chain.run(() => "one", { key: "1" });
    await chain.run(() => "two", { key: "2" });
    expect(await chain.run(() => Promise.reject(DOWN), { key: "1" })).toBe("one");
    await expect(chain.run(() => Promise.reject(DOWN), { key: "3" })).rejects.toBe(DOWN);
  });

  it("counts in shadow mode which tier would have answered, asks none, and lets the error through", async () => {
    const { chain, world, answer } = make({
      shadow: true,
      staleMs: 100,
      force: "default",
      default: broken,
      queue: { send: broken, answer: broken },
    });
    chain.store("cached", "a");
    await expect(answer("a")).rejects.toBe(DOWN);
    world.now += 200;
    await expect(answer("a")).rejects.toBe(DOWN);
    expect(chain.read()).toMatchObject({ calls: 2, stale: 1, defaults: 1, failed: 0, queued: 0 });
    expect([chain.forced, chain.waiting]).toEqual([false, 0]);
  });

  it("lets errors through while disabled", async () => {
    const { agent, answer } = make({ default: () => "default" });
    agent.part("fallback").steering?.override("disabled", 1);
    await expect(answer()).rejects.toBe(DOWN);
    agent.part("fallback").steering?.override(null, 2);
    expect(await answer()).toBe("default");
  });

  it("answers all the same when the one who listens throws", async () => {
    const { answer } = make({ default: () => Promise.resolve("default"), onServed: broken });
    expect(await answer()).toBe("default");
  });
});

describe("queue for later", () => {
  it("sends every key once, in order, and joins drains that run", async () => {
    const sent: string[] = [];
    const queue = new LaterQueue({ send: async (key) => void sent.push(await Promise.resolve(key)) });
    for (const key of ["a", "b", "a", "c"]) queue.add(key);
    const drains = [queue.drain(), queue.drain(), queue.drain()];
    expect(await Promise.all(drains)).toEqual([3, 3, 3]);
    expect([sent, queue.size, await queue.drain()]).toEqual([["a", "b", "c"], 0, 0]);
  });

  it("keeps what could not be sent, in its place, for the next drain", async () => {
    const sent: string[] = [];
    let down = true;
    const queue = new LaterQueue({
      send: (key) => {
        if (key === "b" && down) throw DOWN;
        sent.push(key);
      },
    });
    for (const key of ["a", "b", "c"]) queue.add(key);
    expect([await queue.drain(), queue.size]).toEqual([1, 2]);
    down = false;
    expect([await queue.drain(), queue.size, sent]).toEqual([2, 0, ["a", "b", "c"]]);
  });

  it("sends a key again that came again while it was sent", async () => {
    const gate = deferred<undefined>();
    let sends = 0;
    const queue = new LaterQueue({
      send: () => {
        sends++;
        return gate.promise;
      },
    });
    queue.add("a");
    const drained = queue.drain();
    queue.add("a");
    gate.resolve(undefined);
    await drained;
    expect([queue.size, await queue.drain(), sends, queue.size]).toEqual([1, 1, 2, 0]);
  });

  it("takes no more than it has room for", () => {
    const queue = new LaterQueue({ send: () => undefined, capacity: 2 });
    expect([queue.add("a"), queue.add("b"), queue.add("c"), queue.add("a")]).toEqual([true, true, false, true]);
  });
});
