import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, it } from "vitest";
import type { CallContext } from "../../../agent/src/resilience/call.ts";
import { pipelineIn } from "../../../agent/src/resilience/pipeline.ts";
import { FakeAgent } from "./support/agent.ts";
import { deferred, outcome, settled, World } from "./support/world.ts";

const never = () => new Promise<never>(() => undefined);

describe("timeouts", () => {
  it("end an attempt, abort its signal, and the next attempt has a signal of its own", async () => {
    const world = new World();
    const agent = new FakeAgent();
    const payments = pipelineIn(world, "payments", {
      timeout: { attemptMs: 100, totalMs: 1_000 },
      retry: { idempotent: true, maxAttempts: 2, baseMs: 10 },
      agent,
    });
    const signals: AbortSignal[] = [];
    const told = outcome(
      payments.run(({ signal, attempt }) => {
        signals.push(signal);
        return attempt === 1 ? never() : Promise.resolve("second");
      }),
    );
    await world.advance(95);
    expect(signals[0]?.aborted).toBe(false);
    await world.advance(60);
    expect(told.value).toBe("second");
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(signals[0]?.reason).toMatchObject({ code: "attempt_timeout" });
    expect(agent.read("timeout")).toMatchObject({ calls: 1, attemptTimeouts: 1, totalTimeouts: 0 });
  });

  it("end the whole call with its retries", async () => {
    const world = new World();
    const payments = pipelineIn(world, "payments", {
      timeout: { attemptMs: 100, totalMs: 250 },
      retry: { idempotent: true, maxAttempts: 10, baseMs: 1 },
      agent: new FakeAgent(),
    });
    let made = 0;
    const told = outcome(
      payments.run(() => {
        made++;
        return never();
      }),
    );
    await world.advance(245);
    expect(told.done).toBe(false);
    await world.advance(20);
    expect([told.error?.code, made]).toEqual(["total_timeout", 3]);
  });

  it("drop what comes of an attempt after it was given up, and free its slot once", async () => {
    const world = new World();
    const agent = new FakeAgent();
    const payments = pipelineIn(world, "payments", {
      timeout: { attemptMs: 50, totalMs: 50 },
      bulkhead: { maxConcurrent: 1 },
      breaker: {},
      agent,
    });
    const late = deferred<string>();
    const told = outcome(payments.run(() => late.promise));
    await world.advance(60);
    expect(told.error?.code).toBe("total_timeout");
    const second = deferred<string>();
    const next = outcome(payments.run(() => second.promise));
    late.resolve("late");
    await settled();
    expect(next.done).toBe(false);
    second.resolve("good");
    await settled();
    expect(next.value).toBe("good");
    expect(agent.read("bulkhead")).toMatchObject({ inUse: 0 });
    expect(agent.read("breaker")).toMatchObject({ calls: 2, failures: 1, timeouts: 1, inFlight: 0 });
  });

  it("refuse a call whose deadline has passed, and keep a nearer deadline of the caller without blaming the far side", async () => {
    const world = new World();
    const agent = new FakeAgent();
    const payments = pipelineIn(world, "payments", { timeout: {}, breaker: {}, agent });
    await expect(payments.run(() => 1, { deadline: world.now })).rejects.toMatchObject({ code: "deadline_exceeded" });
    const told = outcome(payments.run(never, { deadline: world.now + 30 }));
    await world.advance(45);
    expect(told.error?.code).toBe("deadline_exceeded");
    expect(agent.read("timeout")).toMatchObject({ refused: 1 });
    expect(agent.read("breaker")).toMatchObject({ calls: 0, failures: 0, inFlight: 0 });
  });

  it("tell the call its deadline: the nearer of attempt and total", async () => {
    const world = new World();
    const payments = pipelineIn(world, "payments", { timeout: { attemptMs: 100, totalMs: 5_000 }, agent: new FakeAgent() });
    let kept: CallContext | undefined;
    const gate = deferred();
    const run = payments.run((context) => {
      kept = context;
      return gate.promise;
    });
    expect(kept?.deadline).toBe(world.now + 100);
    gate.resolve(0);
    await run;
    expect(kept?.deadline).toBe(0);
  });

  it("of the caller end a call wherever it is, and count as nobody's failure", async () => {
    const world = new World();
    const agent = new FakeAgent();
    const payments = pipelineIn(world, "payments", {
      breaker: {},
      bulkhead: { maxConcurrent: 1 },
      retry: { idempotent: true, baseMs: 1_000 },
      agent,
    });
    const running = new AbortController();
    const queued = new AbortController();
    const backing = new AbortController();
    let seen: AbortSignal | undefined;
    const first = outcome(
      payments.run(
        ({ signal }) => {
          seen = signal;
          return never();
        },
        { signal: running.signal },
      ),
    );
    const second = outcome(payments.run(() => 2, { signal: queued.signal }));
    queued.abort(new Error("left the queue"));
    running.abort(new Error("gave up"));
    await settled();
    expect([first.error?.message, second.error?.message, seen?.aborted]).toEqual(["gave up", "left the queue", true]);
    world.chance = [1];
    const third = outcome(payments.run(() => Promise.reject(new Error("down")), { signal: backing.signal }));
    await settled();
    backing.abort(new Error("no patience"));
    await settled();
    expect(third.error?.message).toBe("no patience");
    await expect(payments.run(() => 1, { signal: backing.signal })).rejects.toThrow("no patience");
    await world.advance(5_000);
    expect(agent.read("breaker")).toMatchObject({ calls: 1, failures: 1, inFlight: 0 });
    expect(agent.read("bulkhead")).toMatchObject({ inUse: 0, waiting: 0 });
  });

  it("in shadow mode or disabled end nothing; in shadow mode they are counted", async () => {
    for (const shadow of [true, false]) {
      const world = new World();
      const agent = new FakeAgent();
      const payments = pipelineIn(world, "payments", { timeout: { attemptMs: 20, totalMs: 50, shadow }, agent });
      if (!shadow) agent.part("timeout").steering?.override("disabled", 1);
      const gate = deferred();
      const told = outcome(payments.run(() => gate.promise));
      await world.advance(200);
      expect(told.done).toBe(false);
      gate.resolve(1);
      await settled();
      expect(told.value).toBe(1);
      expect(agent.read("timeout")).toMatchObject({ attemptTimeouts: shadow ? 1 : 0, totalTimeouts: shadow ? 1 : 0 });
    }
  });

  it("leave a retry and a queued call in the async context of their caller", async () => {
    const world = new World();
    const store = new AsyncLocalStorage<string>();
    const payments = pipelineIn(world, "payments", {
      timeout: { attemptMs: 50 },
      retry: { idempotent: true, baseMs: 10 },
      bulkhead: { maxConcurrent: 1 },
      agent: new FakeAgent(),
    });
    const seen: (string | undefined)[] = [];
    const look = (first: Promise<unknown>) => (context: CallContext) => {
      seen.push(store.getStore());
      return context.attempt === 1 ? first : "done";
    };
    const runs = [
      store.run("a", () => payments.run(look(never()))),
      store.run("b", () => payments.run(look(Promise.reject(new Error("x"))))),
    ];
    await world.advance(500);
    await Promise.all(runs);
    expect([...seen].sort()).toEqual(["a", "a", "b", "b"]);
  });
});
