import { describe, expect, it } from "vitest";
import { rateAt, ratePoints, RateRing, sumOnGrid, type RateSample } from "../../../ui/live/rates.ts";

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
