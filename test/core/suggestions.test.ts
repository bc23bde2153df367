import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { poolOutlook } from "../../core/exhaustion.ts";
import { suggestFromUse, suggestSlots, suggestTimeout, type Range } from "../../core/suggestions.ts";

const WIDE: Range = [1, 600_000];
const WHEN = "last hour";
const timeout = (
  instances: readonly { instance: string; p99Us: number; usualUs: number | null }[],
  range = WIDE,
  togetherUs: number | null = null,
) => suggestTimeout({ of: "the breaker payments", when: WHEN, instances, togetherUs }, range);

const range = fc
  .tuple(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 0, max: 500_000 }))
  .map(([low, more]): Range => [low, low + more]);
const name = fc.constantFrom("orders-1", "orders-2", "orders-3", "orders-4");
const latencies = fc.array(fc.record({ instance: name, p99Us: fc.integer({ min: 0, max: 600_000_000 }), usualUs: fc.constant(null) }), {
  minLength: 1,
  maxLength: 6,
});
const loads = fc.array(
  fc.record({ instance: name, perSecond: fc.integer({ min: 0, max: 20_000 }), heldMs: fc.integer({ min: 0, max: 60_000 }) }),
  { minLength: 1, maxLength: 6 },
);

describe("a suggested timeout", () => {
  it("is twice the p99 of the worst instance, and says how", () => {
    const measured = [
      { instance: "orders-1", p99Us: 180_000, usualUs: 120_000 },
      { instance: "orders-3", p99Us: 212_000, usualUs: 140_000 },
    ];
    expect(timeout(measured, WIDE, 190_000)).toEqual({
      value: 424,
      text: "p99 of the breaker payments was 212 ms (worst of 2: orders-3, last hour; all together 190 ms; taken over the p99 of each second, so rather high: a usual second had 140 ms) × 2 = 424 ms",
    });
    expect(timeout([{ instance: "orders-1", p99Us: 180_000, usualUs: null }])?.text).toMatch(/so rather high\) × 2 = 360 ms$/);
    expect(timeout(measured, [1, 400])?.text).toMatch(/= 424 ms, but 400 ms is the most$/);
    expect(timeout([])).toBeNull();
  });

  it("stays within the bounds, and never falls when any instance is slower", () => {
    fc.assert(
      fc.property(latencies, range, fc.nat(5), fc.nat(1_000_000_000), (measured, bounds, index, more) => {
        const value = timeout(measured, bounds)?.value ?? NaN;
        const slower = measured.map((one, i) => (i === index % measured.length ? { ...one, p99Us: one.p99Us + more } : one));
        expect(value).toBeGreaterThanOrEqual(bounds[0]);
        expect(value).toBeLessThanOrEqual(bounds[1]);
        expect(Number.isSafeInteger(value)).toBe(true);
        expect(timeout(slower, bounds)?.value ?? NaN).toBeGreaterThanOrEqual(value);
      }),
    );
  });
});

describe("suggested slots", () => {
  it("follow Little's law at the busiest minute of the instance that needs the most", () => {
    const measured = [
      { instance: "orders-1", perSecond: 100, heldMs: 50 },
      { instance: "orders-3", perSecond: 80, heldMs: 212 },
    ];
    expect(suggestSlots(measured, WHEN, WIDE)).toEqual({
      value: 22,
      text: "80 calls a second in the busiest minute × 212 ms held (p99) = 17 at once (worst of 2: orders-3, last hour), × 1.25 = 22",
    });
    expect(suggestSlots([], WHEN, WIDE)).toBeNull();
  });

  it("never are fewer than the law asks for, unless the bounds say so", () => {
    fc.assert(
      fc.property(loads, range, (measured, bounds) => {
        const value = suggestSlots(measured, WHEN, bounds)?.value ?? NaN;
        const needed = Math.max(...measured.map(({ perSecond, heldMs }) => (perSecond * heldMs) / 1000));
        expect(value).toBeGreaterThanOrEqual(Math.min(needed, bounds[1]));
        expect(value).toBeGreaterThanOrEqual(bounds[0]);
        expect(value).toBeLessThanOrEqual(bounds[1]);
      }),
    );
  });

  it("follow from what was held and wanted, where nobody times the calls", () => {
    const uses = [
      { instance: "orders-2", inUse: 9, waiting: 3 },
      { instance: "orders-1", inUse: 10, waiting: 0 },
    ];
    expect(suggestFromUse(uses, WHEN, WIDE)).toEqual({
      value: 15,
      text: "at the most 9 in use + 3 waiting (worst of 2: orders-2, last hour) × 1.25 = 15",
    });
  });
});

describe("when a pool is full", () => {
  const rising = (perSecond: number, count = 30) => Array.from({ length: count }, (_, i) => ({ at: i * 1_000, inUse: 10 + perSecond * i }));

  it("is told by the line through the last minute", () => {
    const outlook = poolOutlook(rising(0.5), 50);
    expect(outlook.kind).toBe("fills");
    expect(outlook.kind === "fills" ? outlook.ms : NaN).toBeCloseTo(51_000, 0);
    expect(poolOutlook([{ at: 0, inUse: 50 }], 50)).toEqual({ kind: "full" });
  });

  it("is not told of a pool that falls, wavers, was seen too briefly or has no limit", () => {
    expect(poolOutlook(rising(-0.1), 50)).toEqual({ kind: "steady" });
    expect(
      poolOutlook(
        rising(0).map((point, i) => ({ ...point, inUse: 10 + (i % 2) * 6 })),
        50,
      ),
    ).toEqual({ kind: "steady" });
    expect(poolOutlook(rising(1, 5), 50)).toEqual({ kind: "unknown" });
    expect(poolOutlook(rising(1), null)).toEqual({ kind: "unknown" });
    expect(poolOutlook(rising(0.001), 5_000)).toEqual({ kind: "steady" });
  });

  it("comes no later when there is less room", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 500 }), (pace, room) => {
        const points = rising(pace / 10);
        const last = points.at(-1)?.inUse ?? 0;
        const [near, far] = [poolOutlook(points, last + room), poolOutlook(points, last + room * 2)];
        if (near.kind === "fills" && far.kind === "fills") expect(near.ms).toBeLessThanOrEqual(far.ms);
        expect(near.kind).not.toBe("unknown");
      }),
    );
  });
});
