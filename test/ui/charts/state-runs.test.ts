import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instanceRuns, serviceRuns, sinceWhen, type Transition } from "../../../ui/charts/state-runs.ts";

const window = { from: 0, to: 900 };
const event = (at: number, type: string, instance = "orders-1"): Transition => ({
  at,
  type,
  instance,
  resource: type.startsWith("breaker.") ? { kind: "breaker", name: "payments" } : null,
  data: {},
});

describe("instanceRuns", () => {
  it("without events holds what the instance says now", () => {
    expect(instanceRuns("payments", { instance: "orders-1", state: "closed" }, { events: [], window })).toEqual([
      { from: 0, to: 900, state: "closed" },
    ]);
  });

  it("cuts the window at each transition and infers what was before the first", () => {
    const events = [event(800, "breaker.half_opened"), event(300, "breaker.opened"), event(850, "breaker.closed")];
    expect(instanceRuns("payments", { instance: "orders-1", state: "closed" }, { events, window })).toEqual([
      { from: 0, to: 300, state: "closed" },
      { from: 300, to: 800, state: "open" },
      { from: 800, to: 850, state: "half_open" },
      { from: 850, to: 900, state: "closed" },
    ]);
  });

  it("starts the window in the state of a transition before it", () => {
    expect(instanceRuns("payments", { instance: "orders-1", state: "open" }, { events: [event(-50, "breaker.opened")], window })).toEqual([
      { from: 0, to: 900, state: "open" },
    ]);
  });

  it("ignores other breakers and other instances", () => {
    const other: Transition = { ...event(100, "breaker.opened"), resource: { kind: "breaker", name: "search" } };
    expect(
      instanceRuns(
        "payments",
        { instance: "orders-1", state: "closed" },
        { events: [other, event(100, "breaker.opened", "orders-2")], window },
      ),
    ).toHaveLength(1);
  });

  it("leaves a gap while the instance was away", () => {
    const events = [event(200, "agent.left"), event(500, "agent.joined")];
    expect(instanceRuns("payments", { instance: "orders-1", state: "closed" }, { events, window }).map((run) => run.state)).toEqual([
      "closed",
      "gap",
      "closed",
    ]);
  });

  it("covers the window without overlap for any order of events", () => {
    const type = fc.constantFrom("breaker.opened", "breaker.half_opened", "breaker.closed", "agent.left", "agent.joined");
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -100, max: 1000 }), type)), (list) => {
        const runs = instanceRuns(
          "payments",
          { instance: "orders-1", state: "closed" },
          { events: list.map(([at, kind]) => event(at, kind)), window },
        );
        expect(runs[0]?.from).toBe(0);
        expect(runs.at(-1)?.to).toBe(900);
        runs.forEach((run, i) => {
          expect(run.to).toBeGreaterThan(run.from);
          if (i > 0) expect(run.from).toBe(runs[i - 1]?.to);
        });
      }),
    );
  });
});

describe("serviceRuns", () => {
  it("shows the worst instance and merges what looks alike", () => {
    const merged = serviceRuns([
      [{ from: 0, to: 900, state: "closed" }],
      [
        { from: 0, to: 300, state: "closed" },
        { from: 300, to: 400, state: "open" },
        { from: 400, to: 900, state: "gap" },
      ],
    ]);
    expect(merged).toEqual([
      { from: 0, to: 300, state: "closed" },
      { from: 300, to: 400, state: "open" },
      { from: 400, to: 900, state: "closed" },
    ]);
  });

  it("knows when the present state began, unless it is older than the window", () => {
    expect(
      sinceWhen(
        [
          { from: 0, to: 300, state: "closed" },
          { from: 300, to: 900, state: "open" },
        ],
        window,
      ),
    ).toBe(300);
    expect(sinceWhen([{ from: 0, to: 900, state: "open" }], window)).toBeNull();
  });
});
