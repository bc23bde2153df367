import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { placeResources } from "../../core/fleet.ts";
import { columnIndex, columnsOf } from "../../protocol/kinds.ts";
import { createHistory, type History } from "../../server/history/history.ts";
import { createTiers } from "../../server/history/tiers.ts";
import { DEFAULT_RETENTION, HOUR_MS, MINUTE_MS } from "../../core/tiers.ts";
import { effectOf } from "../../server/policy/change-effect.ts";
import { turnedUntil } from "../support/fake-clock.ts";
import { startTestApi, type TestApi } from "../support/test-api.ts";

const resources = placeResources([
  { id: 0, kind: "server", name: "http" },
  { id: 1, kind: "queue", name: "outbox" },
]);
const SLOTS = columnsOf("server").length + columnsOf("queue").length;
const slot = (kind: "server" | "queue", column: string): number =>
  (kind === "server" ? 0 : columnsOf("server").length) + columnIndex(kind, column);

let api: TestApi;
let samples: History;
beforeEach(async () => {
  api = await startTestApi();
  samples = createHistory({ store: api.store, clock: api.clock, log: api.log });
});
afterEach(async () => {
  await samples.close();
  await api.stop();
});

/** One sample a second for so long: a steady rate of requests and of errors, and a queue. */
function serve(instance: string, seconds: number, { errors, depth }: { readonly errors: number; readonly depth: number }): void {
  const boot = `boot-${instance}`;
  for (let i = 0; i < seconds; i++) {
    const at = api.clock.now() + i * 1_000;
    const before = counted.get(instance) ?? { requests: 0, errors: 0, seq: 0 };
    const now = { requests: before.requests + 100, errors: before.errors + errors, seq: before.seq + 1 };
    counted.set(instance, now);
    const row = new Float64Array(SLOTS);
    row[slot("server", "requests")] = now.requests + 1;
    row[slot("server", "errors")] = now.errors + 1;
    row[slot("queue", "depth")] = depth + 1;
    samples.append({ environment: "production", service: "catalog", instance, boot }, { seq: now.seq, at, row, slots: SLOTS, resources });
  }
}
const counted = new Map<string, { requests: number; errors: number; seq: number }>();

async function flip(instances: readonly string[]) {
  return api.policy.create({
    environment: "production",
    decision: { kind: "switch", key: "recommendations", policy: null, body: { position: "off" } },
    scope: { instances },
    reason: "errors rise",
    author: "user:Ada",
    expiresInSeconds: 3_600,
  });
}

const tiers = (retention = DEFAULT_RETENTION) =>
  createTiers({
    store: api.store,
    held: () => samples.held(),
    clock: api.clock,
    log: api.log,
    retention,
    holder: randomUUID(),
  });
const parts = (retention = DEFAULT_RETENTION) => ({ store: api.store, history: tiers(retention).reader, clock: api.clock });

describe("the effect of a change", () => {
  it("is of the same instances before and after, and of nobody else", async () => {
    counted.clear();
    api.join("catalog", "c1");
    api.join("catalog", "c2");
    serve("c1", 60, { errors: 20, depth: 400 });
    serve("c2", 60, { errors: 90, depth: 9_000 });
    api.clock.advance(60_000);
    const made = await flip(["catalog/c1"]);
    serve("c1", 60, { errors: 2, depth: 40 });
    serve("c2", 60, { errors: 90, depth: 9_000 });
    api.clock.advance(60_000);
    await samples.flush();
    const effect = await effectOf(parts(), made);
    const of = (name: string) => effect.measures.find((one) => one.name === name);
    expect(effect).toMatchObject({ flipId: made.id, afterMs: 60_000, instances: 1, endedAt: null, truncated: false });
    expect(of("errors")?.before).toBeCloseTo(20, 5);
    // The first step after has one increase of before in it.
    expect(of("errors")?.after).toBeLessThan(3);
    expect(of("requests")?.after).toBeCloseTo(100, 5);
    expect(of("queued")).toEqual({ name: "queued", before: 400, after: 40 });
  });

  it("is told from the whole minutes around it when its seconds are gone, and not at all from hours", async () => {
    counted.clear();
    api.join("catalog", "c1");
    // Half a minute into a minute: that minute is neither before nor after.
    api.clock.advance(MINUTE_MS - (api.clock.now() % MINUTE_MS));
    serve("c1", 150, { errors: 20, depth: 400 });
    api.clock.advance(150_000);
    const made = await flip(["catalog/c1"]);
    serve("c1", 150, { errors: 2, depth: 40 });
    api.clock.advance(3 * HOUR_MS);
    await samples.flush();
    const { runner } = tiers();
    await turnedUntil(runner.runNow(), api.clock);
    const exact = await effectOf(parts(), made);
    expect(exact.tier).toBe("1s");
    const minutes = await effectOf(parts({ ...DEFAULT_RETENTION, "1s": HOUR_MS }), made);
    expect(minutes.tier).toBe("1m");
    expect(minutes.measures.find(({ name }) => name === "errors")).toMatchObject({ before: 20, after: 2 });
    expect(minutes.measures.find(({ name }) => name === "queued")).toEqual({ name: "queued", before: 400, after: 40 });
    const hours = await effectOf(parts({ ...DEFAULT_RETENTION, "1s": HOUR_MS, "1m": HOUR_MS }), made);
    expect([hours.tier, hours.measures]).toEqual(["1h", []]);
    await runner.stop();
  });

  it("counts breakers that opened, only of the instances it hit", async () => {
    api.join("catalog", "c1");
    const opened = async (instance: string, at: number) => {
      await api.store.appendAgentEvents([
        {
          environment: "production",
          service: "catalog",
          instance,
          boot: randomUUID(),
          receivedAt: at,
          skewMs: 0,
          events: [{ seq: 1, at, type: "breaker.opened", resource: { kind: "breaker", name: "db" }, data: {} }],
        },
      ]);
    };
    const start = api.clock.now();
    for (const offset of [1_000, 30_000, 59_999]) await opened("c1", start + offset);
    await opened("c2", start + 2_000);
    api.clock.advance(60_000);
    const made = await flip(["catalog/c1"]);
    await opened("c1", api.clock.now() + 5_000);
    api.clock.advance(30_000);
    expect(await effectOf(parts(), made)).toMatchObject({ afterMs: 30_000, measures: [{ name: "opens", before: 3, after: 1 }] });
  });

  it("does not count what came after it had ended", async () => {
    api.join("catalog", "c1");
    const made = await flip(["catalog/c1"]);
    api.clock.advance(10_000);
    const ended = await api.policy.revert(made.id, { actor: "user:Ada", reason: "well again" });
    api.clock.advance(120_000);
    expect(await effectOf(parts(), ended)).toMatchObject({ afterMs: 10_000, endedAt: ended.endedAt, measures: [] });
  });

  it("is asked for over HTTP, as is a probe of the way to the agents", async () => {
    api.join("catalog", "c1");
    const made = await flip(["catalog/c1"]);
    const as = await api.token("viewer");
    expect((await api.call("GET", `/api/v1/changes/${made.id}/effect`, { as })).json).toMatchObject({ flipId: made.id, instances: 1 });
    expect((await api.call("GET", "/api/v1/changes/nothing/effect", { as })).json).toMatchObject({ code: "flip_unknown" });
    expect((await api.call("GET", "/api/v1/probe", { as })).json).toMatchObject({
      asked: 3,
      answered: 2,
      p50Ms: 2,
      lastMs: 4,
      silent: ["orders/orders-3"],
      absent: 0,
    });
  });
});
