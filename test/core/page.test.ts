import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BitSink, BitSource } from "../../core/page-bits.ts";
import { readBlock } from "../../core/page-block-reader.ts";
import { readBlockAt } from "../../core/replay-block-at.ts";
import { readBlockWindow } from "../../core/replay-block-window.ts";
import { GAPS } from "../../core/page-codings.ts";
import { writeBlock } from "../../core/page-block-writer.ts";
import { crc32 } from "../../core/page-checksum.ts";
import { decodePage, encodePage, PageError } from "../../core/page.ts";
import { simulatedResources, simulateInstance, SLOTS } from "../../bench/support/workload.ts";
import { MAX_SLOT } from "../../protocol/frame.ts";
import { columnsOf, KIND_NAMES } from "../../protocol/kinds.ts";

const slot = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 20 }),
  fc.integer({ min: 0, max: 1_000_000 }),
  fc.maxSafeInteger().map((value) => Math.abs(value) % MAX_SLOT),
  fc.constant(MAX_SLOT),
  fc.constant(Number.MAX_SAFE_INTEGER),
);

function pack(values: readonly number[]): Uint8Array {
  const out = new BitSink();
  writeBlock(out, Float64Array.from(values), values.length);
  return out.bytes.slice(0, out.at);
}

function roundTrip(values: readonly number[]): number[] {
  const bytes = pack(values);
  return [...readBlock(new BitSource(bytes, 0, bytes.length), values.length)];
}

const walk = fc
  .tuple(fc.integer({ min: 0, max: 100_000 }), fc.array(fc.integer({ min: -50, max: 60 }), { minLength: 1, maxLength: 120 }))
  .map(([start, steps]) => steps.reduce<number[]>((path, step) => [...path, Math.max(0, (path.at(-1) ?? start) + step)], [start]));

describe("a block", () => {
  it("gives back whatever safe integers were put in", () => {
    fc.assert(
      fc.property(fc.array(slot, { minLength: 1, maxLength: 120 }), (values) => {
        expect(roundTrip(values)).toEqual(values);
      }),
      { numRuns: 1000 },
    );
  });

  it("gives back random walks, runs and constants", () => {
    fc.assert(
      fc.property(walk, (values) => {
        expect(roundTrip(values)).toEqual(values);
      }),
      { numRuns: 500 },
    );
    const run = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 40 })), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(run, (runs) => {
        const values = runs.flatMap(([value, length]) => new Array<number>(length).fill(value));
        expect(roundTrip(values)).toEqual(values);
      }),
    );
  });

  it("gives back counters at any pace, beyond 32 bits too, and ranges of every width", () => {
    const counter = fc.tuple(
      fc.integer({ min: 0, max: 2 ** 50 }),
      fc.integer({ min: 0, max: 27 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 90 }),
    );
    fc.assert(
      fc.property(counter, ([start, bits, shares]) => {
        const values = shares.reduce<number[]>((path, share) => [...path, (path.at(-1) ?? 0) + Math.floor(share * 2 ** bits)], [start]);
        expect(roundTrip(values)).toEqual(values);
        const range = shares.map((share) => start + Math.floor(share * 2 ** bits));
        expect(roundTrip(range)).toEqual(range);
      }),
      { numRuns: 1000 },
    );
  });

  it("keeps gaps as gaps wherever they lie, and charges little for them", () => {
    const gapped = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 50_000, max: 50_100 })), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(gapped, (stretches) => {
        const values = stretches.flatMap(([known, length, value]) => Array.from({ length }, (_, i) => (known ? value + (i % 3) : 0)));
        expect(roundTrip(values)).toEqual(values);
      }),
      { numRuns: 500 },
    );
    const quiet = Array.from({ length: 60 }, (_, i) => (i % 7 === 0 ? 50_000 + i : 0));
    expect(pack(quiet).length).toBeLessThan(25);
  });

  it("codes a steady counter by its pace, at the cost of its noise", () => {
    let total = 1_000_000;
    const steady = Array.from({ length: 60 }, (_, i) => (total += 1000 + (i % 3)));
    expect(pack(steady).length).toBeLessThan(30);
  });

  it("takes a few bytes for a state that does not change and less than a bit a sample for one that rarely does", () => {
    const size = (values: number[]): number => pack(values).length;
    expect(size(new Array<number>(60).fill(1))).toBeLessThanOrEqual(2);
    expect(size([...new Array<number>(30).fill(1), ...new Array<number>(30).fill(3)])).toBeLessThanOrEqual(6);
  });
});

/** What the encoder wants, from plain columns. */
function fromColumns<T extends object>(input: T & { readonly columns: readonly Float64Array[] }) {
  return { ...input, read: (column: number, into: Float64Array) => into.set(input.columns[column] as Float64Array) };
}

function slowCrc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

const resource = fc.record({ kind: fc.constantFrom(...KIND_NAMES), name: fc.string({ minLength: 1, maxLength: 20 }) });
const page = fc.tuple(fc.array(resource, { maxLength: 6 }), fc.integer({ min: 1, max: 70 })).chain(([resources, samples]) => {
  const width = resources.reduce((sum, entry) => sum + columnsOf(entry.kind).length, 0);
  return fc.record({
    resources: fc.constant(resources),
    times: fc.array(fc.integer({ min: -400, max: 90_000 }), { minLength: samples, maxLength: samples }).map((steps) => {
      let at = 1_790_000_000_000;
      return Float64Array.from(steps, (step) => (at += 1000 + step));
    }),
    seqs: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: samples, maxLength: samples }).map((steps) => {
      let seq = 0;
      return Float64Array.from(steps, (step) => (seq += step));
    }),
    columns: fc.array(
      fc.array(slot, { minLength: samples, maxLength: samples }).map((values) => Float64Array.from(values)),
      { minLength: width, maxLength: width },
    ),
  });
});

describe("a damaged block", () => {
  it("that holds empty stretches without end is refused, and read to no end by nobody", () => {
    for (const bytes of [Uint8Array.of(GAPS | 8, 0, 0, 0), Uint8Array.of(GAPS | 8, 0b1000_0001, 0)]) {
      expect(() => readBlock(new BitSource(bytes, 0, bytes.length), 10)).toThrow(PageError);
      expect(() => readBlockAt(new BitSource(bytes, 0, bytes.length), 10, 9)).toThrow(PageError);
    }
  });

  it("is refused or read, whatever its bytes are, and always comes to an end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 300 }), fc.nat(), (bytes, count, first) => {
        const source = (): BitSource => new BitSource(bytes, 0, bytes.length);
        const stretch = { count, first: first % count, end: count };
        for (const read of [() => readBlock(source(), count), () => readBlockWindow(source(), stretch, new Float64Array(count))])
          try {
            read();
          } catch (error) {
            expect(error).toBeInstanceOf(PageError);
          }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a page", () => {
  it("gives back times, sequences, names and every known value", () => {
    fc.assert(
      fc.property(page, (input) => {
        const decoded = decodePage(encodePage(fromColumns(input)));
        expect([...decoded.times]).toEqual([...input.times]);
        expect([...decoded.seqs]).toEqual([...input.seqs]);
        expect(decoded.resources).toEqual(input.resources);
        const known = input.columns.filter((values) => values.some((value) => value !== 0)).map((values) => [...values]);
        expect(decoded.columns.map((column) => [...column.values])).toEqual(known);
      }),
      { numRuns: 300 },
    );
  });

  it("reads a few columns without the others", () => {
    const input = {
      resources: [{ kind: "pool" as const, name: "db" }],
      times: Float64Array.from([1000, 2000]),
      seqs: Float64Array.from([1, 2]),
      columns: columnsOf("pool").map((_, i) => Float64Array.from([i + 1, i + 2])),
    };
    const decoded = decodePage(encodePage(fromColumns(input)), (_, column) => column === "waiting");
    expect(decoded.columns.map((column) => [column.column, ...column.values])).toEqual([["waiting", 3, 4]]);
  });

  it("is refused when any byte of it was changed", () => {
    fc.assert(
      fc.property(page, fc.nat(), fc.integer({ min: 1, max: 255 }), (input, where, flip) => {
        const bytes = encodePage(fromColumns(input));
        const at = where % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        expect(() => decodePage(bytes)).toThrow(PageError);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps a thousand samples at odd times of the clock exact", () => {
    let at = 1_790_000_000_000;
    const times = Float64Array.from({ length: 1000 }, (_, i) => (at += i % 97 === 0 ? 61_234 : 1000 + ((i * 7) % 5) - 2));
    const seqs = Float64Array.from({ length: 1000 }, (_, i) => i + 1 + (i > 500 ? 40 : 0));
    const values = Float64Array.from({ length: 1000 }, (_, i) => i * 3 + 1);
    const bytes = encodePage(fromColumns({ resources: [{ kind: "counter", name: "n" }], times, seqs, columns: [values] }));
    const decoded = decodePage(bytes);
    expect([decoded.times, decoded.seqs, decoded.columns[0]?.values]).toEqual([times, seqs, values]);
  });

  it("takes about half a byte a sample for a busy service, names and times included", () => {
    const simulation = simulateInstance(1);
    const rows = Array.from({ length: 60 }, () => Float64Array.from(simulation.next(), (value) => value + 1));
    const bytes = encodePage({
      resources: simulatedResources(),
      times: Float64Array.from(rows, (_, i) => 1_790_000_000_000 + i * 1000 + (i % 3)),
      seqs: Float64Array.from(rows, (_, i) => i + 1),
      read: (column, into) => rows.forEach((row, i) => (into[i] = row[column] as number)),
    });
    expect(bytes.length / (60 * SLOTS)).toBeLessThan(0.55);
  });

  it("throws nothing but its own error for a damaged page, even one whose checksum was made to fit", () => {
    fc.assert(
      fc.property(page, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 }), (input, flips) => {
        const bytes = encodePage(fromColumns(input));
        const end = bytes.length - 4;
        for (const [where, flip] of flips) bytes[where % end] = (bytes[where % end] ?? 0) ^ flip;
        const crc = crc32(bytes, end);
        for (let i = 0; i < 4; i++) bytes[end + i] = crc >>> (8 * i);
        try {
          decodePage(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(PageError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("has the checksum everybody else has", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(crc32(bytes, bytes.length)).toBe(slowCrc32(bytes));
      }),
    );
    expect(crc32(new TextEncoder().encode("123456789"), 9)).toBe(0xcbf43926);
  });

  it("is refused when it is cut short or not a page at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => decodePage(bytes)).toThrow(PageError);
      }),
    );
  });
});
