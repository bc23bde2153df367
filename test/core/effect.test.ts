import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meanOf, quantileOf } from "../../core/effect.ts";

describe("what a change did", () => {
  it("adds up the instances and means over the steps that were seen", () => {
    const found = meanOf([
      {
        kind: "server",
        column: "requests",
        points: [
          [0, 10, 10],
          [5, 20, 20],
          [10, null, null],
        ],
      },
      {
        kind: "server",
        column: "requests",
        points: [
          [0, 1, 1],
          [5, 1, 1],
        ],
      },
      { kind: "queue", column: "depth", points: [[0, 2, 6]] },
      { kind: "shedder", column: "shedLow", points: [[0, 3, 3]] },
      { kind: "limiter", column: "limited", points: [[0, 4, 4]] },
    ]);
    expect([...found]).toEqual([
      ["requests", 16],
      ["queued", 4],
      ["shed", 7],
    ]);
  });

  it("knows nothing of what nobody measured, which is not zero", () => {
    expect(meanOf([{ kind: "server", column: "errors", points: [[0, null, null]] }]).has("errors")).toBe(false);
    expect(meanOf([{ kind: "server", column: "inFlight", points: [[0, 5, 5]] }]).size).toBe(0);
  });

  it("never leaves the range of what was seen", () => {
    const points = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(points, (values) => {
        const mean =
          meanOf([{ kind: "queue", column: "depth", points: values.map((value, i) => [i, value, value] as const) }]).get("queued") ?? -1;
        return mean >= Math.min(...values) * (1 - 1e-9) && mean <= Math.max(...values) * (1 + 1e-9);
      }),
    );
  });

  it("takes a quantile that was really measured", () => {
    expect([quantileOf([], 0.5), quantileOf([3], 0.99), quantileOf([1, 2, 3, 4], 0.5), quantileOf([1, 2, 3, 4], 0.99)]).toEqual([
      null,
      3,
      2,
      4,
    ]);
  });
});
