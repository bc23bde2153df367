import fc from "fast-check";
import { expect, it } from "vitest";
import type { SeriesNumbers } from "../../core/series.ts";
import { seriesJson } from "../../server/history/series-json.ts";

const value = fc.oneof(
  fc.integer({ min: -20, max: 120_000 }),
  fc.constantFrom(0, -0, 9, 10, 99, 100, 999, 1_000, 9_999, 10_000, 10_001, 99_999_999, 100_000_000, 2 ** 31, 2 ** 53 - 1, 0.1, 1e21, 1e-7),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.constant(Number.NaN),
);
const list = fc.array(value, { maxLength: 60 }).map((values) => Float64Array.from(values));
const name = fc.oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.constantFrom('a "name"', "größer 🦀", "\ud800", "\n"));

it("writes an answer as JSON.stringify would, and null for what is no number", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ instance: name, resource: name, values: list, highest: fc.option(list), overMs: fc.option(list) }), {
        maxLength: 4,
      }),
      (found) => {
        const series = found.map(({ highest, overMs, values, ...names }) => ({
          ...{ ...names, kind: "breaker" as const, column: "calls", values },
          ...(highest === null ? {} : { highest }),
          ...(overMs === null ? {} : { overMs }),
        }));
        const answer: SeriesNumbers = { from: 1, to: 2, stepMs: 1_000, truncated: false, tier: "1m", cut: null, series };
        const lists = series.map((one) =>
          Object.fromEntries(Object.entries(one).map(([key, of]) => [key, of instanceof Float64Array ? [...of] : of])),
        );
        expect(seriesJson(answer).toString()).toBe(JSON.stringify({ ...answer, series: lists }));
      },
    ),
    { numRuns: 200 },
  );
  const many = { values: new Float64Array(20_000).fill(-1.2345678901234567e-300) };
  const one = { instance: "a/b", resource: "c", kind: "gauge" as const, column: "d" };
  const answer = { from: 0, to: 1, stepMs: 1, truncated: false, series: [{ ...one, ...many }] };
  expect(JSON.parse(seriesJson(answer).toString())).toEqual({ ...answer, series: [{ ...one, values: [...many.values] }] });
});
