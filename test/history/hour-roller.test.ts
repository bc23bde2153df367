import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DecodedPage } from "../../core/page.ts";
import type { ResourceRollup } from "../../core/rollup.ts";
import { rollSamples } from "../../core/sample-roller.ts";
import { HourRoller } from "../../server/history/hour-roller.ts";
import { inOrder } from "../../server/history/sample-order.ts";
import { bootsOfSamples, START } from "../core/rollup-arbitrary.ts";

const GRIDS = [
  { from: START, tierMs: 60_000, size: 60 },
  { from: START, tierMs: 3_600_000, size: 1 },
] as const;

interface Page {
  readonly boot: number;
  readonly chunk: DecodedPage;
}

/** Some samples of a page, as one of its own. */
function part({ chunk, boot }: Page, wanted: (place: number) => boolean): Page {
  const some = (values: Float64Array): Float64Array => values.filter((_, i) => wanted(i));
  const columns = chunk.columns.map((column) => ({ ...column, values: some(column.values) }));
  return { boot, chunk: { ...chunk, columns, times: some(chunk.times), seqs: some(chunk.seqs) } };
}

const numbers = (...weighted: [weight: number, min: number, max: number][]): fc.Arbitrary<number[]> =>
  fc.array(fc.oneof(...weighted.map(([weight, min, max]) => ({ weight, arbitrary: fc.integer({ min, max }) }))), {
    minLength: 3,
    maxLength: 30,
  });

/** The samples of each boot cut into pages, some of which share a time with the next, and some of which are written late. */
const pagesAsWritten: fc.Arbitrary<Page[]> = fc
  .tuple(bootsOfSamples, numbers([1, 1, 5]), numbers([4, 1, 1], [1, 2, 2]), numbers([3, 0, 0], [1, 1, 5]))
  .map(([boots, lengths, strides, delays]) => {
    const pages = boots.flatMap((chunks, boot) =>
      chunks.flatMap(({ chunk }) => {
        const parts: Page[] = [];
        for (let from = 0, n = 0; from < chunk.times.length; n++) {
          const stride = strides[n % strides.length] ?? 1;
          const end = from + stride * (lengths[n % lengths.length] ?? 1);
          for (let first = from; first < Math.min(from + stride, chunk.times.length); first++) {
            const [start, rest] = [from, first - from];
            parts.push(part({ boot, chunk }, (i) => i >= start && i < end && (i - start) % stride === rest));
          }
          from = end;
        }
        return parts;
      }),
    );
    const due = pages.map((page, i) => ({ page, at: i + (delays[i % delays.length] ?? 0) }));
    return due.sort((a, b) => a.at - b.at).map(({ page }) => page);
  });

function ordered(pages: readonly Page[]) {
  const boots = new Map<number, DecodedPage[]>();
  for (const { boot, chunk } of pages) boots.set(boot, [...(boots.get(boot) ?? []), chunk]);
  return [...boots].sort(([a], [b]) => a - b).map(([, chunks]) => inOrder(chunks));
}

/** Plain values, so that what is changed later does not change them. */
const plain = (rollups: ReadonlyMap<string, ResourceRollup>): unknown =>
  [...rollups].map(([key, { columns }]) => [
    key,
    [...columns].map(([name, { count, sum, low, high, seen, cells, runs }]) => [
      ...[name, ...[count, sum, low, high, seen].map((list) => [...list])],
      Array.from({ length: count.length }, (_, i) => [...(cells[i] ?? [])].sort(([a], [b]) => a - b)),
      runs,
    ]),
  ]);

describe("an hour that runs", () => {
  it("is rolled up as if anew, however pages come in and whatever is in memory", () => {
    fc.assert(
      fc.property(pagesAsWritten, fc.array(fc.constantFrom("nothing", "next", "half", "again"), { minLength: 1 }), (pages, memory) => {
        const roller = new HourRoller();
        for (let count = 0; count <= pages.length; count++) {
          const stored = pages.slice(0, count);
          const held: Page[] = [];
          const what = memory[count % memory.length];
          const near = what === "again" ? pages[count - 1] : pages[count];
          if (near && what !== "nothing") held.push(part(near, (i) => what !== "half" || i <= near.chunk.times.length / 2));
          const chunks = new Set(stored.map(({ chunk }) => chunk));
          const boots = ordered([...stored, ...held]);
          for (const grid of GRIDS)
            expect(plain(roller.roll(boots, grid, (chunk) => chunks.has(chunk)))).toEqual(plain(rollSamples(boots, grid)));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("is gone on with: a stored page is looked at once while pages come in order", () => {
    let looked = 0;
    const pages = Array.from({ length: 30 }, (_, minute): Page => {
      const resource = { kind: "server", name: "http" } as const;
      const values = Float64Array.from({ length: 60 }, (_, i) => minute * 60 + i + 1);
      const columns = [{ resource, column: "requests", values }];
      const times = Float64Array.from({ length: 60 }, (_, i) => START + minute * 60_000 + i * 1_000);
      const chunk = { times, seqs: values, resources: [resource], columns };
      Object.defineProperty(chunk, "columns", { get: () => (looked++, columns) });
      return { boot: 0, chunk };
    });
    const roller = new HourRoller();
    for (let count = 1; count <= pages.length; count++)
      for (let turn = 0; turn < 3; turn++) roller.roll(ordered(pages.slice(0, count)), GRIDS[0], () => true);
    expect(looked).toBe(pages.length);
  });
});
