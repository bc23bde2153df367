import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { poolBar, windowBar } from "../../../ui/charts/bars.ts";

const rate = fc.option(fc.double({ min: 0, max: 1e5, noNaN: true }), { nil: null });
const count = fc.option(fc.nat(1_000_000), { nil: null });

describe("windowBar", () => {
  it("splits the calls of a window by outcome, time-outs out of the failures", () => {
    const bar = windowBar({ calls: 412, failures: 55, timeouts: 40, rejected: 218, fallbacks: 218 }, 10);
    expect(Object.fromEntries(bar.parts.map((part) => [part.part, part.count]))).toEqual({
      ok: 1390,
      failure: 150,
      timeout: 400,
      rejected: 2180,
    });
    expect(bar.fallback.count).toBe(2180);
  });

  it("never draws outside the whole, whatever the counters claim", () => {
    fc.assert(
      fc.property(fc.record({ calls: rate, failures: rate, timeouts: rate, rejected: rate, fallbacks: rate }), (rates) => {
        const bar = windowBar(rates, 10);
        const sum = bar.parts.reduce((total, part) => total + part.share, 0);
        expect(bar.parts.every((part) => part.share >= 0)).toBe(true);
        expect(sum === 0 || Math.abs(sum - 1) < 1e-9).toBe(true);
        expect(bar.fallback.share).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("is empty, not full of ok, when nothing is known", () => {
    expect(windowBar({ calls: null, failures: null, timeouts: null, rejected: null, fallbacks: null }, 10).total).toBe(0);
  });
});

describe("poolBar", () => {
  it("ends at the limit and puts the waiters beyond it", () => {
    const bar = poolBar({ inUse: 20, idle: 0, waiting: 14, max: 20 });
    expect(bar.inUse).toBe(bar.max);
    expect(bar.waiting).toBeGreaterThan(bar.max);
    expect(bar.saturation).toBe(1);
  });

  it("draws nobody waiting when nobody waits", () => {
    const bar = poolBar({ inUse: 6, idle: 8, waiting: 0, max: 30 });
    expect(bar.waiting).toBe(bar.max);
    expect(bar.inUse).toBeLessThan(bar.idle);
    expect(bar.idle).toBeLessThan(bar.max);
  });

  it("keeps every piece inside the width", () => {
    fc.assert(
      fc.property(fc.record({ inUse: count, idle: count, waiting: count, max: count }), (pool) => {
        const bar = poolBar(pool);
        for (const end of [bar.inUse, bar.idle, bar.max, bar.waiting]) expect(end >= 0 && end <= 1.000001).toBe(true);
        expect(bar.idle).toBeGreaterThanOrEqual(bar.inUse - 1e-9);
      }),
    );
  });

  it("has no saturation without a limit", () => {
    expect(poolBar({ inUse: 3, idle: 0, waiting: 0, max: null }).saturation).toBeNull();
  });
});
