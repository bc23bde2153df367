import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodePage } from "../../core/page.ts";
import { DEFAULT_RETENTION } from "../../core/tiers.ts";
import { seededRandom } from "../../bench/support/workload.ts";
import { createHistoryReader } from "../../server/history/history-reader.ts";
import { createLog } from "../../server/log.ts";
import { HOUR, openShop, START, type Shop } from "./history-shop.ts";

const MINUTE = 60_000;
let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.stop());

const ask = (columns: string[], from: number, to: number, stepMs: number, rest: object = {}) =>
  shop.tiers.reader.series({ environment: "production", service: "orders", columns, from, to, stepMs, ...rest });
const states = (from: number, to: number) =>
  shop.tiers.reader.states({ environment: "production", service: "orders", columns: ["state"], from, to });
const pages = () => shop.store.readStoredPages({ environment: "production", service: "orders", from: 0, to: 8e15, limit: 5_000 });

/** A sample every five seconds with some life in it; counters grow by ten each. */
function fill(from: number, to: number, who: { instance?: string; boot?: string } = {}): void {
  const random = seededRandom(7);
  for (let at = from; at < to; at += 5_000) {
    const jitter = Math.floor(random() * 400);
    const state = random() < 0.01 ? 2 : 0;
    shop.sample(
      at + jitter,
      {
        requests: ((at - START) / 5_000) * 10 + 1_000,
        inFlight: Math.floor(random() * 9),
        p99Us: 1_000 + Math.floor(random() * 300),
        state,
      },
      who,
    );
  }
}

describe("tiers of history", () => {
  it("answer from rollups exactly as they do from samples, whether those are in memory, stored or rolled up", async () => {
    fill(START, START + 3 * HOUR);
    shop.clock.advance(3 * HOUR + 10 * MINUTE);
    const columns = ["requests", "inFlight", "state", "p99Us"];
    const window = [START, START + 3 * HOUR] as const;
    const inMemory = await ask(columns, ...window, MINUTE);
    expect(inMemory.tier).toBe("1m");
    await shop.history.flush();
    const stored = await ask(columns, ...window, MINUTE);
    const stateTimes = await states(START + 17 * MINUTE + 123, START + 2 * HOUR + 3_456);
    expect(await shop.store.countDue(8e15)).toBeGreaterThan(2);
    await shop.settle();
    // The next hour has only a neighbour's mark and is not over.
    expect((await shop.store.listDue({ until: 8e15, limit: 10 })).map(({ from }) => from)).toEqual([START + 3 * HOUR]);
    const rolled = await ask(columns, ...window, MINUTE);
    const sorted = ({ series }: Awaited<ReturnType<typeof ask>>) => [...series].sort((a, b) => (a.column < b.column ? -1 : 1));
    expect(sorted(stored)).toEqual(sorted(inMemory));
    expect(sorted(rolled)).toEqual(sorted(inMemory));
    expect(rolled.series.find(({ column }) => column === "inFlight")?.points.every(([, low, high]) => low !== null && high !== null)).toBe(
      true,
    );
    expect((await states(START + 17 * MINUTE + 123, START + 2 * HOUR + 3_456)).states).toEqual(stateTimes.states);
    const hours = await ask(["requests"], ...window, HOUR);
    expect([hours.tier, hours.series[0]?.points.length]).toEqual(["1h", 3]);
    expect(hours.series[0]?.points[1]?.[1]).toBeCloseTo(2, 3);
  });

  it("answer about the hour that runs, again and again, as a reader does that begins anew", async () => {
    const columns = ["requests", "inFlight", "state", "p99Us"];
    const { store, history, clock } = shop;
    for (let minute = 0; minute < 14; minute++) {
      const from = START + minute * MINUTE;
      fill(from, from + MINUTE);
      if (minute > 4) fill(from, from + MINUTE, { instance: "orders-2", boot: minute < 9 ? "b1" : "b2" });
      // Back-filled, into minutes that were asked about.
      if (minute === 8) fill(START + 2 * MINUTE, START + 4 * MINUTE, { instance: "orders-2" });
      clock.advance(MINUTE);
      if (minute % 3 === 1) await history.flush();
      const fresh = createHistoryReader({
        store,
        held: () => history.held(),
        clock,
        log: createLog("silent"),
        retention: DEFAULT_RETENTION,
      });
      const query = { environment: "production", service: "orders", columns, from: START - HOUR, to: START + HOUR, stepMs: MINUTE };
      for (let turn = 0; turn < 2; turn++) expect(await shop.tiers.reader.series(query)).toEqual(await fresh.series(query));
      expect(await states(START, from)).toEqual(await fresh.states({ ...query, columns: ["state"], from: START, to: from }));
    }
  });

  it("keep state times exact for any window, across pages, hours and tiers", async () => {
    const random = seededRandom(3);
    const runs: { from: number; to: number; state: number }[] = [];
    let state = 0;
    let at = START;
    while (at < START + 5 * HOUR) {
      const next = at + 1_000 + Math.floor(random() * 3_000);
      shop.sample(at, { state });
      runs.push({ from: at, to: next, state });
      if (random() < 0.02) state = (state + 1) % 3;
      at = next;
    }
    shop.clock.advance(5 * HOUR + 10 * MINUTE);
    await shop.settle();
    for (let i = 0; i < 20; i++) {
      const from = START + Math.floor(random() * 2 * HOUR);
      const to = from + 1 + Math.floor(random() * 2 * HOUR);
      const wanted = new Map<string, number>();
      let transitions = 0;
      runs.forEach((run, n) => {
        const ms = Math.min(run.to, to) - Math.max(run.from, from);
        const name = ["closed", "half_open", "open"][run.state] ?? "";
        if (ms > 0) wanted.set(name, (wanted.get(name) ?? 0) + ms);
        if (n > 0 && runs[n - 1]?.state !== run.state && run.from >= from && run.from < to) transitions++;
      });
      const [found] = (await states(from, to)).states;
      expect([found?.inStateMs, found?.transitions, found?.knownMs]).toEqual([Object.fromEntries(wanted), transitions, to - from]);
    }
  });

  it("make a rollup anew when samples come late", async () => {
    fill(START, START + HOUR);
    await shop.history.flush();
    shop.clock.advance(HOUR + 10 * MINUTE);
    for (let at = START + 20 * MINUTE; at < START + 21 * MINUTE; at += 5_000) shop.sample(at, { inFlight: 500 }, { instance: "orders-2" });
    await shop.settle();
    const before = await ask(["inFlight"], START, START + HOUR, MINUTE);
    expect(before.series.find(({ instance }) => instance === "orders/orders-2")?.points[21]).toEqual([START + 21 * MINUTE, null, null]);
    for (let at = START + 21 * MINUTE; at < START + 22 * MINUTE; at += 5_000) shop.sample(at, { inFlight: 700 }, { instance: "orders-2" });
    // Not yet rolled up, and seen at once.
    const during = await ask(["inFlight"], START, START + HOUR, MINUTE);
    await shop.settle();
    const after = await ask(["inFlight"], START, START + HOUR, MINUTE);
    for (const answer of [during, after]) {
      const points = answer.series.find(({ instance }) => instance === "orders/orders-2")?.points;
      expect([points?.[20]?.[2], points?.[21]?.[2], points?.[22]?.[2]]).toEqual([500, 700, null]);
    }
    const jobs = await shop.tiers.report.jobs();
    expect(jobs).toMatchObject({ leading: true, hoursDue: 0 });
    // Two hours of two instances, and the neighbour that the first sample of all marked; then one hour again.
    expect(jobs.jobs.find(({ job }) => job === "rollup")?.state).toMatchObject({
      hours: 4,
      remade: 1,
      damagedPages: 0,
      samples: 720 + 12 + 24,
    });
  });

  it("join minute pages into longer ones that hold the same samples", async () => {
    fill(START, START + HOUR);
    shop.clock.advance(HOUR + 10 * MINUTE);
    await shop.history.flush();
    const before = (await pages()).flatMap((page) => [...decodePage(page.bytes).times]).sort((a, b) => a - b);
    const exact = await ask(["requests", "state", "p99Us"], START, START + HOUR, 5_000);
    await shop.settle();
    const after = await pages();
    expect(after.length).toBeLessThan(9);
    expect(after.flatMap((page) => [...decodePage(page.bytes).times]).sort((a, b) => a - b)).toEqual(before);
    expect((await ask(["requests", "state", "p99Us"], START, START + HOUR, 5_000)).series).toEqual(exact.series);
  });

  it("leave a gap a gap, and count no increase over it or over a restart", async () => {
    fill(START, START + 10 * MINUTE);
    fill(START + 20 * MINUTE, START + 30 * MINUTE, { boot: "b2" });
    shop.clock.advance(HOUR + 10 * MINUTE);
    await shop.settle();
    const { series } = await ask(["requests"], START, START + 30 * MINUTE, MINUTE);
    const rates = series[0]?.points.map(([, rate]) => (rate === null ? null : Math.round(rate * 10) / 10));
    expect(rates?.slice(10, 20)).toEqual(new Array(10).fill(null));
    expect(rates?.filter((rate) => rate !== null).every((rate) => Math.abs(rate - 2) < 0.3)).toBe(true);
    const hour = await ask(["requests"], START, START + HOUR, HOUR);
    expect(hour.series[0]?.points[0]?.[1]).toBeCloseTo(2, 1);
  });

  it("choose the tier by the step, and a coarser one where the finer is no longer kept", async () => {
    fill(START, START + 10 * MINUTE);
    shop.clock.stall(60 * HOUR);
    await shop.settle();
    const tierOf = async (from: number, to: number, step: number) => (await ask(["inFlight"], from, to, step)).tier;
    const now = START + 60 * HOUR;
    expect(await tierOf(now - HOUR, now, 1_000)).toBe("1s");
    expect(await tierOf(now - HOUR, now, 59_000)).toBe("1s");
    expect(await tierOf(now - HOUR, now, MINUTE)).toBe("1m");
    expect(await tierOf(now - HOUR, now, HOUR)).toBe("1h");
    expect(await tierOf(START, START + HOUR, 1_000)).toBe("1m");
    const odd = await ask(["inFlight"], START + 30_000, START + 10 * MINUTE + 1, 100_000);
    expect([odd.from, odd.to, odd.stepMs]).toEqual([START, START + 11 * MINUTE, 2 * MINUTE]);
    await shop.store.pinPages({
      id: "p",
      environment: "production",
      from: START,
      to: START + HOUR,
      instances: [],
      reason: "",
      createdAt: 0,
    });
    expect(await tierOf(START, START + HOUR, 1_000)).toBe("1s");
  });

  it("merge latencies of instances by their calls instead of averaging their percentiles", async () => {
    for (let i = 0; i < 100; i++) {
      shop.sample(START + i * 1_000, { requests: i * 99, p99Us: 10_000 });
      shop.sample(START + i * 1_000, { requests: i, p99Us: 1_000_000 }, { instance: "orders-2" });
    }
    shop.clock.advance(HOUR + 10 * MINUTE);
    await shop.settle();
    const answer = await shop.tiers.reader.latencies({
      environment: "production",
      service: "orders",
      columns: ["p99Us", "requests"],
      from: START,
      to: START + HOUR,
    });
    expect(answer.latencies).toHaveLength(1);
    const [http] = answer.latencies;
    expect(http).toMatchObject({
      service: "orders",
      resource: "http",
      column: "p99Us",
      instances: 2,
      samples: 200,
      weight: 99 * 100,
      low: 10_000,
      high: 1_000_000,
    });
    expect(http?.p90).toBeLessThan(10_400);
    expect(http?.p99).toBeLessThan(10_400);
    expect(http?.instance).toBeNull();
    const apart = await shop.tiers.reader.latencies({
      environment: "production",
      service: "orders",
      columns: ["p99Us"],
      from: START,
      to: START + HOUR,
      each: true,
    });
    expect(apart.latencies.map(({ service, instance, instances }) => [service, instance, instances])).toEqual([
      ["orders", "orders/orders-1", 1],
      ["orders", "orders/orders-2", 1],
    ]);
    expect(apart.latencies[1]?.p99).toBeGreaterThan(960_000);
  });

  it("report a damaged page, count it, leave it where it is, and go on with the rest", async () => {
    fill(START, START + HOUR);
    await shop.history.flush();
    const [first, ...rest] = await pages();
    if (!first) throw new Error("no page");
    const bytes = Uint8Array.from(first.bytes);
    bytes[9] = (bytes[9] as number) ^ 0xff;
    const lease = await shop.store.takeLease("test", "test", 60_000);
    if (!lease) throw new Error("no lease");
    const due = { environment: "production", service: "orders", instance: "orders-1", from: 0, changes: 0 };
    await shop.store.saveRolledHour(lease, {
      due,
      rows: [],
      replaced: [first.id],
      compacted: [{ ...first, bytes }],
      events: [],
      progress: { job: "test", state: {} },
    });
    const beforeRolling = await ask(["inFlight"], START, START + HOUR, MINUTE);
    expect(shop.damaged).toBe(1);
    shop.clock.advance(HOUR + 10 * MINUTE);
    await shop.settle();
    expect(shop.events.map(({ type, at, data }) => [type, at, data["tier"]])).toEqual([["history.page_damaged", first.from, "1s"]]);
    expect((await shop.tiers.report.jobs()).jobs.find(({ job }) => job === "rollup")?.state).toMatchObject({ damagedPages: 1 });
    expect((await ask(["inFlight"], START, START + HOUR, MINUTE)).series).toEqual(beforeRolling.series);
    expect((await pages()).filter((page) => page.from === first.from && page.to === first.to)).toHaveLength(1);
    expect(rest.length).toBeGreaterThan(50);
  });

  it("report a damaged rollup, and leave it out", async () => {
    fill(START, START + HOUR);
    shop.clock.advance(HOUR + 10 * MINUTE);
    await shop.settle();
    const rows = await shop.store.readRollups({
      tierMs: 60_000,
      environment: "production",
      service: "orders",
      from: 0,
      to: 8e15,
      limit: 10,
    });
    const damaged = rows
      .filter(({ kind }) => kind === "breaker")
      .map((row) => ({ ...row, bytes: row.bytes.map((byte, i) => (i === 12 ? byte ^ 1 : byte)) }));
    const lease = await shop.store.takeLease("test", "test", 60_000);
    const due = { environment: "production", service: "orders", instance: "orders-1", from: 0, changes: 0 };
    await shop.store.saveRolledHour(lease!, {
      due,
      rows: damaged,
      replaced: [],
      compacted: [],
      events: [],
      progress: { job: "test", state: {} },
    });
    const { series } = await ask(["inFlight", "state"], START, START + HOUR, MINUTE);
    expect(series.map(({ column }) => column)).toEqual(["inFlight"]);
    expect(shop.damaged).toBe(1);
  });

  it("say what each takes and will take", async () => {
    fill(START, START + 4 * HOUR);
    shop.clock.advance(4 * HOUR + 10 * MINUTE);
    await shop.settle();
    const { tiers, projectedBytes } = await shop.tiers.report.tiers();
    expect(tiers.map(({ tier, keepMs }) => [tier, keepMs / HOUR])).toEqual([
      ["1s", 48],
      ["1m", 30 * 24],
      ["1h", 400 * 24],
    ]);
    for (const { bytes, projectedBytes: projected, pages: count } of tiers) {
      expect(bytes).toBeGreaterThan(0);
      expect(count).toBeGreaterThan(0);
      expect(projected).toBeGreaterThan(bytes);
    }
    expect(tiers[0]?.projectedBytes).toBeCloseTo((tiers[0]?.bytes ?? 0) * 12, -Math.log10((tiers[0]?.bytes ?? 1) * 0.5));
    expect(projectedBytes).toBe(tiers.reduce((sum, tier) => sum + (tier.projectedBytes ?? 0), 0));
  });
});

describe("retention", () => {
  it("drops raw pages, then minutes, then hours, each when its time is over", async () => {
    fill(START, START + HOUR);
    shop.clock.advance(2 * HOUR);
    await shop.settle();
    const has = async () => (await shop.store.tierUse()).map(({ pages: count }) => count > 0);
    expect(await has()).toEqual([true, true, true]);
    shop.clock.stall(49 * HOUR);
    await shop.settle();
    expect(await has()).toEqual([false, true, true]);
    expect((await ask(["inFlight"], START, START + HOUR, 1_000)).series[0]?.points.filter(([, low]) => low !== null)).toHaveLength(60);
    shop.clock.stall(31 * 24 * HOUR);
    await shop.settle();
    expect(await has()).toEqual([false, false, true]);
    expect((await ask(["inFlight"], START, START + HOUR, 1_000)).tier).toBe("1h");
    shop.clock.stall(400 * 24 * HOUR);
    await shop.settle();
    expect(await has()).toEqual([false, false, false]);
    expect((await shop.tiers.report.jobs()).jobs.find(({ job }) => job === "retention")?.state).toMatchObject({
      droppedPages: expect.any(Number),
      droppedMinutes: 2,
      droppedHours: 2,
    });
  });

  it("keeps pinned pages until the pin is lifted", async () => {
    fill(START, START + 3 * HOUR);
    shop.clock.advance(4 * HOUR);
    await shop.store.pinPages({
      id: "incident-1",
      environment: "production",
      from: START + HOUR,
      to: START + 2 * HOUR - 1,
      instances: [],
      reason: "",
      createdAt: 0,
    });
    await shop.settle();
    shop.clock.stall(60 * HOUR);
    await shop.settle();
    const kept = await pages();
    expect(kept.length).toBeGreaterThan(3);
    expect(kept.every(({ from, to }) => to >= START + HOUR && from < START + 2 * HOUR)).toBe(true);
    await shop.store.unpinPages("incident-1");
    shop.clock.advance(HOUR);
    await shop.settle();
    expect(await pages()).toEqual([]);
  });

  it("lets samples that come after it fill gaps of a rollup, and changes nothing else", async () => {
    fill(START, START + 30 * MINUTE);
    shop.clock.advance(2 * HOUR);
    await shop.settle();
    shop.clock.stall(60 * HOUR);
    await shop.settle();
    const before = await ask(["inFlight"], START, START + HOUR, MINUTE);
    for (let at = START + 20 * MINUTE; at < START + 40 * MINUTE; at += 5_000) shop.sample(at + 7, { inFlight: 900 });
    await shop.settle();
    const after = await ask(["inFlight"], START, START + HOUR, MINUTE);
    expect(after.series[0]?.points.slice(0, 30)).toEqual(before.series[0]?.points.slice(0, 30));
    expect(after.series[0]?.points.slice(30, 41).map(([, low]) => low)).toEqual([...new Array<number>(10).fill(900), null]);
  });
});
