import { describe, expect, it } from "vitest";
import { decodePage, encodePage, PageError } from "../../core/page.ts";
import { encodeRollup } from "../../core/rollup-page.ts";
import { rollSamples } from "../../core/sample-roller.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/tiers.ts";
import { cachedPages, type PageSelection } from "../../server/history/page-cache.ts";
import { cachedRollups } from "../../server/history/rollup-cache.ts";
import type { FoundPage } from "../../server/store/basics.ts";
import type { RollupQuery, RollupRow } from "../../server/store/tier-store.ts";

const START = 1_790_208_000_000;
const PAGE = { environment: "production", service: "orders", boot: "b" };

function bytesOf(from: number, value: number, samples = 60): Uint8Array {
  return encodePage({
    resources: [{ kind: "server", name: "http" }],
    times: Float64Array.from({ length: samples }, (_, i) => from + i * 1000),
    seqs: Float64Array.from({ length: samples }, (_, i) => i + 1),
    read: (column, into) => into.fill(value + column),
  });
}

const selection: PageSelection = { key: "requests", wanted: (_, column) => column === "requests" };
const window = { environment: "production", service: "orders", from: START, to: START + HOUR_MS, limit: 100 };

function shelf(pages: FoundPage[]) {
  const sent: number[] = [];
  return {
    sent,
    pages,
    readPagesExcept: (query: { readonly from: number; readonly to: number }, known: readonly number[]) =>
      Promise.resolve(
        pages
          .filter(({ from, to }) => to >= query.from && from <= query.to)
          .map((page) => {
            if (known.includes(page.id)) return page.id;
            sent.push(page.id);
            return page;
          }),
      ),
  };
}

const page = (id: number, bytes = bytesOf(START + id * MINUTE_MS, id + 1)) => {
  const from = START + id * MINUTE_MS;
  return { ...PAGE, id, instance: `orders-${id % 2}`, from, to: from + 59_000, bytes };
};

describe("the cache of pages", () => {
  it("answers what was decoded before without asking for its bytes, and reads what is new or joined anew", async () => {
    const store = shelf([page(1), page(2)]);
    const read = cachedPages(store);
    const ask = async () => (await read(window, selection)).map((one) => one.decode());
    const first = await ask();
    expect(first).toEqual(store.pages.map(({ bytes }) => decodePage(bytes, selection.wanted)));
    expect(await ask()).toEqual(first);
    expect(store.sent).toEqual([1, 2]);
    store.pages.splice(0, 2, page(7));
    expect((await ask()).map(({ times }) => times[0])).toEqual([START + 7 * MINUTE_MS]);
    expect(store.sent).toEqual([1, 2, 7]);
  });

  it("keeps columns of one selection apart from those of another", async () => {
    const store = shelf([page(1)]);
    const read = cachedPages(store);
    const errors: PageSelection = { key: "errors", wanted: (_, column) => column === "errors" };
    const columns = async (wanted: PageSelection) => (await read(window, wanted)).map((one) => one.decode().columns[0]?.column);
    expect([await columns(selection), await columns(errors), await columns(selection)]).toEqual([["requests"], ["errors"], ["requests"]]);
  });

  it("stays within its bytes: what was asked for longest ago goes", async () => {
    const store = shelf([page(1), page(2), page(3)]);
    const read = cachedPages(store, 4_500);
    for (let turn = 0; turn < 2; turn++) for (const one of await read(window, selection)) one.decode();
    expect(store.sent.length).toBeGreaterThan(3);
    expect(store.sent.length).toBeLessThan(6);
  });

  it("never keeps a damaged page", async () => {
    const store = shelf([page(1, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9))]);
    const read = cachedPages(store);
    for (let turn = 0; turn < 2; turn++) {
      const [one] = await read(window, selection);
      expect(() => one?.decode()).toThrow(PageError);
    }
    expect(store.sent).toEqual([1, 1]);
  });
});

function rollupRow(instance: string, value: number): RollupRow {
  const grid = { from: START, tierMs: MINUTE_MS, size: 240 } as const;
  const chunk = decodePage(bytesOf(START, value));
  const [rollup] = rollSamples([[{ chunk, samples: [...chunk.times.keys()] }]], grid).values();
  if (!rollup) throw new Error("nothing was rolled up");
  return { ...PAGE, tierMs: MINUTE_MS, instance, from: START, kind: "server", resource: "http", bytes: encodeRollup(rollup, grid) };
}

describe("the cache of rollups", () => {
  const query: RollupQuery = { ...window, tierMs: MINUTE_MS };
  const table = (rows: RollupRow[]) => {
    const told = { rows, version: 1, sent: 0 };
    return {
      told,
      readRollupsSince: (_: RollupQuery, version: string | null) => {
        const now = String(told.version);
        if (version === now) return Promise.resolve({ version: now, due: [], rows: null });
        told.sent++;
        return Promise.resolve({ version: now, due: [], rows: told.rows.map((row) => ({ ...row, bytes: Uint8Array.from(row.bytes) })) });
      },
    };
  };

  it("reads nothing while nothing changed, and decodes only the rows that did", async () => {
    const store = table([rollupRow("orders-1", 10), rollupRow("orders-2", 20)]);
    const read = cachedRollups(store);
    const ask = async () => (await read(query, ["inFlight"])).rows.map((row) => row.decode());
    const first = await ask();
    expect((await ask()).every((rollup, i) => rollup === first[i])).toBe(true);
    expect(store.told.sent).toBe(1);
    store.told.rows[1] = rollupRow("orders-2", 30);
    store.told.version++;
    const [same, other] = await ask();
    expect(same).toBe(first[0]);
    expect(other).not.toEqual(first[1]);
    store.told.rows.pop();
    store.told.version++;
    expect(await ask()).toEqual([first[0]]);
  });

  it("keeps nothing that is larger than it may be, and lets go what was asked for longest ago", async () => {
    const store = table([rollupRow("orders-1", 10)]);
    const none = cachedRollups(store, 100);
    await none(query, ["inFlight"]);
    await none(query, ["inFlight"]);
    expect(store.told.sent).toBe(2);
    // Two answers fit, three do not.
    const two = cachedRollups(store, 25_000);
    for (const columns of [["inFlight"], ["requests"], ["errors"], ["errors"], ["inFlight"]]) await two(query, columns);
    expect(store.told.sent).toBe(2 + 4);
  });
});
