import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HISTORY_MS, rateAt, ratePoints, RateRing, sumOnGrid, type RateSample } from "../../../ui/live/rates.ts";

/** Samples of one counter in slot 0; the wire's value + 1, null for unknown. */
const samples = (...pairs: (readonly [number, number | null])[]): RateSample[] =>
  pairs.map(([at, value]) => ({ at, row: Float64Array.of(value === null ? 0 : value + 1) }));

describe("a rate", () => {
  it("is the increase over the last seconds, divided by the time that really passed", () => {
    expect(rateAt(samples([0, 100], [1000, 110], [2000, 120], [3100, 151]), 0, 3000)).toBeCloseTo(51_000 / 3100);
  });

  it("is unknown before the second sample, and for a column that does not exist", () => {
    expect(rateAt(samples([0, 100]), 0)).toBeNull();
    expect(rateAt(samples([0, 100], [1000, 110]), -1)).toBeNull();
  });

  it("is unknown when the counter fell or was unknown, never negative and never huge", () => {
    expect(rateAt(samples([0, 5000], [3000, 10]), 0)).toBeNull();
    expect(rateAt(samples([0, null], [3000, 10_000]), 0)).toBeNull();
  });
});

describe("a line of rates", () => {
  it("has a gap where samples are missing, a counter fell or a value is unknown", () => {
    const points = ratePoints(samples([0, 0], [1000, 10], [7000, 70], [8000, 5], [9000, null], [10_000, 20], [11_000, 25]), 0);
    expect(points.map((point) => point.value)).toEqual([10, null, null, null, null, 5]);
    expect(points.map((point) => point.at)).toEqual([1000, 7000, 8000, 9000, 10_000, 11_000]);
  });
});

describe("the ring", () => {
  it("keeps one sample a second at most, and copies the row it is given", () => {
    const ring = new RateRing();
    const row = Float64Array.of(1);
    ring.push(1000, row);
    ring.push(1300, Float64Array.of(2));
    row[0] = 99;
    expect(ring.samples.map((sample) => [sample.at, sample.row.at(0)])).toEqual([[1000, 1]]);
  });
});

describe("two minutes in little memory", () => {
  it("are every sample of the last seconds, and before them one in three", () => {
    const ring = new RateRing();
    for (let second = 0; second <= 300; second++) ring.push(second * 1000, Float64Array.of(second + 1));
    const at = ring.samples.map((sample) => sample.at / 1000);
    expect(at.slice(-12)).toEqual([289, 290, 291, 292, 293, 294, 295, 296, 297, 298, 299, 300]);
    expect(at[0]).toBeGreaterThanOrEqual(180);
    expect(at[0]).toBeLessThan(184);
    for (let i = 1; i < at.length - 12; i++) expect((at[i] ?? 0) - (at[i - 1] ?? 0)).toBe(3);
    // Memory is used again, and nobody's row with it.
    expect(ring.samples.map((sample) => sample.row.at(0))).toEqual(at.map((second) => second + 1));
  });

  it("are whole from the moment that somebody looks closely", () => {
    const ring = new RateRing();
    for (let second = 0; second <= 60; second++) ring.push(second * 1000, Float64Array.of(1));
    expect(ring.wholeSince).toBe(47_001);
    ring.whole = true;
    for (let second = 61; second <= 120; second++) ring.push(second * 1000, Float64Array.of(1));
    expect(ring.samples.filter(({ at }) => at >= ring.wholeSince)).toHaveLength(73);
    ring.whole = false;
    ring.push(121_000, Float64Array.of(1));
    expect(ring.wholeSince).toBeGreaterThan(100_000);
  });

  const step = fc.record({
    act: fc.constantFrom("push", "push", "push", "many", "look", "prepend", "recall", "clear"),
    ms: fc.integer({ min: 100, max: 7_000 }),
    value: fc.integer({ min: 0, max: 50 }),
  });
  it("keep their order, and a line ends as one made anew would, whatever came, was recalled or was put in front", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const ring = new RateRing();
        let at = 1_000_000;
        for (const { act, ms, value } of [...steps, { act: "look", ms: 0, value: 0 }]) {
          if (act === "push") ring.push((at += ms), Float64Array.of(value));
          else if (act === "many") for (let i = 0; i < 130; i++) ring.push((at += 1000), Float64Array.of(value + i));
          else if (act === "prepend") ring.prepend([{ at: at - 400_000 + ms, row: Float64Array.of(value) }]);
          else if (act === "recall") ring.recall({ lastAt: at, read: () => [{ at, row: Float64Array.of(value) }] });
          else if (act === "clear") ring.clear();
          else {
            const anew = ratePoints(ring.samples, 0);
            expect(ring.line(0).slice(-11)).toEqual(anew.slice(-11));
            const times = ring.line(0).map((point) => point.at);
            expect(times).toEqual([...times].sort((a, b) => a - b));
          }
          const times = ring.samples.map((sample) => sample.at);
          expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
          expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeLessThanOrEqual(HISTORY_MS);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("draw a line of each second that was looked at, also when its samples are thinned", () => {
    const ring = new RateRing();
    const all: RateSample[] = [];
    for (let second = 0; second < 200; second++) {
      const sample = { at: second * 1000, row: Float64Array.of(second * second + 1) };
      all.push(sample);
      ring.push(sample.at, sample.row);
      ring.line(0);
    }
    expect(ring.line(0)).toEqual(ratePoints(all, 0).slice(-120));
  });
});

describe("a sum of lines", () => {
  const grid = { now: 10_000, count: 3, stepMs: 2000 };

  it("adds what each knew at the time", () => {
    const a = [
      { at: 5900, value: 1 },
      { at: 8000, value: 2 },
      { at: 9900, value: 3 },
    ];
    const b = [{ at: 8000, value: 10 }];
    expect(sumOnGrid([a, b], grid)).toEqual([1, 12, 13]);
  });

  it("is a gap where nobody knows, instead of zero", () => {
    expect(sumOnGrid([[{ at: 900, value: 5 }]], grid)).toEqual([null, null, null]);
    expect(sumOnGrid([[{ at: 9000, value: null }]], grid)).toEqual([null, null, null]);
    expect(sumOnGrid([], grid)).toEqual([null, null, null]);
  });
});
