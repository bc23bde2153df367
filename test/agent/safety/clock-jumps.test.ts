import { lock, memoryIdempotency, type Attempt } from "@holdfast/agent/coordination";
import { remainingMs, withDeadline } from "@holdfast/agent/http";
import { circuitBreaker, isPolicyError, pipeline, rateLimiter, timeout } from "@holdfast/agent/resilience";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveAgent } from "../../../agent/src/live-agent.ts";
import { memoryLeases, settled } from "../coordination/support/memory-leases.ts";
import { configFor, FakeWorld } from "../support/fake-world.ts";
import { until } from "../support/until.ts";
import { framesOf } from "./support/reacting-world.ts";

const YEARS = 10 * 365 * 86_400_000;
const JUMPS = [
  ["forward", YEARS],
  ["back", -YEARS],
] as const;

function start() {
  const world = new FakeWorld();
  const agent = new LiveAgent({ config: configFor(), runtime: world });
  let sampled = 0;
  agent.resource("counter", "samples", () => ({ total: ++sampled }));
  world.socket.greet();
  return { world, agent, sampled: () => sampled };
}

/** Seconds in which the console is heard. */
function live(world: FakeWorld, seconds: number): void {
  for (let i = 0; i < seconds; i++) {
    world.pass(1_000);
    world.socket.handlers.heard();
  }
}

describe.each(JUMPS)("when the wall clock is set %s by ten years, an agent", (_where, jump) => {
  it("ends an override of the console when its lease is over, not before and not after", () => {
    const { world, agent } = start();
    const breaker = circuitBreaker("payments", { agent });
    world.socket.say([
      { t: "intent", txn: 1, mode: "full", revision: 1 },
      {
        t: "put",
        txn: 1,
        id: "o1",
        kind: "override",
        key: "payments",
        revision: 1,
        leaseMs: 60_000,
        body: { policy: "breaker", state: "forced_open" },
      },
      { t: "commit", txn: 1, revision: 1 },
    ]);
    expect(breaker.state).toBe("forced_open");
    world.wall += jump;
    live(world, 59);
    expect(breaker.state).toBe("forced_open");
    live(world, 2);
    expect(breaker.state).toBe("closed");
    breaker.close();
    void agent.close();
  });

  it("samples on at its cadence, in order, with the times the clock tells, and keeps its link", () => {
    const { world, agent } = start();
    live(world, 10);
    world.wall += jump;
    live(world, 10);
    const frames = framesOf(world.socket);
    expect(frames.map(({ seq }) => seq)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    expect((frames[11]?.at ?? 0) - (frames[10]?.at ?? 0)).toBe(jump + 1_000);
    expect(agent.status).toMatchObject({ state: "open", reconnects: 0, droppedSamples: 0 });
    void agent.close();
  });

  it("holds a lock as long as it renews it, and gives it up in time when it cannot", async () => {
    const world = new FakeWorld();
    const leases = memoryLeases(() => world.mono);
    const orders = lock("orders", leases, { ttlMs: 15_000, marginMs: 1_500, world });
    const held = await orders.acquire();
    const pass = async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 500) {
        world.pass(500);
        await settled();
      }
    };
    world.wall += jump;
    await pass(60_000);
    expect(held.valid).toBe(true);
    expect(leases.grants).toHaveLength(1);
    leases.broken = "before";
    await pass(8_000);
    expect(held.valid).toBe(true);
    await pass(7_000);
    expect([held.valid, held.signal.aborted]).toEqual([false, true]);
    orders.close();
  });

  it("remembers an idempotency key for as long as it said", async () => {
    const world = new FakeWorld();
    const keys = memoryIdempotency({ world });
    const attempt = (holder: string): Attempt => ({ id: "k", fingerprint: "f", holder, lockMs: 30_000, keepMs: 3_600_000 });
    await keys.begin(attempt("first"));
    await keys.finish(attempt("first"), "paid");
    world.wall += jump;
    world.pass(3_500_000);
    expect(await keys.begin(attempt("second"))).toMatchObject({ state: "done", outcome: "paid" });
    world.pass(200_000);
    expect(await keys.begin(attempt("third"))).toEqual({ state: "mine" });
  });
});

describe.each(JUMPS)("when the wall clock is set %s by ten years, a policy on the process's clock", (_where, jump) => {
  beforeEach(() => vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => vi.useRealTimers());
  const jumped = (): void => void vi.setSystemTime(Date.now() + jump);

  it("breaker stays open for its time, and then probes", async () => {
    const breaker = circuitBreaker("payments", { minimumCalls: 1, openMs: 60, probes: 1 });
    const long = circuitBreaker("stock", { minimumCalls: 1, openMs: 300_000 });
    for (const one of [breaker, long]) one.end(one.begin(), false);
    jumped();
    expect([breaker.state, long.state]).toEqual(["open", "open"]);
    expect(long.nextProbeMs).toBeGreaterThan(240_000);
    expect(long.nextProbeMs).toBeLessThanOrEqual(330_000);
    await until("it probes", () => breaker.state === "half_open");
    expect(await breaker.run(async () => "well")).toBe("well");
    expect([breaker.state, long.state]).toEqual(["closed", "open"]);
  });

  it("limiter neither forgives nor asks for more", () => {
    const limiter = rateLimiter("api", { limit: 1, burst: 1, periodMs: 3_600_000 });
    expect(limiter.tryAcquire("ada")).toBe(0);
    jumped();
    expect(limiter.tryAcquire("ada")).toBeGreaterThan(3_500_000);
    expect(limiter.tryAcquire("ada")).toBeLessThanOrEqual(3_600_000);
  });

  it("timer of the wheel ends when it should, and only then", async () => {
    let long: unknown = "waits";
    const ended = new AbortController();
    const slow = timeout("slow", { attemptMs: 300_000, totalMs: 300_000 }).run(() => new Promise(() => undefined), {
      signal: ended.signal,
    });
    slow.catch((error: unknown) => (long = error));
    const quick = timeout("quick", { attemptMs: 30 }).run(() => new Promise(() => undefined));
    jumped();
    const error = await quick.catch((reason: unknown) => reason);
    expect(isPolicyError(error) && error.code).toBe("attempt_timeout");
    expect(long).toBe("waits");
    ended.abort(new Error("enough"));
    await until("it is given up", () => long !== "waits");
    expect(long).toMatchObject({ message: "enough" });
  });

  it("retry waits its turn", async () => {
    let tried = 0;
    const work = pipeline("retried", { retry: { baseMs: 20, maxDelayMs: 20, idempotent: true, maxAttempts: 3 } }).run(async () => {
      jumped();
      if (++tried < 3) throw new Error("down");
      return tried;
    });
    expect(await work).toBe(3);
  });

  it("deadline stays where it is", () => {
    withDeadline(60_000, () => {
      jumped();
      expect(remainingMs()).toBeGreaterThan(30_000);
      expect(remainingMs()).toBeLessThanOrEqual(60_000);
    });
  });
});

describe("when a machine was asleep for three hours, an agent", () => {
  it("ends what has a lease at once, takes one sample and not those it missed, and looks whether its console is there", () => {
    const { world, agent, sampled } = start();
    const breaker = circuitBreaker("payments", { agent });
    world.socket.say([
      { t: "intent", txn: 1, mode: "full", revision: 1 },
      {
        t: "put",
        txn: 1,
        id: "o1",
        kind: "override",
        key: "payments",
        revision: 1,
        leaseMs: 60_000,
        body: { policy: "breaker", state: "forced_open" },
      },
      { t: "commit", txn: 1, revision: 1 },
    ]);
    live(world, 5);
    const before = sampled();
    world.mono += 3 * 3_600_000;
    world.wall += 3 * 3_600_000;
    world.pass(1);
    expect(breaker.state).toBe("closed");
    expect(sampled() - before).toBeLessThanOrEqual(2);
    expect(world.socket.pings).toBe(1);
    world.pass(60_000);
    expect(world.sockets.length).toBeGreaterThan(1);
    breaker.close();
    void agent.close();
  });

  it("does not believe that it still holds a lock, even before any timer has fired", async () => {
    const world = new FakeWorld();
    const held = await lock(
      "orders",
      memoryLeases(() => world.mono),
      { world },
    ).acquire();
    expect(held.valid).toBe(true);
    world.mono += 3 * 3_600_000;
    expect(held.valid).toBe(false);
  });
});
