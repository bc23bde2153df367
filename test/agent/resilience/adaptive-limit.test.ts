import { describe, expect, it } from "vitest";
import { AdaptiveLimit, type LimitSettings } from "../../../agent/src/resilience/adaptive-limit.ts";

const SETTINGS: LimitSettings = { minLimit: 20, maxLimit: 1_000, maxLatencyMs: 0 };

function windows(limit: AdaptiveLimit, count: number, latencyMs: number, { peak = 0.9, settings = SETTINGS } = {}): void {
  for (let i = 0; i < count; i++) limit.calibrate(latencyMs, limit.limit * peak, settings);
}

describe("adaptive limit", () => {
  it("grows while latency stays at its baseline and the limit is used, up to the maximum", () => {
    const limit = new AdaptiveLimit(SETTINGS);
    windows(limit, 10, 10);
    expect(limit.limit).toBeGreaterThan(250);
    windows(limit, 500, 10);
    expect(limit.limit).toBe(1_000);
  });

  it("does not grow while it is not used, because nothing is learnt about more", () => {
    const limit = new AdaptiveLimit(SETTINGS);
    windows(limit, 200, 10, { peak: 0.3 });
    expect(limit.limit).toBe(200);
  });

  it("shrinks when latency rises under load, down to the minimum, and grows again afterwards", () => {
    const limit = new AdaptiveLimit(SETTINGS);
    windows(limit, 60, 10);
    const before = limit.limit;
    windows(limit, 5, 60);
    expect(limit.limit).toBeLessThan(before / 2);
    windows(limit, 60, 600);
    expect(limit.limit).toBeLessThan(30);
    windows(limit, 120, 10);
    expect(limit.limit).toBeGreaterThan(200);
  });

  it("is not dragged along by an incident of an hour (failsafe-go 127)", () => {
    const limit = new AdaptiveLimit(SETTINGS);
    windows(limit, 120, 10);
    windows(limit, 3_600, 200);
    expect(limit.baselineMs).toBeLessThan(25);
    expect(limit.limit).toBeLessThan(40);
  });

  it("holds an absolute bound however slowly latency creeps up", () => {
    const settings = { ...SETTINGS, maxLatencyMs: 50 };
    const limit = new AdaptiveLimit(settings);
    // Few in flight and slower by 0.1 % each second: the trend calls every step of it normal.
    for (let i = 0, ms = 10; i < 3_600; i++, ms *= 1.001) limit.calibrate(ms, limit.limit * 0.4, settings);
    expect(limit.baselineMs).toBeLessThanOrEqual(50);
    expect(limit.limit).toBe(20);
  });

  it("follows latency that is slow with few in flight: that is the work, not the load", () => {
    const limit = new AdaptiveLimit(SETTINGS);
    windows(limit, 60, 10, { peak: 0.2 });
    windows(limit, 200, 40, { peak: 0.2 });
    expect(limit.baselineMs).toBeGreaterThan(35);
    expect(limit.limit).toBe(200);
  });

  it("learns nothing from a window in which no call ended, and survives latencies of nothing", () => {
    const limit = new AdaptiveLimit(SETTINGS);
    windows(limit, 5, NaN);
    expect([limit.limit, limit.baselineMs]).toEqual([200, NaN]);
    windows(limit, 5, 0);
    expect(limit.limit).toBeGreaterThan(200);
  });

  it("comes within new bounds at once", () => {
    const limit = new AdaptiveLimit(SETTINGS);
    limit.clamp({ ...SETTINGS, maxLimit: 50 });
    expect(limit.limit).toBe(50);
    limit.clamp({ ...SETTINGS, minLimit: 400 });
    expect(limit.limit).toBe(400);
  });
});
