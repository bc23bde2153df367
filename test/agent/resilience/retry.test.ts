import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PolicyError } from "../../../agent/src/resilience/errors.ts";
import { pipelineIn, type PipelineOptions } from "../../../agent/src/resilience/pipeline.ts";
import { settingOf } from "../../../agent/src/resilience/policy-part.ts";
import { RetryBudget } from "../../../agent/src/resilience/retry-budget.ts";
import { isIdempotent, retryAfterMs } from "../../../agent/src/resilience/retry.ts";
import { FakeAgent } from "./support/agent.ts";
import { outcome, World } from "./support/world.ts";

function make(options: PipelineOptions = {}) {
  const world = new World();
  world.chance = [1];
  const agent = new FakeAgent();
  const payments = pipelineIn(world, "payments", { retry: { idempotent: true, baseMs: 100 }, agent, ...options });
  return { world, agent, payments };
}

describe("retry", () => {
  it("backs off exponentially with full jitter up to the cap, and fails with the call's own last error", async () => {
    const { world, payments, agent } = make({ retry: { idempotent: true, maxAttempts: 4, baseMs: 100, maxDelayMs: 250 } });
    const at: number[] = [];
    const told = outcome(
      payments.run(({ attempt }) => {
        at.push(world.now);
        throw new Error(`attempt ${attempt}`);
      }),
    );
    await world.advance(2_000);
    expect(told.error?.message).toBe("attempt 4");
    const gaps = at.slice(1).map((time, i) => time - (at[i] as number));
    gaps.forEach((gap, i) => {
      const wanted = [100, 200, 250][i] as number;
      expect(gap).toBeGreaterThanOrEqual(wanted);
      expect(gap).toBeLessThanOrEqual(wanted + 10);
    });
    expect(agent.read("retry")).toMatchObject({ calls: 1, retries: 3, exhausted: 1, denied: 0 });
  });

  it("draws the whole delay by chance", async () => {
    const { world, payments } = make();
    world.chance = [0];
    const told = outcome(payments.run(({ attempt }) => (attempt === 1 ? Promise.reject(new Error("once")) : attempt)));
    await world.advance(10);
    expect(told.value).toBe(2);
  });

  it("makes no call twice unless somebody said that it may be", async () => {
    const { world, payments, agent } = make({ retry: {} });
    let made = 0;
    const fail = () => {
      made++;
      throw new Error("down");
    };
    const plain = outcome(payments.run(fail));
    await world.advance(2_000);
    expect([plain.error?.message, made]).toEqual(["down", 1]);
    expect(agent.read("retry")).toMatchObject({ retries: 0, denied: 1 });
    const told = outcome(payments.run(fail, { idempotent: true }));
    await world.advance(2_000);
    expect([told.done, made]).toEqual([true, 4]);
  });

  it("knows which requests may be sent twice", () => {
    expect(["GET", "put", "DELETE", "QUERY"].map((method) => isIdempotent(method))).toEqual([true, true, true, true]);
    expect(isIdempotent("POST")).toBe(false);
    expect(isIdempotent("POST", { "Idempotency-Key": '"a"' })).toBe(true);
    expect(isIdempotent("PATCH", new Headers({ "idempotency-key": "a" }))).toBe(true);
  });

  it("comes no earlier than Retry-After says, and not at all when that is beyond the cap", async () => {
    const { world, payments } = make();
    let made = 0;
    const told = outcome(
      payments.run(() => {
        made++;
        throw Object.assign(new Error("busy"), { response: { headers: new Headers({ "retry-after": "2" }) } });
      }),
    );
    await world.advance(1_999);
    expect(made).toBe(1);
    await world.advance(15);
    expect(made).toBe(2);
    await world.advance(5_000);
    expect([told.done, made]).toEqual([true, 3]);
    const refused = outcome(payments.run(() => Promise.reject(Object.assign(new Error("busy"), { retryAfterMs: 60_000 }))));
    await world.advance(0);
    expect(refused.done).toBe(true);
  });

  it("reads Retry-After as seconds or as a date, and takes nonsense for nothing", () => {
    const wall = () => Date.parse("2026-01-01T00:00:00Z");
    const of = (text: string) => retryAfterMs({ headers: { "Retry-After": text } }, wall);
    expect(of("7")).toBe(7_000);
    expect(of("Thu, 01 Jan 2026 00:00:30 GMT")).toBe(30_000);
    expect([of("Thu, 01 Jan 2020 00:00:00 GMT"), of("soon"), of("-3")]).toEqual([0, 0, 0]);
    expect([retryAfterMs(null), retryAfterMs("x"), retryAfterMs({ retryAfterMs: -1 })]).toEqual([0, 0, 0]);
  });

  it("does not wait for an attempt that the remaining time does not allow", async () => {
    const { world, payments } = make({ timeout: { totalMs: 150, attemptMs: 100 } });
    const told = outcome(payments.run(() => Promise.reject(new Error("down"))));
    await world.advance(95);
    expect(told.done, "100 ms of 150 are there for the first delay").toBe(false);
    await world.advance(20);
    expect(told.error?.message, "200 ms are not for the second").toBe("down");
  });

  it("stops when the circuit opens", async () => {
    const { world, payments } = make({ breaker: { minimumCalls: 2 }, retry: { idempotent: true, maxAttempts: 10 } });
    let made = 0;
    const told = outcome(
      payments.run(() => {
        made++;
        throw new Error(`down ${made}`);
      }),
    );
    await world.advance(60_000);
    expect([told.error?.message, made]).toEqual(["down 2", 2]);
  });

  it("does not retry what another policy refused, nor what says that it is not worth it", async () => {
    const { world, payments } = make();
    for (const error of [new PolicyError("shed", "api"), Object.assign(new Error("bad request"), { retryable: false })]) {
      let made = 0;
      const told = outcome(
        payments.run(() => {
          made++;
          throw error;
        }),
      );
      await world.advance(1_000);
      expect([told.done, made]).toEqual([true, 1]);
    }
  });

  it("in shadow mode makes no second attempt and counts it", async () => {
    const { world, payments, agent } = make({ retry: { idempotent: true, shadow: true } });
    const told = outcome(payments.run(() => Promise.reject(new Error("down"))));
    await world.advance(0);
    expect(told.done).toBe(true);
    expect(agent.read("retry")).toMatchObject({ retries: 1 });
  });
});

describe("retry budget", () => {
  it("grants as its model does: a share of the calls of its window, and a floor", () => {
    const step = fc.oneof(
      fc.constant({ do: "call" as const }),
      fc.constant({ do: "take" as const }),
      fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const world = new World();
        const start = world.now;
        const budget = new RetryBudget("b", { permille: 300, floor: 2, windowMs: 10_000 }, settingOf({ agent: {} }, world));
        const bucket = () => Math.floor((world.now - start) / 1_000);
        let calls: number[] = [];
        let retries: number[] = [];
        for (const each of steps) {
          if (each.do === "wait") {
            for (let left = each.ms; left > 0; left -= 1_000) world.block(Math.min(left, 1_000));
            // The wheel has to see the time for a coarse clock to tell it.
            world.block(0);
          }
          calls = calls.filter((at) => at > bucket() - 10);
          retries = retries.filter((at) => at > bucket() - 10);
          if (each.do === "call") {
            budget.called();
            calls.push(bucket());
          } else if (each.do === "take") {
            const may = retries.length < Math.max(2, Math.floor(calls.length * 0.3));
            expect(budget.take()).toBe(may);
            if (may) retries.push(bucket());
          }
        }
      }),
    );
  });

  it("is shared: what one pipeline spends the other has not", async () => {
    const world = new World();
    const agent = new FakeAgent();
    const budget = new RetryBudget("bank", { permille: 0, floor: 3 }, settingOf({ agent }, world));
    const options = { retry: { idempotent: true, maxAttempts: 3, baseMs: 10 }, budget, agent };
    const [charge, refund] = [pipelineIn(world, "charge", options), pipelineIn(world, "refund", options)];
    let made = 0;
    const fail = () => {
      made++;
      throw new Error("down");
    };
    outcome(charge.run(fail));
    await world.advance(100);
    outcome(refund.run(fail));
    await world.advance(100);
    expect(made, "two calls and three retries").toBe(5);
    expect(budget.read()).toMatchObject({ calls: 2, retries: 3, denied: 1, budgetLeft: 0 });
  });
});
