import { afterAll, beforeAll, expect, it } from "vitest";
import { selfHealthSchema } from "../../protocol/health-api.ts";
import { startTestApi, type TestApi } from "../support/test-api.ts";

let api: TestApi;
let down = false;
beforeAll(async () => {
  api = await startTestApi({
    wrapStore: (store) =>
      new Proxy(store, {
        get: (target, name) => (name === "healthy" && down ? () => Promise.reject(new Error("down")) : Reflect.get(target, name)),
      }),
  });
});
afterAll(() => api.stop());

async function read() {
  const { status, json } = await api.call("GET", "/api/v1/health/self", { as: await api.token("viewer") });
  expect(status).toBe(200);
  return selfHealthSchema.parse(json);
}

it("says what came in, what was dropped and who was put out, in the numbers that were counted", async () => {
  const before = await read();
  expect(before.dropped).toEqual({});
  api.metrics.setAgents(3);
  api.metrics.setLagMs(12);
  api.metrics.countFrame("live", 40, 120);
  api.metrics.countFrame("live", 2, 10);
  api.metrics.countFrame("backfill", 7, 30);
  api.metrics.countEvents(5);
  api.metrics.countDropped("agent-events", 4);
  api.metrics.countEvicted("browser", "slowConsumer");
  api.metrics.countEvicted("agent", "slowConsumer");
  api.metrics.countHandshakeRejected("agent", 401);
  const { agents, tickLagMs, frames, samples, frameBytes, events, dropped, evicted, refused, storeHealthy } = await read();
  expect({ agents, tickLagMs, frames, samples, frameBytes, events, dropped, evicted, refused, storeHealthy }).toEqual({
    agents: 3,
    tickLagMs: 12,
    frames: { live: 2, backfill: 1 },
    samples: { live: 42, backfill: 7 },
    frameBytes: { live: 130, backfill: 30 },
    events: 5,
    dropped: { "agent-events": 4 },
    evicted: { "browser slowConsumer": 1, "agent slowConsumer": 1 },
    refused: { "agent 401": 1 },
    storeHealthy: true,
  });
});

it("gives commits as counts up to bounds in milliseconds, the last without one", async () => {
  const before = await read();
  api.metrics.observeCommit({ ms: 3, calls: 4 });
  api.metrics.observeCommit({ ms: 20_000, calls: 1 });
  const after = await read();
  const grown = after.commits.buckets.map(({ leMs, count }, i) => [leMs, count - (before.commits.buckets[i]?.count ?? 0)]);
  expect(grown.slice(0, 4)).toEqual([
    [1, 0],
    [2.5, 0],
    [5, 1],
    [10, 1],
  ]);
  expect(grown.at(-1)).toEqual([null, 2]);
  expect(after.commits.count - before.commits.count).toBe(2);
  expect(after.commits.sumMs - before.commits.sumMs).toBeCloseTo(20_003, 3);
  expect(after.writes - before.writes).toBe(5);
});

it("still answers while the database does not, and says so", async () => {
  down = true;
  expect((await read()).storeHealthy).toBe(false);
});
