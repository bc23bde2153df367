import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addToCells, cellOf, mergeCells, quantileOf, valueOfCell, weightOf, type Cells } from "../../core/latency-histogram.ts";

const value = fc.oneof(fc.nat(100), fc.nat(10_000_000), fc.maxSafeInteger().map(Math.abs));

function cellsOf(values: readonly number[]): Cells {
  const cells: Cells = new Map();
  for (const one of values) addToCells(cells, cellOf(one), 1);
  return cells;
}

describe("a latency histogram", () => {
  it("knows any value to 3.2 percent", () => {
    fc.assert(
      fc.property(value, (one) => {
        expect(Math.abs(valueOfCell(cellOf(one)) - one)).toBeLessThanOrEqual(one * 0.032);
      }),
      { numRuns: 2000 },
    );
  });

  it("puts larger values into no lower cell", () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(cellOf(Math.min(a, b))).toBeLessThanOrEqual(cellOf(Math.max(a, b)));
      }),
    );
  });

  it("merged from parts gives the percentiles of the whole", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(1_000_000)), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (parts, quantile) => {
          const merged: Cells = new Map();
          for (const part of parts) mergeCells(merged, cellsOf(part));
          const all = parts.flat().sort((a, b) => a - b);
          expect(weightOf(merged)).toBe(all.length);
          const exact = all[Math.max(1, Math.ceil(all.length * quantile)) - 1];
          const found = quantileOf(merged, quantile);
          if (exact === undefined) expect(found).toBeNull();
          else expect(Math.abs((found as number) - exact)).toBeLessThanOrEqual(exact * 0.032);
        },
      ),
    );
  });

  it("is not an average of percentiles: one slow instance of two does not halve", () => {
    const merged: Cells = new Map();
    mergeCells(merged, new Map([[cellOf(10_000), 990]]));
    mergeCells(merged, new Map([[cellOf(1_000_000), 20]]));
    expect(quantileOf(merged, 0.99)).toBeGreaterThan(960_000);
    expect(quantileOf(merged, 0.5)).toBeLessThan(10_400);
  });
});
