import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { onBeat } from "../../../ui/live/beat.ts";

describe("the beat of a page", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("calls everyone at the same moments, whenever they came, so that one frame draws them all", () => {
    const called: [string, number][] = [];
    const note = (name: string) => () => called.push([name, Date.now()]);
    const leave = [onBeat(500, note("half"))];
    vi.advanceTimersByTime(300);
    leave.push(onBeat(1000, note("a")), onBeat(1000, note("b")));
    vi.advanceTimersByTime(3_000);
    const at = (name: string): number[] => called.filter(([who]) => who === name).map(([, when]) => when);
    expect(at("a")).toHaveLength(3);
    expect(at("b")).toEqual(at("a"));
    expect(at("half").filter((when) => at("a").includes(when))).toEqual(at("a"));
    for (const end of leave) end();
  });

  it("stands still while nobody listens, and says nothing to one that has left, not even in the same beat", () => {
    const called: string[] = [];
    const second: (() => void)[] = [];
    const first = onBeat(500, () => {
      called.push("first");
      second[0]?.();
    });
    second.push(onBeat(500, () => called.push("second")));
    vi.advanceTimersByTime(500);
    expect(called).toEqual(["first"]);
    first();
    expect(vi.getTimerCount()).toBe(0);
  });
});
