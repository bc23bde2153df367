import { describe, expect, it } from "vitest";
import type { FaultValues } from "../../../protocol/settings.ts";
import { pipelineIn, type PipelineOptions } from "../../../agent/src/resilience/pipeline.ts";
import { FakeAgent } from "./support/agent.ts";
import { outcome, settled, World } from "./support/world.ts";

function make(options: PipelineOptions = {}) {
  const world = new World();
  const agent = new FakeAgent();
  const payments = pipelineIn(world, "payments", { breaker: {}, timeout: {}, faults: true, agent, ...options });
  const inject = (values: Partial<FaultValues> | null, revision = 5): void => {
    for (const { steering } of agent.parts) if (steering?.faults === true) steering.fault(values, revision);
  };
  return { world, agent, payments, inject };
}

describe("failure injection", () => {
  it("fails its share of attempts, and the breaker trips on them", async () => {
    const { world, agent, payments, inject } = make({ breaker: { minimumCalls: 4 } });
    inject({ errorPermille: 500 });
    world.chance = [0.1, 0.9];
    const codes: unknown[] = [];
    for (let i = 0; i < 4; i++) codes.push(await payments.run(() => "good").catch((error: unknown) => (error as { code: string }).code));
    expect(codes).toEqual(["fault_error", "good", "fault_error", "good"]);
    expect(payments.state).toBe("open");
    expect(agent.read("fault")).toMatchObject({ active: 1, failed: 2 });
    inject(null);
    expect(agent.read("fault")).toMatchObject({ active: 0 });
  });

  it("makes attempts late, within their timeout", async () => {
    const { world, payments, inject } = make({ timeout: { attemptMs: 200, totalMs: 200 } });
    inject({ latencyPermille: 1_000, latencyMs: 100 });
    const told = outcome(payments.run(() => "late"));
    await world.advance(95);
    expect(told.done).toBe(false);
    await world.advance(20);
    expect(told.value).toBe("late");
    inject({ latencyPermille: 1_000, latencyMs: 1_000 }, 6);
    let made = 0;
    const over = outcome(payments.run(() => made++));
    await world.advance(2_000);
    expect([over.error?.code, made], "a call that was given up is not made").toEqual(["total_timeout", 0]);
  });

  it("refuses calls without the breaker seeing them", async () => {
    const { agent, payments, inject } = make();
    inject({ rejectPermille: 1_000 });
    await expect(payments.run(() => 1)).rejects.toMatchObject({ code: "fault_rejected" });
    expect(agent.read("breaker")).toMatchObject({ calls: 0 });
  });

  it("ends by itself when more calls fail than it may cost, and is not begun again by the same drill", async () => {
    const { agent, payments, inject } = make({ breaker: { minimumCalls: 1_000 } });
    inject({ errorPermille: 1_000, abortPermille: 300 });
    for (let i = 0; i < 25; i++) await payments.run(() => 1).catch(() => undefined);
    expect(agent.read("fault")).toMatchObject({ active: 0, failed: 20, aborted: 1 });
    expect(agent.told).toContainEqual({ type: "fault.aborted", data: { failurePermille: 1000, revision: 5 } });
    inject({ errorPermille: 1_000, abortPermille: 300 });
    expect(await payments.run(() => "good")).toBe("good");
  });

  it("cannot be switched on where the host did not allow it", async () => {
    const { agent, payments, inject } = make({ faults: false });
    inject({ errorPermille: 1_000 });
    await settled();
    expect(await payments.run(() => "good")).toBe("good");
    expect(agent.parts.some(({ kind, steering }) => kind === "fault" || steering?.faults === true)).toBe(false);
  });
});
