import { describe, expect, it } from "vitest";
import { Breaker, type BreakerOptions } from "../../../agent/src/resilience/breaker.ts";
import { settingOf } from "../../../agent/src/resilience/policy-part.ts";
import { FakeAgent } from "./support/agent.ts";
import { World } from "./support/world.ts";

function make(options: BreakerOptions = {}) {
  const world = new World();
  const agent = new FakeAgent();
  const breaker = new Breaker("payments", options, settingOf({ agent, target: "bank" }, world));
  const calls = (count: number, ok: boolean, ms = 0): void => {
    for (let i = 0; i < count; i++) {
      const permit = breaker.begin();
      if (permit !== 0) breaker.end(permit, ok, ms);
    }
  };
  return { world, agent, breaker, calls };
}

describe("circuit breaker", () => {
  it("does not open on the first error, nor on any before the minimum volume", () => {
    const { breaker, calls } = make({ minimumCalls: 10 });
    calls(9, false);
    expect(breaker.state).toBe("closed");
    calls(1, false);
    expect(breaker.state).toBe("open");
  });

  it("forgets failures of long ago although no call came in between", () => {
    const { world, breaker, calls } = make({ minimumCalls: 5 });
    calls(4, false);
    world.now += 3_600_000;
    calls(1, false);
    expect(breaker.state).toBe("closed");
    expect(breaker.read().failurePermille).toBe(1000);
  });

  it("opens on a success that fills the minimum volume when enough before it failed", () => {
    const { breaker, calls } = make({ minimumCalls: 4 });
    calls(3, false);
    calls(1, true);
    expect(breaker.state).toBe("open");
  });

  it("opens when too many calls are slow", () => {
    const { breaker, calls } = make({ minimumCalls: 4, slowCallMs: 100, slowPermille: 500 });
    calls(2, true, 100);
    calls(2, true, 101);
    expect(breaker.state).toBe("open");
  });

  it("lets through only so many probes at once and rejects the others at once, without waiting for a hung one", () => {
    const { world, breaker, calls } = make({ minimumCalls: 1, openMs: 1_000, probes: 2, halfOpenMaxMs: 500 });
    calls(1, false);
    world.now += 1_000;
    const [first, second, third] = [breaker.begin(), breaker.begin(), breaker.begin()];
    expect([first !== 0, second !== 0, third]).toEqual([true, true, 0]);
    expect(breaker.state).toBe("half_open");
    world.now += 500;
    expect(breaker.state).toBe("open");
    breaker.end(first, true);
    breaker.end(second, true);
    expect(breaker.state, "hung probes that come back late decide nothing").toBe("open");
    world.now += 1_000;
    calls(2, true);
    expect(breaker.state).toBe("closed");
  });

  it("stays open longer with each failed probing, up to the most", () => {
    const { world, breaker, calls } = make({ minimumCalls: 1, openMs: 100, openBackoffPermille: 3_000, openMaxMs: 500 });
    calls(1, false);
    const waits: number[] = [];
    for (let i = 0; i < 4; i++) {
      waits.push(breaker.nextProbeMs);
      world.now += breaker.nextProbeMs;
      calls(1, false);
    }
    expect(waits).toEqual([100, 300, 500, 500]);
  });

  it("spreads the open time by chance", () => {
    const { world, breaker, calls } = make({ minimumCalls: 1, openMs: 1_000 });
    world.chance = [0.5];
    calls(1, false);
    expect(breaker.nextProbeMs).toBe(1_050);
  });

  it("stays forced open until the override ends, and shows its own state beside it", () => {
    const { world, breaker, calls, agent } = make({ minimumCalls: 1 });
    agent.part("breaker").steering?.override("forced_open", 3);
    world.now += 3_600_000;
    expect(breaker.begin()).toBe(0);
    expect([breaker.state, breaker.computedState]).toEqual(["forced_open", "closed"]);
    agent.part("breaker").steering?.override(null, 4);
    calls(1, true);
    expect(breaker.state).toBe("closed");
    expect(agent.told.map(({ type }) => type)).toEqual(["breaker.forced_open", "breaker.closed"]);
  });

  it("counts but never opens while forced closed, and judges again afterwards", () => {
    const { breaker, calls } = make({ minimumCalls: 2 });
    breaker.override("forced_closed");
    calls(10, false);
    expect([breaker.state, breaker.computedState, breaker.read().failurePermille]).toEqual(["forced_closed", "closed", 1000]);
    breaker.override(null);
    calls(1, false);
    expect(breaker.state).toBe("open");
  });

  it("lets everything through while disabled or forced closed, though it is open", () => {
    const { breaker, calls } = make({ minimumCalls: 1 });
    calls(1, false);
    for (const state of ["disabled", "forced_closed"] as const) {
      breaker.override(state);
      expect(breaker.begin()).not.toBe(0);
    }
    breaker.override(null);
    expect(breaker.begin()).toBe(0);
  });

  it("does not take calls that began under an override for probes", () => {
    const { world, breaker, calls } = make({ minimumCalls: 1, openMs: 100, probes: 1 });
    calls(1, false);
    breaker.override("forced_closed");
    const old = breaker.begin();
    breaker.override(null);
    world.now += 100;
    const probe = breaker.begin();
    breaker.end(old, false);
    expect(breaker.state).toBe("half_open");
    breaker.end(probe, true);
    expect(breaker.state).toBe("closed");
  });

  it("in shadow mode refuses nothing and counts what it would have refused", () => {
    const { breaker, calls } = make({ minimumCalls: 1, shadow: true });
    calls(1, false);
    calls(5, true);
    expect(breaker.state).toBe("open");
    expect(breaker.read()).toMatchObject({ calls: 6, rejected: 5, inFlight: 0 });
  });

  it("keeps its statistics when a change leaves the shape of the window, and starts anew when it does not", () => {
    const { breaker, calls, agent } = make({ minimumCalls: 100 });
    calls(10, false);
    agent.settings("breaker", { failurePermille: 900, openMs: 1_000 });
    expect(breaker.read().failurePermille).toBe(1000);
    agent.settings("breaker", { windowMs: 20_000 });
    expect(breaker.read().failurePermille).toBeNull();
  });

  it("applies a shorter open time to the opening that is on", () => {
    const { breaker, calls, agent } = make({ minimumCalls: 1, openMs: 60_000 });
    calls(1, false);
    agent.settings("breaker", { openMs: 500 });
    expect(breaker.nextProbeMs).toBe(500);
    expect(breaker.error.retryAfterMs).toBe(500);
  });

  it("tells each change of state with what made it", () => {
    const { world, agent, calls } = make({ minimumCalls: 2, openMs: 100, probes: 1 });
    calls(2, false);
    world.now += 100;
    calls(1, true);
    expect(agent.told).toEqual([
      { type: "breaker.opened", data: { from: "closed", to: "open", failurePermille: 1000 } },
      { type: "breaker.half_opened", data: { from: "open", to: "half_open", failurePermille: 1000 } },
      { type: "breaker.closed", data: { from: "half_open", to: "closed", failurePermille: 1000 } },
    ]);
  });

  it("is not moved by a listener that throws", () => {
    const { agent, breaker, calls } = make({ minimumCalls: 1 });
    agent.part("breaker").tell = () => {
      throw new Error("listener");
    };
    calls(1, false);
    expect(breaker.state).toBe("open");
  });

  it("stays within its bounds whatever the console says, and explains where each value comes from", () => {
    const { breaker, agent } = make({ openMs: 2_000, bounds: { openMs: [1_000, 5_000] } });
    agent.settings("breaker", { openMs: 100 });
    expect(breaker.explain().openMs).toEqual({ value: 2_000, origin: "code", revision: 0, bounds: [1_000, 5_000] });
    agent.settings("breaker", { openMs: 3_000 });
    expect(breaker.explain().openMs).toMatchObject({ value: 3_000, origin: "remote", revision: 7 });
  });
});
