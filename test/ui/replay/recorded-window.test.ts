import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compactColumn, valueAt } from "../../../ui/replay/compact-column.ts";
import { RecordedWindow } from "../../../ui/replay/recorded-window.ts";
import { windowEnd, windowStart } from "../../../ui/replay/replay-window.ts";
import { WindowCache } from "../../../ui/replay/window-cache.ts";
import { RecordedWorld } from "./recorded-world.ts";

const FIRST = 4_000_000;
const world = new RecordedWorld({ seed: 5, from: windowStart(FIRST), seconds: 1500, instances: 2 });
const range = (index: number) => ({ from: windowStart(index), to: windowEnd(index) });
const windowAt = (index: number, pages = world.pages(range(index))) => new RecordedWindow(world.story(range(index)), pages);

describe("a recorded window", () => {
  it("holds the samples within it and no others, in order of time", () => {
    const window = windowAt(FIRST + 1);
    const times = [...window.samplesWithin(0, Infinity)].map(([page, index]) => page.times[index] ?? 0);
    expect(times.length).toBeGreaterThan(100);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
    expect(times.every((at) => at > window.from && at <= window.to)).toBe(true);
  });

  it("leaves out a damaged page, and says so", () => {
    const pages = world.pages(range(FIRST));
    const [first] = pages;
    if (!first) throw new Error("no pages");
    const bytes = first.bytes.slice();
    bytes[10] = (bytes[10] ?? 0) ^ 0xff;
    const whole = windowAt(FIRST);
    const window = windowAt(FIRST, [{ ...first, bytes }, ...pages.slice(1)]);
    expect(whole.damaged).toBe(0);
    expect(window.damaged).toBe(1);
    expect([...window.samplesWithin(0, Infinity)].length).toBeLessThan([...whole.samplesWithin(0, Infinity)].length);
  });

  it("decodes no column before it is asked for one", () => {
    const window = windowAt(FIRST);
    const pages = new Set([...window.samplesWithin(0, Infinity)].map(([page]) => page));
    expect([...pages].every((page) => page.decodedBytes === 0)).toBe(true);
    const [page] = [...pages];
    page?.unpack();
    expect(page?.decodedBytes).toBeGreaterThan(0);
    page?.release();
    expect(page?.decodedBytes).toBe(0);
  });
});

it("keeps an unpacked column in few bytes and tells the same numbers", () => {
  const numbers = fc.oneof(
    fc.constant(0),
    fc.nat(300),
    fc.integer({ min: 1e6, max: 1e6 + 70_000 }),
    fc.integer({ min: 1, max: 2 ** 53 - 1 }),
  );
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 40 }), (values) => {
      const column = compactColumn(Float64Array.from(values));
      expect(values.map((_, i) => valueAt(column, i))).toEqual(values);
    }),
  );
  expect(compactColumn(Float64Array.of(1e12, 0, 1e12 + 254)).values.byteLength).toBe(3);
});

describe("windows in memory", () => {
  const cacheOf = (mostBytes: number) => {
    const source = world.source();
    return { source, cache: new WindowCache({ source, edge: () => world.to, mostBytes }) };
  };

  it("are read once however often they are asked for at the same time", async () => {
    const { cache, source } = cacheOf(1e9);
    cache.need([FIRST]);
    const [one, other] = await Promise.all([cache.load(FIRST), cache.load(FIRST)]);
    expect(one).toBe(other);
    expect(await cache.load(FIRST)).toBe(one);
    expect(source.requests).toBe(2);
  });

  it("go in the order in which they were last used, and never while they are needed", async () => {
    const one = windowAt(FIRST).bytes;
    const { cache } = cacheOf(one * 2.5);
    for (const index of [FIRST, FIRST + 1]) await cache.load(index);
    cache.get(FIRST);
    cache.need([FIRST + 2]);
    await cache.load(FIRST + 2);
    expect([FIRST, FIRST + 1, FIRST + 2].map((index) => cache.get(index) !== undefined)).toEqual([true, false, true]);
    expect(cache.bytes).toBeLessThanOrEqual(one * 2.5);
    const needy = cacheOf(1);
    needy.cache.need([FIRST, FIRST + 1]);
    for (const index of [FIRST, FIRST + 1]) await needy.cache.load(index);
    expect(needy.cache.size).toBe(2);
    needy.cache.need([]);
    expect(needy.cache.size).toBe(0);
  });

  it("are given up while they are read, when they are not needed any more", async () => {
    const { cache } = cacheOf(1e9);
    cache.need([FIRST]);
    const reading = cache.load(FIRST);
    cache.need([]);
    await expect(reading).rejects.toThrow();
    expect(cache.size).toBe(0);
  });
});
