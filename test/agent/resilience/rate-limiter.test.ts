import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RateLimiter, rateLimiter, type RateLimiterOptions } from "../../../agent/src/resilience/rate-limiter.ts";
import { FakeAgent } from "./support/agent.ts";
import { World } from "./support/world.ts";

function make(options: RateLimiterOptions = {}): { limiter: RateLimiter; world: World; agent: FakeAgent } {
  const world = new World();
  const agent = new FakeAgent();
  const limiter = new RateLimiter("api", options, { world, target: undefined, agent, inject: null });
  return { limiter, world, agent };
}

/** Takes until it is refused. */
function take(limiter: RateLimiter, key?: string): number {
  let taken = 0;
  while (taken < 10_000 && limiter.tryAcquire(key) === 0) taken++;
  return taken;
}

describe("rate limiter", () => {
  it("lets a burst go at once, then the limit on the average", () => {
    const { limiter, world } = make({ limit: 10, periodMs: 1_000, burst: 5 });
    expect(take(limiter)).toBe(5);
    world.now += 1_000;
    expect(take(limiter)).toBe(5);
    world.now += 300;
    expect(take(limiter)).toBe(3);
  });

  it("answers how long it is to the next call: earlier is too early, then it is not", () => {
    const { limiter, world } = make({ limit: 3, periodMs: 1_000, burst: 2 });
    take(limiter);
    const wait = limiter.tryAcquire(undefined);
    expect(wait).toBeGreaterThan(333);
    expect(wait).toBeLessThan(334);
    world.now += wait - 0.01;
    expect(limiter.tryAcquire(undefined)).toBeGreaterThan(0);
    world.now += 0.011;
    expect(limiter.tryAcquire(undefined)).toBe(0);
  });

  it("limits every key by itself, and calls without one together", () => {
    const { limiter } = make({ limit: 10, burst: 4 });
    expect([take(limiter, "a"), take(limiter, "b"), take(limiter), take(limiter, "a")]).toEqual([4, 4, 4, 0]);
  });

  it("agrees with a bucket of tokens, call by call, over any course of time", () => {
    const setting = fc.record({
      limit: fc.integer({ min: 1, max: 50 }),
      periodMs: fc.integer({ min: 1, max: 5_000 }),
      burst: fc.integer({ min: 1, max: 20 }),
    });
    const step = fc.record({ passMs: fc.oneof(fc.constant(0), fc.nat(2_000)), key: fc.constantFrom(undefined, "a", "b", "") });
    fc.assert(
      fc.property(setting, fc.array(step, { maxLength: 200 }), (settings, steps) => {
        const { limiter, world } = make(settings);
        const { limit, periodMs, burst } = settings;
        const buckets = new Map<string | undefined, { tokens: number; at: number }>();
        let allowed = 0;
        for (const { passMs, key } of steps) {
          world.now += passMs;
          const bucket = buckets.get(key) ?? { tokens: burst, at: world.now };
          bucket.tokens = Math.min(burst, bucket.tokens + ((world.now - bucket.at) * limit) / periodMs);
          bucket.at = world.now;
          buckets.set(key, bucket);
          const expected = bucket.tokens >= 1 - 1e-6;
          if (expected) {
            bucket.tokens -= 1;
            allowed++;
          }
          const wait = limiter.tryAcquire(key);
          expect(wait === 0).toBe(expected);
          if (!expected) expect(wait).toBeCloseTo(((1 - bucket.tokens) * periodMs) / limit, 3);
        }
        expect(limiter.read()).toMatchObject({ allowed, limited: steps.length - allowed });
      }),
      { numRuns: 200 },
    );
  });

  it("keeps what was taken, counted in calls, when its settings change", () => {
    const { limiter, world, agent } = make({ limit: 1, periodMs: 1_000, burst: 10 });
    expect(take(limiter)).toBe(10);
    agent.settings("limiter", { limit: 1_000 });
    expect(take(limiter)).toBe(0);
    world.now += 5;
    expect(take(limiter)).toBe(5);
    agent.settings("limiter", { limit: 1, burst: 2 });
    expect(take(limiter)).toBe(0);
    world.now += 1_000;
    expect(take(limiter)).toBe(1);
  });

  it("forgets nothing that matters while there is room, and counts what it forgets when there is none", () => {
    const { limiter, world } = make({ limit: 10, periodMs: 1_000, burst: 2, maxKeys: 100 });
    for (let i = 0; i < 100; i++) take(limiter, `key-${i}`);
    expect([limiter.keys, limiter.evicted]).toEqual([100, 0]);
    // All have their bucket full again: any of them may go, and nobody gets more than before.
    world.now += 1_000;
    for (let i = 0; i < 100; i++) limiter.tryAcquire(`other-${i}`);
    expect([limiter.keys, limiter.evicted]).toEqual([100, 0]);
    for (let i = 0; i < 50; i++) limiter.tryAcquire(`more-${i}`);
    expect([limiter.keys, limiter.evicted]).toEqual([100, 50]);
  });

  it("rather forgets a key that has little to lose than one that was just limited", () => {
    const { limiter } = make({ limit: 1, periodMs: 60_000, burst: 50, maxKeys: 8 });
    take(limiter, "greedy");
    for (let i = 0; i < 500; i++) limiter.tryAcquire(`stranger-${i}`);
    expect(take(limiter, "greedy")).toBe(0);
    expect(limiter.keys).toBe(8);
  });

  it("counts in shadow mode what it would have limited, and limits nothing", () => {
    const { limiter, agent } = make({ limit: 10, burst: 3, shadow: true });
    for (let i = 0; i < 8; i++) expect(limiter.tryAcquire("a")).toBe(0);
    expect(agent.read("limiter")).toEqual({ allowed: 8, limited: 5, level: 3, limit: 3 });
  });

  it("lets everything pass while disabled, and reads its level otherwise", () => {
    const { limiter, agent, world } = make({ limit: 10, periodMs: 1_000, burst: 3 });
    take(limiter, "a");
    limiter.tryAcquire("b");
    expect(agent.read("limiter")).toEqual({ allowed: 4, limited: 1, level: 3, limit: 3 });
    world.now += 200;
    expect(agent.read("limiter")["level"]).toBe(1);
    agent.part("limiter").steering?.override("disabled", 1);
    for (let i = 0; i < 20; i++) expect(limiter.tryAcquire("a")).toBe(0);
    agent.part("limiter").steering?.override(null, 2);
    expect(take(limiter, "a")).toBe(2);
  });

  it("has a run that rejects with how long to stay away", async () => {
    const limiter = rateLimiter("alone", { limit: 1, periodMs: 60_000, burst: 1, agent: new FakeAgent() });
    await expect(limiter.run(() => "done", { key: "a" })).resolves.toBe("done");
    await expect(limiter.run(() => "done", { key: "a" })).rejects.toMatchObject({ code: "rate_limited", policy: "alone" });
    const error: unknown = await limiter.run(() => "done", { key: "a" }).catch((reason: unknown) => reason);
    expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(50_000);
  });
});
