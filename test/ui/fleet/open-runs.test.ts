import { describe, expect, it } from "vitest";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { openRuns } from "../../../ui/frame/open-runs.ts";

let id = 0;
const event = (at: number, type: string, instance = "orders-1", name = "payments"): LoggedEvent => ({
  id: ++id,
  at,
  receivedAt: at,
  type,
  service: "orders",
  instance,
  resource: type.startsWith("breaker.") ? { kind: "breaker", name } : null,
  actor: "agent",
  data: {},
});

describe("periods with open breakers", () => {
  it("change height with each opening and closing", () => {
    expect(
      openRuns(
        [
          event(10, "breaker.opened"),
          event(20, "breaker.opened", "orders-2"),
          event(30, "breaker.closed"),
          event(40, "breaker.closed", "orders-2"),
        ],
        100,
      ),
    ).toEqual([
      { from: 10, to: 20, open: 1 },
      { from: 20, to: 30, open: 2 },
      { from: 30, to: 40, open: 1 },
    ]);
  });

  it("last until now when nothing closed them, half-open included, and count a breaker once", () => {
    expect(openRuns([event(10, "breaker.opened"), event(20, "breaker.half_opened"), event(30, "breaker.opened")], 100)).toEqual([
      { from: 10, to: 100, open: 1 },
    ]);
  });

  it("end when the instance leaves", () => {
    expect(openRuns([event(10, "breaker.opened"), event(50, "agent.left")], 100)).toEqual([{ from: 10, to: 50, open: 1 }]);
  });
});
