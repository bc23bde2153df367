import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PageError } from "../../core/page.ts";
import { decodeRollup, encodeRollup } from "../../core/rollup-page.ts";
import { coarsen, placeRollup, resourceKey, sliceRollup, type ResourceRollup } from "../../core/rollup.ts";
import { rollSamples } from "../../core/sample-roller.ts";
import { columnsOf, KINDS } from "../../protocol/kinds.ts";
import { bootsOfSamples, BREAKER, cutChunks, START } from "./rollup-arbitrary.ts";

const MINUTES = { from: START, tierMs: 60_000, size: 240 };
const HOURS = { from: START, tierMs: 3_600_000, size: 4 };
const hourGrid = (hour: number) => ({ from: START + hour * 3_600_000, tierMs: 60_000, size: 60 });
const breaker = (rollups: ReadonlyMap<string, ResourceRollup>): ResourceRollup | null => rollups.get(resourceKey(BREAKER)) ?? null;

/** Plain values, cells in order, so that two can be compared. */
function plain(rollup: ResourceRollup | null | undefined): unknown {
  return [...(rollup?.columns ?? [])].map(([name, { count, sum, low, high, seen, cells, runs }]) => [
    name,
    [...count],
    [...sum],
    [...low],
    [...high],
    [...seen],
    Array.from({ length: count.length }, (_, i) => [...(cells[i] ?? [])].sort(([a], [b]) => a - b)),
    runs,
  ]);
}

describe("a rollup", () => {
  it("of rollups equals the rollup of the samples", () => {
    fc.assert(
      fc.property(bootsOfSamples, (boots) => {
        const minutes = breaker(rollSamples(boots, MINUTES));
        expect(plain(minutes && coarsen(minutes, 240, 60))).toEqual(plain(breaker(rollSamples(boots, HOURS))));
      }),
      { numRuns: 300 },
    );
  });

  it("made hour by hour and put together equals the one made at once", () => {
    fc.assert(
      fc.property(bootsOfSamples, fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (boots, order) => {
        let whole: ResourceRollup | null = null;
        for (const hour of order) {
          const part = hourGrid(hour);
          whole = placeRollup(whole, breaker(rollSamples(boots, part)), { grid: MINUTES, part, mode: "replace" });
        }
        expect(plain(whole)).toEqual(plain(breaker(rollSamples(boots, MINUTES))));
      }),
      { numRuns: 200 },
    );
  });

  it("does not depend on where pages end", () => {
    fc.assert(
      fc.property(bootsOfSamples, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), (boots, lengths) => {
        const cut = boots.map((boot) => cutChunks(boot, lengths));
        // Calls are counted within a page, so a histogram sees the same only where it has the same weights: they are compared too.
        expect(plain(breaker(rollSamples(cut, MINUTES)))).toEqual(plain(breaker(rollSamples(boots, MINUTES))));
      }),
      { numRuns: 200 },
    );
  });

  it("gives back what was packed, for every kind of column", () => {
    fc.assert(
      fc.property(bootsOfSamples, (boots) => {
        const rollup = breaker(rollSamples(boots, MINUTES));
        if (!rollup) return;
        const bytes = encodeRollup(rollup, MINUTES);
        expect(plain(decodeRollup(bytes, { from: START, name: "payments" }))).toEqual(plain(rollup));
        const only = decodeRollup(bytes, { from: START, name: "payments" }, (column) => column === "p99Us");
        expect(plain(only)).toEqual((plain(rollup) as unknown[][]).filter(([name]) => name === "p99Us"));
      }),
      { numRuns: 300 },
    );
  });

  it("packs numbers up to the largest a sample can hold", () => {
    const times = Float64Array.from({ length: 120 }, (_, i) => START + i * 1000);
    const column = { resource: { kind: "gauge", name: "g" } as const, column: "value", values: new Float64Array(120).fill(2 ** 52) };
    column.values[7] = 1;
    const chunk = { times, seqs: times, resources: [column.resource], columns: [column] };
    const rollup = rollSamples([[{ chunk, samples: [...times.keys()] }]], MINUTES).get("gauge\ng") as ResourceRollup;
    expect(rollup.columns.get("value")?.sum[0]).toBe(Number.MAX_SAFE_INTEGER - 1);
    expect(plain(decodeRollup(encodeRollup(rollup, MINUTES), { from: START, name: "g" }))).toEqual(plain(rollup));
  });

  it("refuses a damaged page, wherever a byte is wrong", () => {
    fc.assert(
      fc.property(bootsOfSamples, fc.nat(), fc.integer({ min: 1, max: 255 }), (boots, where, flip) => {
        const rollup = breaker(rollSamples(boots, MINUTES));
        if (!rollup) return;
        const bytes = encodeRollup(rollup, MINUTES);
        bytes[where % bytes.length] = (bytes[where % bytes.length] as number) ^ flip;
        expect(() => decodeRollup(bytes, { from: START, name: "payments" })).toThrow(PageError);
      }),
    );
  });

  it("keeps count, sum, lowest and highest of a gauge, and the increases of a counter across the border of a bucket", () => {
    const times = Float64Array.of(START + 58_000, START + 59_000, START + 60_000, START + 61_000);
    const resource = { kind: "server", name: "http" } as const;
    const chunk = {
      times,
      seqs: times,
      resources: [resource],
      columns: [
        { resource, column: "requests", values: Float64Array.of(101, 111, 141, 141) },
        { resource, column: "inFlight", values: Float64Array.of(6, 0, 3, 9) },
      ],
    };
    const { columns } = rollSamples([[{ chunk, samples: [0, 1, 2, 3] }]], MINUTES).get("server\nhttp") as ResourceRollup;
    const bucket = (name: string, i: number) => {
      const column = columns.get(name);
      return [column?.count[i], column?.sum[i], column?.low[i], column?.high[i], column?.seen[i]];
    };
    expect(bucket("requests", 0)).toEqual([1, 10, 100, 100, 1000]);
    expect(bucket("requests", 1)).toEqual([2, 30, 0, 300, 2000]);
    expect(bucket("inFlight", 0)).toEqual([1, 5, 5, 5, undefined]);
    expect(bucket("inFlight", 1)).toEqual([2, 10, 2, 8, undefined]);
  });

  it("weighs a latency by the calls of its second", () => {
    const times = Float64Array.from({ length: 4 }, (_, i) => START + i * 1000);
    const resource = { kind: "server", name: "http" } as const;
    const columns = [
      { resource, column: "requests", values: Float64Array.of(1, 101, 101, 104) },
      { resource, column: "p99Us", values: Float64Array.of(9, 11, 11, 31) },
    ];
    const chunk = { times, seqs: times, resources: [resource], columns };
    const rolled = rollSamples([[{ chunk, samples: [0, 1, 2, 3] }]], MINUTES).get("server\nhttp");
    expect([...(rolled?.columns.get("p99Us")?.cells[0] ?? [])]).toEqual([
      [10, 100],
      [30, 3],
    ]);
  });

  it("that fills leaves what is there and adds only what is missing", () => {
    fc.assert(
      fc.property(bootsOfSamples, bootsOfSamples, (first, second) => {
        const [one, two] = [breaker(rollSamples(first, MINUTES)), breaker(rollSamples(second, MINUTES))];
        const filled = placeRollup(one, two, { grid: MINUTES, part: MINUTES, mode: "fill" });
        for (const { name, type } of columnsOf("breaker")) {
          if (type === "state") continue;
          for (let i = 0; i < 240; i++) {
            const kept = one?.columns.get(name)?.count[i] ?? 0;
            expect(filled?.columns.get(name)?.count[i] ?? 0).toBe(kept === 0 ? (two?.columns.get(name)?.count[i] ?? 0) : kept);
          }
        }
        expect(plain(placeRollup(filled, two, { grid: MINUTES, part: MINUTES, mode: "fill" }))).toEqual(plain(filled));
      }),
      { numRuns: 100 },
    );
  });

  it("can be cut to an hour of it", () => {
    fc.assert(
      fc.property(bootsOfSamples, fc.integer({ min: 0, max: 3 }), (boots, hour) => {
        const rollup = breaker(rollSamples(boots, MINUTES));
        if (!rollup) return;
        const sliced = sliceRollup(rollup, MINUTES, hourGrid(hour));
        expect(plain(sliced)).toEqual(plain(breaker(rollSamples(boots, hourGrid(hour)))));
      }),
    );
  });

  it("knows every kind", () => {
    expect(
      Object.values(KINDS)
        .flat()
        .filter(({ name }) => /p\d+us$/i.test(name)).length,
    ).toBeGreaterThan(8);
  });
});
