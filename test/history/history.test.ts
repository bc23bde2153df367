import { pino } from "pino";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { placeResources } from "../../core/fleet.ts";
import { createHistory, type History } from "../../server/history/history.ts";
import type { PageQuery, SamplePage } from "../../server/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";

const MINUTE = 60_000;
const START = 1_790_000_040_000 - (1_790_000_040_000 % MINUTE);
const source = { environment: "production", service: "orders", instance: "orders-1", boot: "b1" };
const resources = placeResources([
  { id: 0, kind: "server", name: "http" },
  { id: 1, kind: "breaker", name: "payments" },
]);
const slots = 5 + 11;

class PageShelf {
  pages: SamplePage[] = [];
  failing = false;
  async putPages(pages: readonly SamplePage[]): Promise<void> {
    if (this.failing) throw new Error("disk full");
    this.pages.push(...pages);
  }
  async readPages(query: PageQuery): Promise<readonly SamplePage[]> {
    return this.pages.filter((page) => page.service === query.service && page.to >= query.from && page.from <= query.to);
  }
  async listInstances(): Promise<[]> {
    return [];
  }
}

let shelf: PageShelf;
let clock: FakeClock;
let history: History;
let committed: number[];

function row(requests: number, state: number): Float64Array {
  const values = new Float64Array(slots);
  values[0] = requests + 1;
  values[2] = 3 + 1;
  values[5] = state + 1;
  return values;
}

function append(seq: number, at: number, { requests = seq * 10, state = 0, boot = "b1" } = {}): void {
  history.append({ ...source, boot }, { seq, at, row: row(requests, state), slots, resources });
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

beforeEach(() => {
  shelf = new PageShelf();
  clock = new FakeClock(START);
  committed = [];
  history = createHistory({ store: shelf, clock, log: pino({ level: "silent" }) });
  history.onCommitted((_, seq) => committed.push(seq));
});

const ask = (columns: string[], from = START, to = START + MINUTE, stepMs = 1000) =>
  history.series({ environment: "production", service: "orders", columns, from, to, stepMs });

describe("history", () => {
  it("seals a minute a while after it ended, and says what is on disk only then", async () => {
    for (let i = 0; i < 60; i++) append(i + 1, START + i * 1000);
    clock.advance(MINUTE);
    await settle();
    expect(shelf.pages).toEqual([]);
    clock.advance(20_000);
    await settle();
    expect(shelf.pages.map((page) => [page.samples, page.lastSeq])).toEqual([[60, 60]]);
    expect(committed).toEqual([60]);
  });

  it("answers from open minutes and stored pages alike", async () => {
    for (let i = 0; i < 30; i++) append(i + 1, START + i * 1000);
    const open = await ask(["requests"]);
    await history.flush();
    const stored = await ask(["requests"]);
    expect(stored).toEqual(open);
    expect(open.series[0]?.points.slice(0, 31).map((point) => point[1])).toEqual([null, ...new Array<number>(29).fill(10), null]);
  });

  it("counts a sample once however often it arrives, also after a restart of the console", async () => {
    for (let i = 0; i < 30; i++) append(i + 1, START + i * 1000);
    for (let i = 0; i < 30; i++) append(i + 1, START + i * 1000);
    await history.flush();
    expect(shelf.pages[0]?.samples).toBe(30);
    const again = createHistory({ store: shelf, clock, log: pino({ level: "silent" }) });
    const before = await again.series({ environment: "production", service: "orders", columns: ["requests"], from: START, to: START + MINUTE, stepMs: MINUTE });
    for (let i = 0; i < 30; i++) again.append(source, { seq: i + 1, at: START + i * 1000, row: row((i + 1) * 10, 0), slots, resources });
    expect(await again.series({ environment: "production", service: "orders", columns: ["requests"], from: START, to: START + MINUTE, stepMs: MINUTE })).toEqual(before);
  });

  it("draws a gap as a gap and never a rate across a restart", async () => {
    append(1, START, { requests: 100 });
    append(2, START + 1000, { requests: 110 });
    append(1, START + 5000, { requests: 3, boot: "b2" });
    append(2, START + 6000, { requests: 7, boot: "b2" });
    const { series } = await ask(["requests"], START, START + 8000);
    expect(series[0]?.points.map((point) => point[1])).toEqual([null, 10, null, null, null, null, 4, null]);
  });

  it("keeps the lowest and the highest of a gauge, and the last and highest state, in a step", async () => {
    for (const [i, state] of [0, 2, 2, 1].entries()) append(i + 1, START + i * 1000, { state });
    const { series } = await ask(["state", "inFlight"], START, START + 4000, 4000);
    expect(series.find((entry) => entry.column === "state")?.points).toEqual([[START, 1, 2]]);
    expect(series.find((entry) => entry.column === "inFlight")?.points).toEqual([[START, 3, 3]]);
  });

  it("holds pages while the store refuses them and writes them when it takes them again", async () => {
    shelf.failing = true;
    append(1, START);
    clock.advance(MINUTE + 20_000);
    await settle();
    expect(committed).toEqual([]);
    shelf.failing = false;
    clock.advance(5_000);
    await settle();
    expect(shelf.pages).toHaveLength(1);
    expect(committed).toEqual([1]);
  });

  it("does not call newer samples durable while older ones of the boot are still in memory", async () => {
    append(70, START + MINUTE + 1000);
    clock.advance(2 * MINUTE + 14_000);
    append(10, START + 10_000);
    clock.advance(1_000);
    await settle();
    expect(committed.every((seq) => seq < 10)).toBe(true);
    clock.advance(20_000);
    await settle();
    expect(shelf.pages.map((page) => page.lastSeq).sort((a, b) => a - b)).toEqual([10, 70]);
  });

  it("leaves out a damaged page and answers with the rest", async () => {
    append(1, START);
    append(2, START + 1000);
    await history.flush();
    append(3, START + MINUTE);
    append(4, START + MINUTE + 1000);
    await history.flush();
    const damaged = shelf.pages[0]!;
    damaged.bytes[3] = (damaged.bytes[3] ?? 0) ^ 0xff;
    const { series } = await ask(["inFlight"], START, START + 2 * MINUTE, MINUTE);
    expect(series[0]?.points).toEqual([
      [START, null, null],
      [START + MINUTE, 3, 3],
    ]);
  });

  it("gives the same series whatever order the samples of a boot arrive in", async () => {
    const samples = Array.from({ length: 20 }, (_, i) => i);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(samples, { minLength: 20 }), async (order) => {
        history = createHistory({ store: new PageShelf(), clock, log: pino({ level: "silent" }) });
        for (const i of order) append(i + 1, START + i * 1000);
        const { series } = await ask(["requests"], START, START + 20_000, 5000);
        expect(series[0]?.points.map((point) => point[1])).toEqual([10, 10, 10, 10]);
      }),
      { numRuns: 50 },
    );
  });
});
