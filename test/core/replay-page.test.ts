import fc from "fast-check";
import { expect, it } from "vitest";
import { decodePage, encodePage, type PageResource } from "../../core/page.ts";
import { cutLast, cutPage } from "../../core/replay-cut.ts";
import { packWindow } from "../../core/replay-page.ts";
import { PageReader } from "../../core/replay-page-reader.ts";
import { framePages, readFramedPages } from "../../core/replay-samples.ts";
import { packNext, rolledInstance } from "../../bench/support/rolled-workload.ts";
import { columnsOf } from "../../protocol/kinds.ts";

const RESOURCES: PageResource[] = [
  { kind: "breaker", name: "payments" },
  { kind: "pool", name: "db" },
];
const NOTHING = new Uint8Array();
const COLUMNS = RESOURCES.reduce((sum, { kind }) => sum + columnsOf(kind).length, 0);

function pageOf(rows: readonly (readonly number[])[]): Uint8Array {
  return encodePage({
    resources: RESOURCES,
    times: Float64Array.from(rows, (_, i) => 1_700_000_000_000 + i * 1_000 + (i % 3)),
    seqs: Float64Array.from(rows, (_, i) => i + 5),
    read: (column, into) => rows.forEach((row, i) => (into[i] = row[column] ?? 0)),
  });
}

it("cuts a window out of a page: the same samples, and nothing else", () => {
  const rows = fc.array(fc.array(fc.constantFrom(0, 0, 1, 7, 1_000_003), { minLength: COLUMNS, maxLength: COLUMNS }), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(rows, fc.nat(45), fc.nat(45), (all, a, b) => {
      const page = decodePage(pageOf(all));
      const from = 1_700_000_000_000 + Math.min(a, b) * 1_000;
      const to = 1_700_000_000_000 + Math.max(a, b) * 1_000;
      const packed = cutPage(pageOf(all), { from, to });
      expect(packed).toEqual(packWindow(page, { from, to }));
      const wanted = [...page.times.keys()].filter((i) => (page.times[i] as number) >= from && (page.times[i] as number) <= to);
      if (packed === null) {
        expect(wanted).toEqual([]);
        return;
      }
      const cut = decodePage(packed);
      expect([...cut.times]).toEqual(wanted.map((i) => page.times[i]));
      expect([...cut.seqs]).toEqual(wanted.map((i) => page.seqs[i]));
      expect(cut.resources).toEqual(RESOURCES);
      for (const [r, resource] of RESOURCES.entries())
        for (const { name } of columnsOf(resource.kind)) {
          const whole = page.columns.find((one) => one.resource === page.resources[r] && one.column === name);
          const part = cut.columns.find((one) => one.resource === cut.resources[r] && one.column === name);
          expect(wanted.map((i) => part?.values[wanted.indexOf(i)] ?? 0)).toEqual(wanted.map((i) => whole?.values[i] ?? 0));
        }
    }),
  );
});

it("cuts a long page of a busy service to the same bytes as packing what was unpacked whole", () => {
  const { bytes, from, to } = packNext(rolledInstance(3), 1_790_000_000_000, { second: 0, seconds: 900 });
  const page = decodePage(bytes);
  const ends = fc.integer({ min: from - 5_000, max: to + 5_000 });
  fc.assert(
    fc.property(ends, fc.nat(300_000), (begin, length) => {
      const window = { from: begin, to: begin + length };
      expect(Buffer.compare(cutPage(bytes, window) ?? NOTHING, packWindow(page, window) ?? NOTHING)).toBe(0);
    }),
    {
      numRuns: 10,
      examples: [
        [from, 0],
        [to, 0],
        [from, to - from],
      ],
    },
  );
});

it("reads one value, one column, or a stretch of it, as unpacking the whole page does", () => {
  const long = fc.oneof(
    fc.array(fc.nat(3), { minLength: 1, maxLength: 60 }),
    fc.array(fc.integer({ min: 1, max: 2 ** 53 - 1 }), { minLength: 1, maxLength: 20 }),
    fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 1, maxLength: 60 }),
    fc.array(fc.nat(9), { minLength: 1, maxLength: 60 }).map((steps) => steps.map((step, i) => 1_000 + i * 50 + step)),
    fc.array(fc.nat(9), { minLength: 1, maxLength: 60 }).map((steps) => steps.map((step, i) => (i % 11 === 3 ? 0 : 500 + step))),
    fc.array(fc.nat(40), { minLength: 1, maxLength: 5 }).map((runs) => runs.flatMap((value, i) => new Array<number>(i + 9).fill(value))),
  );
  fc.assert(
    fc.property(fc.array(long, { minLength: COLUMNS, maxLength: COLUMNS }), fc.nat(), fc.nat(), (columns, at, behind) => {
      const count = Math.min(...columns.map(({ length }) => length));
      const bytes = pageOf(Array.from({ length: count }, (_, i) => columns.map((values) => values[i] ?? 0)));
      const reader = new PageReader(bytes);
      const index = at % count;
      const row = new Float64Array(COLUMNS);
      reader.readRow(
        index,
        Int32Array.from({ length: COLUMNS }, (_, i) => i),
        row,
      );
      expect([...row]).toEqual(columns.map((values) => values[index]));
      const end = index + 1 + (behind % (count - index));
      const stretch = new Float64Array(count);
      for (const [i, values] of columns.entries()) {
        expect([...(reader.readColumn(i) ?? new Float64Array(count))]).toEqual(values.slice(0, count));
        reader.readWindow(i, { first: index, end }, stretch);
        expect([...stretch.subarray(0, end - index)]).toEqual(values.slice(index, end));
      }
    }),
    { numRuns: 300 },
  );
});

it("cuts the last sample before a moment", () => {
  const bytes = pageOf(Array.from({ length: 9 }, (_, i) => new Array<number>(COLUMNS).fill(i + 1)));
  const last = cutLast(bytes, 1_700_000_004_500);
  expect(last && [...decodePage(last).times]).toEqual([1_700_000_004_001]);
  expect(last && decodePage(last).columns.every(({ values }) => values[0] === 5)).toBe(true);
  expect(cutLast(bytes, 1_699_999_999_999)).toBeNull();
});

it("frames pages of many instances and reads them back, and says when the stream is cut off", () => {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const text = (bytes: Uint8Array) => decoder.decode(bytes);
  fc.assert(
    fc.property(
      fc.array(fc.record({ key: fc.string(), boot: fc.string(), bytes: fc.uint8Array({ maxLength: 20 }) }), { maxLength: 6 }),
      fc.nat(200),
      (pages, cut) => {
        const stream = Uint8Array.from(Buffer.concat(framePages(pages, (one) => encoder.encode(one))));
        expect([...readFramedPages(stream, text)].map((page) => ({ ...page, bytes: Uint8Array.from(page.bytes) }))).toEqual(pages);
        if (cut >= stream.length) return;
        const short = stream.subarray(0, cut);
        const whole = (() => {
          try {
            return [...readFramedPages(short, text)].length;
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
            return null;
          }
        })();
        // A stream may only end between two pages.
        if (whole !== null) expect(whole).toBeLessThan(pages.length);
      },
    ),
  );
});
