import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, expect, it } from "vitest";
import { pipeline } from "../../../agent/src/entry-resilience.ts";
import { pipelineIn } from "../../../agent/src/resilience/pipeline.ts";
import { FakeAgent } from "./support/agent.ts";
import { deferred, outcome, settled, World } from "./support/world.ts";

const full = { timeout: {}, breaker: { minimumCalls: 2 }, retry: { idempotent: true, baseMs: 10 }, bulkhead: {} };

describe("pipeline", () => {
  it("gives back what the call gives: promises, thenables, plain values, and errors as they are", async () => {
    const payments = pipelineIn(new World(), "payments", { ...full, retry: {}, breaker: {}, agent: new FakeAgent() });
    expect(await payments.run(() => 1)).toBe(1);
    expect(await payments.run(async () => 2)).toBe(2);
    expect(await payments.run(() => ({ then: (ok: (value: number) => void) => ok(3) }) as PromiseLike<number>)).toBe(3);
    const error = new Error("as it is");
    await expect(payments.run(() => Promise.reject(error))).rejects.toBe(error);
    const thrown = payments.run(() => {
      throw error;
    });
    await expect(thrown).rejects.toBe(error);
    const hostile = payments.run(() => ({
      get then(): never {
        throw error;
      },
    }));
    await expect(hostile).rejects.toBe(error);
  });

  it("lets the breaker see every attempt, and a slot be held for an attempt only", async () => {
    const world = new World();
    const agent = new FakeAgent();
    const payments = pipelineIn(world, "payments", { ...full, breaker: {}, bulkhead: { maxConcurrent: 1 }, agent });
    const told = outcome(payments.run(({ attempt }) => (attempt < 3 ? Promise.reject(new Error("down")) : "up")));
    await settled();
    expect(agent.read("bulkhead")).toMatchObject({ inUse: 0 });
    await world.advance(100);
    expect(told.value).toBe("up");
    expect(agent.read("breaker")).toMatchObject({ calls: 3, failures: 2 });
  });

  it("rejects at once while the circuit is open, without calling, and says when to come back", async () => {
    const payments = pipelineIn(new World(), "payments", { breaker: { minimumCalls: 1 }, agent: new FakeAgent() });
    await payments.run(() => Promise.reject(new Error("down"))).catch(() => undefined);
    let made = 0;
    const error: unknown = await payments.run(() => made++).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "breaker_open", policy: "payments", retryAfterMs: 30_000 });
    expect([made, payments.state]).toEqual([0, "open"]);
  });

  it("does not count against the far side what the host says is no failure", async () => {
    const agent = new FakeAgent();
    const isFailure = (error: unknown) => (error as Error).message !== "not found";
    const payments = pipelineIn(new World(), "payments", { breaker: { minimumCalls: 1, isFailure }, agent });
    await payments.run(() => Promise.reject(new Error("not found"))).catch(() => undefined);
    expect(payments.state).toBe("closed");
    await payments.run(() => Promise.reject(new Error("down"))).catch(() => undefined);
    expect(payments.state).toBe("open");
  });

  it("turns to the fallback for every failure and refusal, stores what was good, and answers from it when forced", async () => {
    const agent = new FakeAgent();
    const kept: unknown[] = [];
    const fallback = {
      forced: false,
      answer: (error: unknown) => `instead of: ${(error as Error).message}`,
      store: (value: unknown) => void kept.push(value),
    };
    let wait = 0;
    const search = pipelineIn(new World(), "search", {
      breaker: { minimumCalls: 2 },
      limiter: { tryAcquire: () => wait },
      fallback,
      agent,
    });
    expect(await search.run(() => "fresh")).toBe("fresh");
    expect(kept).toEqual(["fresh"]);
    expect(await search.run(() => Promise.reject(new Error("down")))).toBe("instead of: down");
    expect(await search.run(() => "never")).toBe("instead of: search: the circuit is open");
    wait = 500;
    expect(await search.run(() => "never")).toBe("instead of: search: over the rate limit");
    fallback.forced = true;
    expect(await search.run(() => "never")).toMatch(/instead of/);
    expect(agent.read("breaker")).toMatchObject({ fallbacks: 4 });
    fallback.answer = () => {
      throw new Error("no tier");
    };
    await expect(search.run(() => "never")).rejects.toThrow("no tier");
  });

  it("tells the rate limiter the key and the caller when to come back", async () => {
    const keys: unknown[] = [];
    const search = pipelineIn(new World(), "search", { limiter: { tryAcquire: (key) => (keys.push(key), 250) } });
    await expect(search.run(() => 1, { key: "tenant" })).rejects.toMatchObject({ code: "rate_limited", retryAfterMs: 250 });
    expect(keys).toEqual(["tenant"]);
  });

  it("sends a hedge beside a late attempt, takes the first answer, and aborts the other", async () => {
    const world = new World();
    const agent = new FakeAgent();
    const counts: string[] = [];
    const hedge = { max: 1, delayMs: () => 50, count: (what: string) => void counts.push(what) };
    const search = pipelineIn(world, "search", { ...full, hedge, agent });
    const signals: AbortSignal[] = [];
    const second = deferred<string>();
    const told = outcome(
      search.run(({ signal }) => {
        signals.push(signal);
        return signals.length === 1 ? new Promise<string>(() => undefined) : second.promise;
      }),
    );
    await world.advance(45);
    expect(signals).toHaveLength(1);
    await world.advance(20);
    expect(signals).toHaveLength(2);
    second.resolve("hedge");
    await settled();
    expect(told.value).toBe("hedge");
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(counts).toEqual(["calls", "hedges", "wins"]);
    expect(agent.read("breaker")).toMatchObject({ calls: 1, failures: 0, inFlight: 0 });
    expect(agent.read("bulkhead")).toMatchObject({ inUse: 0 });
  });

  it("lets a failed first attempt fail without waiting for hedges, and a budget that is spent fails nothing", async () => {
    const world = new World();
    const hedge = { max: 2, delayMs: () => 50 };
    const search = pipelineIn(world, "search", { hedge, budget: { permille: 0, floor: 0 }, agent: new FakeAgent() });
    const failed = outcome(search.run(() => Promise.reject(new Error("down")), { idempotent: true }));
    await settled();
    expect(failed.error?.message).toBe("down");
    const gate = deferred<string>();
    let made = 0;
    const slow = outcome(
      search.run(
        () => {
          made++;
          return gate.promise;
        },
        { idempotent: true },
      ),
    );
    await world.advance(500);
    gate.resolve("late but good");
    await settled();
    expect([slow.value, made]).toEqual(["late but good", 1]);
  });

  it("is seen and steered as its parts under one name, explains each setting, and leaves when closed", async () => {
    const agent = new FakeAgent();
    const payments = pipelineIn(new World(), "payments", {
      ...full,
      faults: true,
      agent,
      target: "bank",
      bounds: { bulkhead: { maxConcurrent: [1, 50] } },
    });
    expect(agent.parts.map(({ kind, name, steering, target }) => [kind, name, steering?.policy, steering?.faults, target])).toEqual([
      ["fault", "payments", undefined, undefined, "bank"],
      ["timeout", "payments", "timeout", true, "bank"],
      ["breaker", "payments", "breaker", true, "bank"],
      ["bulkhead", "payments", "bulkhead", true, "bank"],
      ["retry", "payments budget", "budget", false, "bank"],
      ["retry", "payments", "retry", true, "bank"],
    ]);
    agent.settings("bulkhead", { maxConcurrent: 51 });
    agent.settings("timeout", { attemptMs: 100 });
    const { bulkhead, timeout, breaker } = payments.explain();
    expect(bulkhead?.["maxConcurrent"]).toEqual({ value: 20, origin: "default", revision: 0, bounds: [1, 50] });
    expect(timeout?.["attemptMs"]).toMatchObject({ value: 100, origin: "remote", revision: 7 });
    expect(breaker?.["minimumCalls"]).toMatchObject({ value: 2, origin: "code" });
    payments.close();
    expect(agent.parts).toEqual([]);
    expect(await payments.run(() => "still works")).toBe("still works");
  });

  it("refuses at start what cannot be", () => {
    expect(() => pipeline("")).toThrow(TypeError);
    expect(() => pipeline("x", { faults: true })).toThrow(TypeError);
    expect(() => pipeline("x", { timeout: { attemptMs: 10, totalMs: 5 } })).toThrow("attemptMs must not be above totalMs");
  });

  it("publishes what it does to whoever listens", async () => {
    const heard: unknown[] = [];
    const listen = (message: unknown) => void heard.push(message);
    subscribe("holdfast:breaker:state", listen);
    const payments = pipelineIn(new World(), "payments", { breaker: { minimumCalls: 1 }, agent: new FakeAgent() });
    await payments.run(() => Promise.reject(new Error("down"))).catch(() => undefined);
    unsubscribe("holdfast:breaker:state", listen);
    expect(heard).toEqual([{ name: "payments", from: "closed", to: "open", failurePermille: 1000 }]);
  });

  it("keeps calls apart that nest, abort each other, or come by the thousand", async () => {
    const payments = pipelineIn(new World(), "payments", { ...full, bulkhead: { maxConcurrent: 10_000 }, agent: new FakeAgent() });
    const killer = new AbortController();
    const nested = payments.run(
      () => {
        killer.abort(new Error("killed"));
        return payments.run(() => payments.run(() => "inner"));
      },
      { signal: killer.signal },
    );
    await expect(nested).rejects.toThrow("killed");
    const gates = Array.from({ length: 2_000 }, () => deferred<number>());
    const runs = gates.map((gate) => payments.run(() => gate.promise));
    gates.forEach((gate, i) => gate.resolve(i));
    expect(await Promise.all(runs)).toEqual(gates.map((_, i) => i));
  });
});
