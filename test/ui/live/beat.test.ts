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

  it("rests while nobody can see the page, and makes up for it in one when somebody can", () => {
    const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
    vi.stubGlobal("document", page);
    let called = 0;
    const leave = onBeat(1000, () => called++);
    page.visibilityState = "hidden";
    vi.advanceTimersByTime(60_000);
    expect(called).toBe(0);
    page.visibilityState = "visible";
    page.dispatchEvent(new Event("visibilitychange"));
    expect(called).toBe(1);
    leave();
    page.dispatchEvent(new Event("visibilitychange"));
    expect(called).toBe(1);
    vi.unstubAllGlobals();
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
