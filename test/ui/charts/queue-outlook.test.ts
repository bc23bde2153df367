import { describe, expect, it } from "vitest";
import { queueOutlook } from "../../../ui/charts/queue-outlook.ts";

describe("queueOutlook", () => {
  it("says when a growing queue is full", () => {
    expect(queueOutlook({ depth: 1755, capacity: 2000, inPerSecond: 52, outPerSecond: 24 })).toEqual({ kind: "fills", ms: 8750 });
  });

  it("says when a shrinking queue is empty", () => {
    expect(queueOutlook({ depth: 100, capacity: 2000, inPerSecond: 10, outPerSecond: 20 })).toEqual({ kind: "drains", ms: 10_000 });
  });

  it("knows no time for a queue without a limit, only that it grows", () => {
    expect(queueOutlook({ depth: 10, capacity: null, inPerSecond: 5, outPerSecond: 1 })).toEqual({ kind: "grows" });
    expect(queueOutlook({ depth: 10, capacity: 0, inPerSecond: 5, outPerSecond: 1 })).toEqual({ kind: "grows" });
  });

  it("is full at its capacity whatever the rates say", () => {
    expect(queueOutlook({ depth: 2000, capacity: 2000, inPerSecond: null, outPerSecond: 50 })).toEqual({ kind: "full" });
  });

  it("makes no forecast beyond an hour", () => {
    expect(queueOutlook({ depth: 0, capacity: 1_000_000, inPerSecond: 1, outPerSecond: 0.5 })).toEqual({ kind: "steady" });
  });

  it("does not call an unknown depth empty", () => {
    expect(queueOutlook({ depth: null, capacity: 10, inPerSecond: 0, outPerSecond: 0 })).toEqual({ kind: "unknown" });
    expect(queueOutlook({ depth: 0, capacity: 10, inPerSecond: null, outPerSecond: null })).toEqual({ kind: "empty" });
    expect(queueOutlook({ depth: 4, capacity: 10, inPerSecond: null, outPerSecond: 1 })).toEqual({ kind: "unknown" });
  });
});
