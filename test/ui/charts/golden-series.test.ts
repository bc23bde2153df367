import { describe, expect, it } from "vitest";
import { atStepEnd, counterRates, gaugeCells, goldenSeries, gridAt, joinSeries } from "../../../ui/charts/golden-series.ts";
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
  it("takes the mean of the rates of a step, and leaves a step without any as a gap", () => {
    expect(
      counterRates(
        [
          [10_000, 10, 10],
          [21_000, 2, 2],
          [29_000, 4, 4],
          [50_000, null, null],
        ],
        grid,
      ),
    ).toEqual([10, null, 3, null, null]);
  });

  it("moves stored points to the end of their step, where the grid counts them", () => {
    const answer = {
      from: 0,
      to: 20_000,
      stepMs: 10_000,
      truncated: false,
      series: [{ ...entry("orders/a", ["server", "http", "requests"], []), points: [[0, 7, 7]] as [number, number, number][] }],
    };
    expect(counterRates(atStepEnd(answer)[0]?.points ?? [], grid)).toEqual([7, null, null, null, null]);
  });

  it("keeps the highest value of a gauge in a step", () => {
    expect(
      gaugeCells(
        [
          [11_000, 3, 9],
          [19_000, 4, 5],
        ],
        grid,
      ),
    ).toEqual([null, 9, null, null, null]);
  });

  it("adds requests over instances and never averages a p99", () => {
    const points = goldenSeries(
      [
        entry("orders/a", ["server", "http", "requests"], [10, 10, 10, 10, 10]),
        entry("orders/b", ["server", "http", "requests"], [30, 30, 30, 30, 30]),
        entry("orders/a", ["server", "http", "errors"], [0, 0, 0, 0, 0]),
        entry("orders/b", ["server", "http", "errors"], [4, 4, 4, 4, 4]),
        entry("orders/a", ["server", "http", "p99Us"], [1000, 1000, 1000, 1000, 1000]),
        entry("orders/b", ["server", "http", "p99Us"], [9000, 9000, 9000, 9000, 9000]),
        entry("orders/a", ["pool", "db", "inUse"], [5, 5, 5, 5, 5]),
        entry("orders/a", ["pool", "db", "max"], [10, 10, 10, 10, 10]),
      ],
      grid,
    );
    expect(points[2]).toEqual({ at: 30_000, requests: 40, errors: 10, p99: 9, saturation: 50 });
  });

  it("has no sum of a running step before everybody is heard in it, so that it does not look like a fall", () => {
    const of = (a: (number | null)[], b: (number | null)[]) =>
      goldenSeries([entry("orders/a", ["server", "http", "requests"], a), entry("orders/b", ["server", "http", "requests"], b)], grid).map(
        ({ requests }) => requests,
      );
    expect(of([10, 10, 10, 10, 10], [30, 30, 30, 30, null])).toEqual([40, 40, 40, 40, null]);
    // Who was gone before is not waited for.
    expect(of([10, 10, 10, 10, 10], [30, 30, 30, null, null])).toEqual([40, 40, 40, 10, 10]);
    expect(of([10, 10, 10, 10, 10], [null, null, null, null, 30]).at(-1)).toBe(40);
  });

  it("puts the live values after the history and keeps what is missing between as a gap", () => {
    const history = [entry("orders/a", ["server", "http", "requests"], [null, 10])];
    const live = [
      {
        ...entry("orders/a", ["server", "http", "requests"], []),
        points: [
          [46_000, null, null],
          [47_000, 10, 10],
        ] as [number, number | null, number | null][],
      },
    ];
    expect(goldenSeries(joinSeries(history, live), grid).map((at) => at.requests)).toEqual([null, 10, null, null, 10]);
  });

  it("lets the live values replace history of the same moments", () => {
    const joined = joinSeries(
      [entry("orders/a", ["pool", "db", "inUse"], [1, 2, 3])],
      [{ ...entry("orders/a", ["pool", "db", "inUse"], []), points: [[15_000, 9, 9]] }],
    );
    expect(joined[0]?.points).toEqual([
      [10_000, 1, 1],
      [15_000, 9, 9],
    ]);
  });

  it("moves in whole steps, so that a drawn point never changes its place", () => {
    expect(gridAt(1_234_567, { windowMs: 900_000, stepMs: 10_000 })).toEqual({ from: 340_000, to: 1_240_000, stepMs: 10_000 });
    expect(gridAt(1_239_999, { windowMs: 900_000, stepMs: 10_000 }).to).toBe(1_240_000);
  });
});
