import { describe, expect, it } from "vitest";
import { counterRates, gaugeCells, goldenSeries, gridAt, joinSeries } from "../../../ui/charts/golden-series.ts";
import type { SeriesAnswer } from "../../../protocol/api.ts";

const grid = { from: 0, to: 50_000, stepMs: 10_000 };
type Entry = SeriesAnswer["series"][number];
const entry = (instance: string, [kind, resource, column]: [Entry["kind"], string, string], values: (number | null)[]): Entry => ({
  instance,
  resource,
  kind,
  column,
  points: values.map((value, i) => [(i + 1) * 10_000, value, value]),
});

describe("golden series", () => {
  it("turns a counter into a rate and a restart into a gap", () => {
    expect(counterRates([[10_000, 100, 100], [20_000, 200, 200], [30_000, 5, 5], [40_000, 25, 25], [50_000, null, null]], grid)).toEqual([null, 10, null, 2, null]);
  });

  it("draws nothing across a hole in the data", () => {
    expect(counterRates([[10_000, 0, 0], [50_000, 400, 400]], grid)).toEqual([null, null, null, null, null]);
  });

  it("keeps the highest value of a gauge in a step", () => {
    expect(gaugeCells([[11_000, 3, 9], [19_000, 4, 5]], grid)).toEqual([null, 9, null, null, null]);
  });

  it("adds requests over instances and never averages a p99", () => {
    const points = goldenSeries(
      [
        entry("orders/a", ["server", "http", "requests"], [0, 100, 200, 300, 400]),
        entry("orders/b", ["server", "http", "requests"], [0, 300, 600, 900, 1200]),
        entry("orders/a", ["server", "http", "errors"], [0, 0, 0, 0, 0]),
        entry("orders/b", ["server", "http", "errors"], [0, 40, 80, 120, 160]),
        entry("orders/a", ["server", "http", "p99Us"], [1000, 1000, 1000, 1000, 1000]),
        entry("orders/b", ["server", "http", "p99Us"], [9000, 9000, 9000, 9000, 9000]),
        entry("orders/a", ["pool", "db", "inUse"], [5, 5, 5, 5, 5]),
        entry("orders/a", ["pool", "db", "max"], [10, 10, 10, 10, 10]),
      ],
      grid,
    );
    expect(points[2]).toEqual({ at: 30_000, requests: 40, errors: 10, p99: 9, saturation: 50 });
  });

  it("puts the live values after the history and keeps what is missing between as a gap", () => {
    const history = [entry("orders/a", ["server", "http", "requests"], [0, 100])];
    const live = [{ ...entry("orders/a", ["server", "http", "requests"], []), points: [[46_000, 600, 600], [47_000, 610, 610]] as [number, number, number][] }];
    expect(goldenSeries(joinSeries(history, live), grid).map((at) => at.requests)).toEqual([null, 10, null, null, 10]);
  });

  it("lets the live values replace history of the same moments", () => {
    const joined = joinSeries([entry("orders/a", ["pool", "db", "inUse"], [1, 2, 3])], [{ ...entry("orders/a", ["pool", "db", "inUse"], []), points: [[15_000, 9, 9]] }]);
    expect(joined[0]?.points).toEqual([[10_000, 1, 1], [15_000, 9, 9]]);
  });

  it("moves in whole steps, so that a drawn point never changes its place", () => {
    expect(gridAt(1_234_567, { windowMs: 900_000, stepMs: 10_000 })).toEqual({ from: 340_000, to: 1_240_000, stepMs: 10_000 });
    expect(gridAt(1_239_999, { windowMs: 900_000, stepMs: 10_000 }).to).toBe(1_240_000);
  });
});
