import { describe, expect, it } from "vitest";
import { formatLeft, formatMs, formatNumber, formatPermille, formatUtc } from "../../../ui/charts/format.ts";
import { areaPath, linePath, niceTop } from "../../../ui/charts/line-path.ts";

describe("numbers in words", () => {
  it("shows an unknown as a dash, never as zero", () => {
    expect([formatNumber(null), formatMs(null), formatPermille(null), formatNumber(Number.NaN)]).toEqual(["–", "–", "–", "–"]);
  });

  it("keeps the digits that tell small numbers apart", () => {
    expect([1306, 3.84, 0.25, 10.4, 0].map(formatNumber)).toEqual(["1,306", "3.8", "0.25", "10", "0"]);
    expect([640, 2, 0, 1000].map(formatPermille)).toEqual(["64", "0.2", "0", "100"]);
  });

  it("chooses the unit of a time", () => {
    expect([0.4, 412, 1940, 41_000, 240_000, 7_500_000, 3 * 86_400_000].map(formatMs)).toEqual([
      "0.4 ms",
      "412 ms",
      "1.9 s",
      "41 s",
      "4 min",
      "2 h 05",
      "3 d",
    ]);
  });

  it("counts down and never below zero", () => {
    expect([18_000, 3_420_000, 5_122_000, -5].map(formatLeft)).toEqual(["18 s", "57:00", "1:25:22", "0 s"]);
  });

  it("gives the time other logs use", () => {
    expect(formatUtc(Date.UTC(2026, 10, 15, 14, 4, 38))).toBe("2026-11-15 14:04:38 UTC");
  });
});

describe("line paths", () => {
  it("breaks at a null and draws a lone point as a dot", () => {
    expect(linePath([0, 10, null, 10], { width: 30, height: 10, top: 10 })).toBe("M0 10L10 0M30 0L30.5 0");
    expect(areaPath([10, null], { width: 10, height: 10, top: 10 })).toBe("M0 10L0 0L0.5 0L0.5 10Z");
  });

  it("ends a scale at a round number that holds every value", () => {
    expect([niceTop([1306]), niceTop([0.4]), niceTop([37, null]), niceTop([])]).toEqual([1500, 1, 40, 1]);
  });
});
