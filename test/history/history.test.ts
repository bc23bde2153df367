import { pino } from "pino";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { placeResources } from "../../core/fleet.ts";
import { createHistory, type History } from "../../server/history/history.ts";
import { minuteStart } from "../../server/history/open-minutes.ts";
import type { PageQuery, SamplePage } from "../../server/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";

const MINUTE = 60_000;
const source = { environment: "production", service: "orders", instance: "orders-1", boot: "b1" };
/** Where a minute of this boot begins. */
const START = minuteStart(source, 1_790_000_040_000);
const resources = placeResources([
  { id: 0, kind: "server", name: "http" },
  { id: 1, kind: "breaker", name: "payments" },
]);
const slots = 5 + 11;

class PageShelf {
  pages: SamplePage[] = [];
  failing = false;
  /** Set: writes wait for it. */
  gate: Promise<void> | null = null;
  async putPages(pages: readonly SamplePage[]): Promise<void> {
    await this.gate;
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

/** Lets time go by in small steps, so that writes come to their end in between. */
async function pass(ms: number): Promise<void> {
  for (let gone = 0; gone < ms; gone += 1000) {
    clock.advance(1000);
    await settle();
  }
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
    const before = await again.series({
      environment: "production",
      service: "orders",
      columns: ["requests"],
      from: START,
      to: START + MINUTE,
      stepMs: MINUTE,
    });
    for (let i = 0; i < 30; i++) again.append(source, { seq: i + 1, at: START + i * 1000, row: row((i + 1) * 10, 0), slots, resources });
    expect(
      await again.series({
        environment: "production",
        service: "orders",
        columns: ["requests"],
        from: START,
        to: START + MINUTE,
        stepMs: MINUTE,
      }),
    ).toEqual(before);
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

  it("does not call newer samples durable while older ones of the boot are still in memory, and does as soon as they are not", async () => {
    append(70, START + MINUTE + 1000);
    clock.advance(2 * MINUTE + 4_000);
    append(10, START + 10_000);
    clock.advance(1_000);
    await settle();
    expect(shelf.pages.map((page) => page.lastSeq)).toEqual([10, 70]);
    expect(committed).toEqual([10, 70]);
    append(80, START + 2 * MINUTE);
    append(20, START + 20_000);
    await history.flush();
    expect(committed).toEqual([10, 70, 20, 80]);
  });

  it("seals a back-filled minute when it has been quiet, and a whole one when the back-fill goes on to the next", async () => {
    clock.advance(60 * MINUTE);
    for (let i = 0; i < 60; i++) append(i + 1, START + i * 1000);
    append(61, START + MINUTE);
    clock.advance(1_000);
    await settle();
    expect(shelf.pages.map((page) => page.samples)).toEqual([60]);
    clock.advance(3_000);
    await settle();
    expect(shelf.pages).toHaveLength(1);
    clock.advance(2_000);
    await settle();
    expect(shelf.pages.map((page) => page.samples)).toEqual([60, 1]);
    expect(committed).toEqual([60, 61]);
  });

  it("keeps at most a few minutes of a boot open, whatever times an agent claims", async () => {
    clock.advance(1000 * MINUTE);
    for (let i = 0; i < 200; i++) append(i + 1, START + i * MINUTE);
    clock.advance(1_000);
    await settle();
    expect(shelf.pages.length).toBeGreaterThanOrEqual(190);
    await history.flush();
    expect(shelf.pages.reduce((sum, page) => sum + page.samples, 0)).toBe(200);
  });

  it("spreads the ends of the minutes of many agents over the minute", () => {
    const starts = Array.from({ length: 6000 }, (_, i) => minuteStart({ ...source, instance: `orders-${i}` }, START) % MINUTE);
    const perSecond = new Array<number>(60).fill(0);
    for (const start of starts) perSecond[Math.floor(start / 1000)]!++;
    expect(Math.max(...perSecond)).toBeLessThan(180);
    expect(Math.min(...perSecond)).toBeGreaterThan(40);
  });

  it("drops the oldest pages when the store is away for too long, counts their samples, and goes on", async () => {
    let dropped = 0;
    history = createHistory({
      store: shelf,
      clock,
      log: pino({ level: "silent" }),
      waitingBytes: 400,
      dropped: (samples) => (dropped += samples),
    });
    history.onCommitted((_, seq) => committed.push(seq));
    shelf.failing = true;
    for (let minute = 0; minute < 20; minute++) {
      for (let i = 0; i < 60; i++) append(minute * 60 + i + 1, START + minute * MINUTE + i * 1000);
      await pass(MINUTE);
    }
    expect(dropped).toBeGreaterThan(0);
    expect(dropped % 60).toBe(0);
    shelf.failing = false;
    await pass(2 * MINUTE);
    const kept = shelf.pages.reduce((sum, page) => sum + page.samples, 0);
    expect(kept + dropped).toBe(1200);
    expect(committed.at(-1)).toBe(1200);
  });

  it("does not drop a page that is being written", async () => {
    let dropped = 0;
    let opened: () => void = () => undefined;
    shelf.gate = new Promise((resolve) => (opened = resolve));
    history = createHistory({
      store: shelf,
      clock,
      log: pino({ level: "silent" }),
      waitingBytes: 1,
      dropped: (samples) => (dropped += samples),
    });
    append(1, START);
    clock.advance(MINUTE + 5_000);
    await settle();
    append(2, START + MINUTE);
    append(3, START + 2 * MINUTE);
    clock.advance(2 * MINUTE + 10_000);
    opened();
    await history.flush();
    expect(shelf.pages.map((page) => page.lastSeq)).toEqual([1, 3]);
    expect(dropped).toBe(1);
  });

  it("says when closing that the store refused, and counts what is lost by it", async () => {
    let dropped = 0;
    history = createHistory({ store: shelf, clock, log: pino({ level: "silent" }), dropped: (samples) => (dropped += samples) });
    shelf.failing = true;
    append(1, START);
    await expect(history.close()).rejects.toThrow("disk full");
    expect(dropped).toBe(1);
    expect(clock.waiting).toBe(1);
  });

  it("merges a back-fill into the minutes around it, once each and in order of time", async () => {
    for (let i = 0; i < 30; i += 2) append(i + 1, START + i * 1000);
    await history.flush();
    for (let i = 1; i < 30; i += 2) append(i + 1, START + i * 1000);
    for (let i = 0; i < 30; i += 3) append(i + 1, START + i * 1000 + 7);
    await history.flush();
    const { series } = await ask(["requests"], START, START + 30_000, 30_000);
    expect(series[0]?.points).toEqual([[START, 10, 10]]);
  });

  it("keeps values beyond 32 bits, and resources that were declared within the minute", async () => {
    append(1, START, { requests: 5_000_000_000 });
    const more = placeResources([...resources, { id: 2, kind: "gauge", name: "late" }]);
    const wide = new Float64Array(slots + 1);
    wide.set(row(5_000_000_010, 0));
    wide[slots] = 42 + 1;
    history.append(source, { seq: 2, at: START + 1000, row: wide, slots: slots + 1, resources: more });
    for (const read of [
      () => ask(["requests", "value"], START, START + 2000),
      async () => (await history.flush(), ask(["requests", "value"], START, START + 2000)),
    ]) {
      const { series } = await read();
      expect(series.map((entry) => [entry.resource, ...entry.points.map((point) => point[1])])).toEqual([
        ["http", null, 10],
        ["late", null, 42],
      ]);
    }
  });

  it("answers for one kind, one resource, one instance", async () => {
    append(1, START);
    append(1, START, { boot: "b9" });
    const narrow = await history.series({
      environment: "production",
      instance: "orders/orders-1",
      kind: "breaker",
      columns: ["inFlight", "state"],
      from: START,
      to: START + MINUTE,
      stepMs: MINUTE,
    });
    expect(narrow.series.map((entry) => [entry.instance, entry.kind, entry.column])).toEqual([["orders/orders-1", "breaker", "state"]]);
    const other = await history.series({
      environment: "production",
      instance: "orders/orders-2",
      columns: ["state"],
      from: START,
      to: START + MINUTE,
      stepMs: MINUTE,
    });
    expect(other.series).toEqual([]);
    const elsewhere = await history.series({ environment: "staging", columns: ["state"], from: START, to: START + MINUTE, stepMs: MINUTE });
    expect(elsewhere.series).toEqual([]);
  });

  it("says truncated rather than carrying more points than it may", async () => {
    append(1, START);
    const answer = await ask(["requests", "errors", "inFlight", "state"], START, START + 100_000 * 1000, 1000);
    expect(answer.truncated).toBe(true);
    expect(answer.series).toHaveLength(2);
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
