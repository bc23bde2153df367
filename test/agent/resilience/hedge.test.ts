import { describe, expect, it } from "vitest";
import type { CallContext } from "../../../agent/src/resilience/call.ts";
import { hedge, Hedge, type HedgeOptions } from "../../../agent/src/resilience/hedge.ts";
import { pipelineIn } from "../../../agent/src/resilience/pipeline.ts";
import { RetryBudget } from "../../../agent/src/resilience/retry-budget.ts";
import { FakeAgent } from "./support/agent.ts";
import { deferred, outcome, World } from "./support/world.ts";

/** A hedged pipeline, and the attempts that were made of its call. */
function make(options: HedgeOptions = {}, budgetSettings: { permille?: number; floor?: number } = {}) {
  const world = new World();
  const agent = new FakeAgent();
  const setting = { world, target: undefined, agent, inject: null };
  const policy = new Hedge("prices", { delayMs: 100, ...options }, setting);
  const budget = new RetryBudget("shared", budgetSettings, setting);
  const line = pipelineIn(world, "prices", { hedge: policy, budget, agent });
  const attempts: (ReturnType<typeof deferred<string>> & { context: CallContext })[] = [];
  const run = (idempotent = true) =>
    outcome(
      line.run(
        (context) => {
          const attempt = { ...deferred<string>(), context };
          attempts.push(attempt);
          return attempt.promise;
        },
        { idempotent },
      ),
    );
  return { world, agent, policy, attempts, run };
}

describe("hedge", () => {
  it("asks once more when the first has not answered in time, and takes the first answer", async () => {
    const { world, attempts, run, policy } = make();
    const call = run();
    await world.advance(90);
    expect(attempts.length).toBe(1);
    await world.advance(20);
    expect(attempts.length).toBe(2);
    const loser = attempts[0]?.context.signal;
    attempts[1]?.resolve("second");
    await world.advance(0);
    expect(call).toMatchObject({ done: true, value: "second" });
    expect(loser?.aborted).toBe(true);
    expect(policy.read()).toEqual({ calls: 1, hedges: 1, wins: 1, denied: 0 });
  });

  it("does not ask again when the first answers in time, or fails", async () => {
    const { world, attempts, run, policy } = make();
    const good = run();
    attempts[0]?.resolve("first");
    await world.advance(200);
    const bad = run();
    attempts[1]?.reject(new Error("down"));
    await world.advance(200);
    expect([good.value, bad.error?.message, attempts.length]).toEqual(["first", "down", 2]);
    expect(policy.read()).toEqual({ calls: 2, hedges: 0, wins: 0, denied: 0 });
  });

  it("waits for the other when one fails, and fails with the first error when all do", async () => {
    const { world, attempts, run } = make();
    const saved = run();
    await world.advance(110);
    attempts[1]?.reject(new Error("hedge down"));
    await world.advance(0);
    expect(saved.done).toBe(false);
    attempts[0]?.resolve("first");
    await world.advance(0);
    expect(saved.value).toBe("first");
    const lost = run();
    await world.advance(110);
    attempts[2]?.reject(new Error("one"));
    attempts[3]?.reject(new Error("two"));
    await world.advance(0);
    expect(lost.error?.message).toBe("one");
  });

  it("never fails the first attempt because the budget is spent (failsafe-go 141)", async () => {
    const { world, attempts, run, policy } = make({}, { permille: 0, floor: 0 });
    const call = run();
    await world.advance(500);
    expect([attempts.length, call.done, attempts[0]?.context.signal.aborted]).toEqual([1, false, false]);
    attempts[0]?.resolve("first");
    await world.advance(0);
    expect(call.value).toBe("first");
    expect(policy.read()).toEqual({ calls: 1, hedges: 0, wins: 0, denied: 1 });
  });

  it("takes each hedge out of the shared budget", async () => {
    const { world, attempts, run, policy } = make({}, { permille: 0, floor: 2 });
    for (let i = 0; i < 4; i++) run();
    await world.advance(200);
    expect([attempts.length, policy.read().hedges, policy.read().denied]).toEqual([6, 2, 2]);
  });

  it("sends as many hedges as it is told, each as late as the one before", async () => {
    const { world, attempts, run } = make({ maxHedges: 2 });
    run();
    await world.advance(110);
    expect(attempts.length).toBe(2);
    await world.advance(110);
    expect(attempts.length).toBe(3);
    await world.advance(500);
    expect(attempts.length).toBe(3);
  });

  it("does not hedge calls that may be made only once", async () => {
    const { world, attempts, run } = make();
    run(false);
    await world.advance(500);
    expect(attempts.length).toBe(1);
  });

  it("counts in shadow mode the hedges it would have sent, sends none and spends no budget", async () => {
    const { world, attempts, run, agent } = make({ shadow: true }, { permille: 0, floor: 1 });
    run();
    await world.advance(300);
    expect([attempts.length, agent.read("hedge")["hedges"], agent.read("retry")["budgetLeft"]]).toEqual([1, 1, 1]);
  });

  it("takes new settings over while it runs, and sends nothing while disabled", async () => {
    const { world, attempts, run, agent } = make();
    agent.settings("hedge", { delayMs: 20 });
    run();
    await world.advance(30);
    expect(attempts.length).toBe(2);
    agent.part("hedge").steering?.override("disabled", 1);
    run();
    await world.advance(300);
    expect(attempts.length).toBe(3);
  });

  it("has a run of its own", async () => {
    const policy = hedge("alone", { delayMs: 1, idempotent: true, agent: new FakeAgent() });
    const answers = [new Promise<string>(() => undefined), Promise.resolve("second")];
    expect(await policy.run(({ attempt }) => answers.shift() ?? String(attempt))).toBe("second");
    expect(policy.read()).toMatchObject({ hedges: 1, wins: 1 });
    expect(await policy.run(() => "plain", { idempotent: false })).toBe("plain");
  });
});
