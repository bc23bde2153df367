import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFleet, foldFleet, placeResources, slotCount, type FleetState } from "../../core/fleet.ts";
import { decodePage } from "../../core/page.ts";
import { readFramedPages } from "../../core/replay-samples.ts";
import { columnsOf } from "../../protocol/kinds.ts";
import type { LiveResource } from "../../protocol/live.ts";
import { wholeChanges } from "../../core/replay-story.ts";
import { REPLAY_WINDOW_MS, type RecordedInstance, type ReplayStory } from "../../protocol/replay-api.ts";
import type { FleetLink } from "../../server/fleet/live-fleet.ts";
import { createHistory, type History } from "../../server/history/history.ts";
import { createReplay } from "../../server/replay/replay.ts";
import { readSamplePart, type SamplePart } from "../../server/replay/sample-parts.ts";
import { seededRandom } from "../../bench/support/workload.ts";
import { declaredPolicy, RECOMMENDATIONS, startTestApi, type TestApi } from "../support/test-api.ts";
import { log } from "./recorded-shop.ts";

const RESOURCES: LiveResource[] = [
  { id: 0, kind: "server", name: "http" },
  { id: 1, kind: "breaker", name: "payments" },
];
const SLOTS = slotCount(RESOURCES);
const environment = "production";

let api: TestApi;
let history: History;
let token: string;
beforeEach(async () => {
  api = await startTestApi({ held: () => history.held() });
  history = createHistory({ store: api.store, clock: api.clock, log });
  token = await api.token("viewer");
});
afterEach(async () => {
  await history.close();
  await api.stop();
});

/** One connection whose samples go to the fleet and into history, as the gateway does it. */
class Agent {
  readonly #link: FleetLink;
  readonly #source: { environment: string; service: string; instance: string; boot: string };
  readonly row = new Float64Array(SLOTS);
  #seq = 0;

  constructor(service: string, instance: string, boot = "b1") {
    this.#source = { environment, service, instance, boot };
    this.#link = api.fleet.connect(this.#source, {
      boot,
      version: "1.0.0",
      labels: {},
      agentVersion: "1",
      runtime: "node",
      clockSkewMs: 0,
      policyRevision: 0,
    });
    this.#link.declared(RESOURCES, [RECOMMENDATIONS]);
  }

  get link(): FleetLink {
    return this.#link;
  }

  sample(changes: Record<number, number>): void {
    const at = api.clock.now();
    const slots = Object.entries(changes).flatMap(([slot, value]) => [Number(slot), value]);
    for (let i = 0; i < slots.length; i += 2) this.row[slots[i] as number] = slots[i + 1] as number;
    this.#link.sampled(at, slots);
    history.append(this.#source, { seq: ++this.#seq, at, row: this.row, slots: SLOTS, resources: placeResources(RESOURCES) });
  }
}

const story = async (from: number, to: number): Promise<ReplayStory> => {
  const { status, json } = await api.call("GET", `/api/v1/replay/story?from=${from}&to=${to}`, { as: token });
  expect(status).toBe(200);
  return json as ReplayStory;
};

/** Every part of the samples of a window. */
async function samples(from: number, to: number, rest = "") {
  const decoder = new TextDecoder();
  const pages: { key: string; boot: string; page: ReturnType<typeof decodePage> }[] = [];
  let cursor = "";
  let parts = 0;
  do {
    const response = await fetch(`${api.url}/api/v1/replay/samples?from=${from}&to=${to}${rest}${cursor && `&cursor=${cursor}`}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    const bytes = new Uint8Array(await response.arrayBuffer());
    for (const { key, boot, bytes: page } of readFramedPages(bytes, (text) => decoder.decode(text)))
      pages.push({ key, boot, page: decodePage(page) });
    cursor = response.headers.get("holdfast-next-cursor") ?? "";
    parts++;
  } while (cursor !== "");
  return { pages, parts };
}

type Happening = { readonly at: number; readonly apply: (fleet: FleetState) => void };

/** Everything in a window that changes the fleet, in order. */
function happenings(told: ReplayStory, pages: Awaited<ReturnType<typeof samples>>["pages"]): Happening[] {
  const known = (fleet: FleetState, instance: RecordedInstance) =>
    foldFleet(fleet, { type: "described", instance: { ...instance, row: Array.from(fleet.instances.get(instance.key)?.row ?? []) } });
  const all: Happening[] = wholeChanges(told).map(({ at, instances, forgotten }) => ({
    at,
    apply: (fleet) => {
      for (const instance of instances) known(fleet, instance);
      for (const key of forgotten) foldFleet(fleet, { type: "forgotten", key });
    },
  }));
  for (const { key, page } of pages)
    page.times.forEach((at, i) => {
      const slots: number[] = [];
      let offset = 0;
      for (const resource of page.resources) {
        columnsOf(resource.kind).forEach(({ name }, place) => {
          const column = page.columns.find((one) => one.resource === resource && one.column === name);
          slots.push(offset + place, column?.values[i] ?? 0);
        });
        offset += columnsOf(resource.kind).length;
      }
      all.push({ at, apply: (fleet) => foldFleet(fleet, { type: "sampled", key, at, slots }) });
    });
  return all.sort((a, b) => a.at - b.at);
}

const seen = (fleet: FleetState) =>
  [...fleet.instances.values()]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ key, boot, connectedAt, disconnectedAt, left, policyRevision, lastFrameAt, switches, row }) => {
      const position = switches.map((declared) => declared.position).join();
      return { key, boot, connectedAt, disconnectedAt, left, policyRevision, lastFrameAt, position, row: Array.from(row.slice(0, SLOTS)) };
    });

describe("replay over HTTP", () => {
  it("shows at every recorded moment what was live then, from pages that are stored and pages that are still in memory", async () => {
    const random = seededRandom(11);
    const agents = ["a", "b", "c"].map((name) => new Agent("orders", name));
    const moments = new Map<number, ReturnType<typeof seen>>();
    const start = api.clock.now();
    for (let second = 0; second < 240; second++) {
      for (const agent of agents) agent.sample({ 0: second + 1, 2: Math.floor(random() * 9) + 1, 5: random() < 0.1 ? 3 : 1 });
      if (second === 50) agents[1]?.link.switchMoved("recommendations", "off");
      if (second === 90) agents[0]?.link.policyApplied(4);
      if (second === 130) agents.splice(0, 1)[0]?.link.closed("lost");
      if (second === 150) agents.push(new Agent("orders", "a", "b2"));
      // The first two minutes are on disk, the rest is not.
      if (second === 120) await history.flush();
      api.clock.advance(1_000);
      await api.recorder.flush();
      if (second % 20 === 19) moments.set(api.clock.now() - 1, structuredClone(seen(api.fleet.fleet(environment))));
    }
    expect(history.held().length).toBeGreaterThan(0);
    const from = start + 5_000;
    const told = await story(from, api.clock.now());
    const { pages } = await samples(from, api.clock.now());
    const fleet = createFleet();
    foldFleet(fleet, { type: "replaced", instances: told.instances.map((one) => ({ ...one, row: [] })), revision: told.revision });
    const waiting = happenings(told, pages);
    for (const [at, live] of moments) {
      while (waiting[0] && waiting[0].at <= at) waiting.shift()?.apply(fleet);
      expect(seen(fleet), `at ${at - start}`).toEqual(live);
    }
    expect(told.recordedFrom).toBeLessThanOrEqual(start + 1_000);
  }, 30_000);

  it("says what moved of many alike once, and not who they are again", async () => {
    const agents = Array.from({ length: 20 }, (_, i) => new Agent("orders", `i${i}`));
    api.clock.advance(1_000);
    await api.recorder.flush();
    const from = api.clock.now();
    api.clock.advance(1_000);
    for (const { link } of agents) link.policyApplied(7);
    await api.recorder.flush();
    api.clock.advance(1_000);
    const told = await story(from, api.clock.now());
    expect(told.changes.flatMap(({ instances }) => instances)).toEqual([]);
    expect(told.changes.flatMap(({ amended = [] }) => amended)).toEqual([
      { keys: expect.arrayContaining(["orders/i0", "orders/i19"]) as unknown, change: { policyRevision: 7 } },
    ]);
    const whole = wholeChanges(told).flatMap(({ instances }) => instances);
    expect(whole).toEqual(told.instances.map((instance) => ({ ...instance, policyRevision: 7 })));
  });

  it("gives the samples of a window part by part, of one service if asked, and a little from before", async () => {
    const start = api.clock.now();
    const agents = ["a", "b", "c", "d"].map((name) => new Agent("orders", name));
    const other = new Agent("search", "x");
    for (let second = 0; second < 30; second++) {
      for (const agent of [...agents, other]) agent.sample({ 0: second + 1 });
      api.clock.advance(1_000);
      if (second === 14) await history.flush();
    }
    const replay = createReplay({ store: api.store, held: () => history.held(), log });
    const query = { environment, from: start + 20_000, to: start + 30_000 };
    const whole = await samples(query.from, query.to);
    const keys = ["orders/a", "orders/b", "orders/c", "orders/d", "search/x"];
    expect([...new Set(whole.pages.map(({ key }) => key))].sort()).toEqual(keys);
    for (const { page } of whole.pages) expect(Math.max(...page.times)).toBeLessThanOrEqual(query.to);
    // Ten seconds before the window come along: from there an instance has its values at the beginning.
    expect(Math.min(...whole.pages.map(({ page }) => Math.min(...page.times)))).toBeLessThan(query.from);
    const own = await samples(query.from, query.to, "&service=search");
    expect(new Set(own.pages.map(({ key }) => key))).toEqual(new Set(["search/x"]));
    expect(whole.parts).toBe(1);
    expect((await replay.samples(query)).nextCursor).toBeNull();
  });

  it("says what silent instances last said before a moment, unless that is too long ago", async () => {
    const agents = ["a", "b"].map((name) => new Agent("orders", name));
    for (let second = 0; second < 20; second++) {
      for (const agent of agents) if (second < 10 || agent === agents[1]) agent.sample({ 0: second + 1 });
      api.clock.advance(1_000);
    }
    const silentFrom = api.clock.now();
    api.clock.advance(400_000);
    await history.flush();
    const ask = async (at: number, keys: readonly string[]) => {
      const instances = encodeURIComponent(keys.join("\n"));
      const response = await fetch(`${api.url}/api/v1/replay/last-samples?at=${at}&instances=${instances}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const decoder = new TextDecoder();
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (response.status !== 200) return response.status;
      return [...readFramedPages(bytes, (text) => decoder.decode(text))].map(({ key, boot, bytes: page }) => {
        const { times, columns } = decodePage(page);
        return [key, boot, times.length, columns[0]?.values[0]];
      });
    };
    expect(await ask(silentFrom + 300_000, ["orders/a", "orders/b", "orders/x"])).toEqual([
      ["orders/a", "b1", 1, 10],
      ["orders/b", "b1", 1, 20],
    ]);
    // Within the page: the last one before, not the last one.
    expect(await ask(silentFrom - 15_000, ["orders/b"])).toEqual([["orders/b", "b1", 1, 6]]);
    expect(await ask(silentFrom + 49 * 3_600_000, ["orders/a"])).toEqual([]);
    expect(await ask(silentFrom, ["orders"])).toBe(400);
  });

  it("cuts samples into parts of a size, and loses none that is written meanwhile", async () => {
    const start = api.clock.now();
    const agents = Array.from({ length: 12 }, (_, i) => new Agent("orders", `i${String(i).padStart(2, "0")}`));
    for (let second = 0; second < 20; second++) {
      for (const agent of agents) agent.sample({ 0: second + 1, 3: ((second * 7919) % 97) + 1 });
      api.clock.advance(1_000);
    }
    const options = { store: api.store, held: () => history.held(), log, partBytes: 200 };
    const query = { environment, from: start, to: start + 20_000 };
    const found = new Map<string, Set<number>>();
    let cursor: string | null = null;
    let parts = 0;
    do {
      const part: SamplePart = await readSamplePart(options, { ...query, ...(cursor ? { cursor } : {}) });
      for (const { key, bytes } of part.pages) {
        const seqs = found.get(key) ?? new Set<number>();
        for (const seq of decodePage(bytes).seqs) seqs.add(seq);
        found.set(key, seqs);
      }
      // What was in memory is on disk by the time of the second part.
      if (parts++ === 0) await history.flush();
      cursor = part.nextCursor;
    } while (cursor !== null);
    expect(parts).toBeGreaterThan(3);
    expect(found.size).toBe(12);
    for (const seqs of found.values()) expect(seqs.size).toBe(20);
  });

  it("refuses windows that make no sense or are too long, and cursors that it never gave out, and says what to do", async () => {
    const now = api.clock.now();
    for (const path of ["story", "samples"])
      for (const [from, to] of [
        [now, now],
        [now, now - 1],
        [now - REPLAY_WINDOW_MS - 1, now],
      ]) {
        const { status, json } = await api.call("GET", `/api/v1/replay/${path}?from=${from}&to=${to}`, { as: token });
        expect([status, json.code]).toEqual([422, "window_invalid"]);
        expect(json.detail).toContain("5 minutes");
      }
    for (const cursor of ["x", Buffer.from("[1]").toString("base64url"), Buffer.from('["stored","a",1.5,2]').toString("base64url")]) {
      const { json } = await api.call("GET", `/api/v1/replay/samples?from=${now - 5}&to=${now}&cursor=${cursor}`, { as: token });
      expect(json.code).toBe("cursor_invalid");
    }
  });

  it("says when nothing was recorded, and from when it was", async () => {
    const now = api.clock.now();
    expect(await story(now - 1_000, now)).toMatchObject({ recordedFrom: null, instances: [], changes: [], events: [], eventsCut: false });
    api.clock.advance(60_000);
    const agent = new Agent("orders", "a");
    agent.link.policyApplied(1);
    const joined = api.clock.now();
    await api.recorder.flush();
    api.clock.advance(1_000);
    const told = await story(joined - 30_000, joined + 1_000);
    expect(told).toMatchObject({ recordedFrom: joined, instances: [] });
    expect(told.changes).toEqual([{ at: joined, instances: [expect.objectContaining({ key: "orders/a" })], forgotten: [] }]);
    expect(told.events.map(({ type }) => type)).toEqual(["agent.joined"]);
  });
});

describe("the policy as of then", () => {
  const at = () => api.clock.now();
  async function flip(position: string, body: object = {}) {
    const operator = await api.token("operator");
    const { status, json } = await api.call("POST", "/api/v1/switches/recommendations/flips", {
      as: operator,
      body: { position, reason: "payments are slow", expiresInSeconds: null, ...body },
      headers: { "idempotency-key": crypto.randomUUID() },
    });
    expect(status, JSON.stringify(json)).toBe(201);
    return json as { id: string; revision: number };
  }
  const revert = async (id: string) =>
    api.call("POST", `/api/v1/flips/${id}/revert`, { as: await api.token("operator"), body: { reason: "over now" } });
  const get = async (path: string) => (await api.call("GET", path, { as: token })).json;

  it("shows the switchboard and the policies with the flips, positions and instances of then", async () => {
    const link = api.join("storefront", "s1", [RECOMMENDATIONS], [declaredPolicy("timeout", { values: { attemptMs: 500 } })]);
    await api.recorder.flush();
    api.clock.advance(1_000);
    const before = at();
    api.clock.advance(1_000);
    const first = await flip("off", { expiresInSeconds: 60 });
    link.switchMoved("recommendations", "off");
    await api.recorder.flush();
    api.clock.advance(1_000);
    const during = at();
    api.clock.advance(1_000);
    await revert(first.id);
    link.switchMoved("recommendations", "personal");
    link.declared([], [RECOMMENDATIONS], [declaredPolicy("timeout", { values: { attemptMs: 900 } })]);
    link.closed("goodbye");
    await api.recorder.flush();
    api.clock.advance(40_000);
    const board = async (moment: number) => (await get(`/api/v1/switches?at=${moment}`)).items[0];
    expect(await board(before)).toMatchObject({ desired: "personal", flips: [], revision: 0, lastChange: null });
    expect(await board(during)).toMatchObject({
      desired: "off",
      flips: [{ id: first.id, status: "live", endedAt: null }],
      revision: 1,
      instances: { total: 1, asDesired: 1, unknown: 0 },
      lastChange: { reason: "payments are slow" },
    });
    expect(await get(`/api/v1/switches/recommendations?at=${during}`)).toEqual(await board(during));
    const now = await get("/api/v1/switches/recommendations");
    expect(now).toMatchObject({ desired: "personal", flips: [], revision: 2, instances: { total: 1, unknown: 1 } });
    expect(await get(`/api/v1/switches?at=${before - 60_000}`)).toEqual({ items: [], nextCursor: null });
    const attempt = async (query: string) =>
      (await get(`/api/v1/policies${query}`)).items[0].settings.find(({ key }: { key: string }) => key === "attemptMs").effective[0].value;
    expect([await attempt(`?at=${during}`), await attempt("")]).toEqual([500, 900]);
  });

  it("says what differs from then, and taking its steps leads back", async () => {
    api.join("storefront", "s1");
    api.join("storefront", "s2");
    await api.recorder.flush();
    const kept = await flip("popular");
    const gone = await flip("off", { scope: { percentage: 100, service: "storefront" }, expiresInSeconds: 600 });
    api.clock.advance(60_000);
    await api.recorder.flush();
    const then = at();
    api.clock.advance(1_000);
    await revert(gone.id);
    const added = await flip("personal", { scope: { instances: ["storefront/s1"] } });
    api.clock.advance(1_000);
    const difference = async () => get(`/api/v1/policies/difference?at=${then}`);
    const found = await difference();
    expect(found).toMatchObject({ at: then, revision: { then: 2, now: 4 } });
    expect(found.items).toHaveLength(1);
    const [item] = found.items;
    expect(item).toMatchObject({ kind: "switch", key: "recommendations", policy: null, revision: 4, left: [] });
    expect([item.then.map((one: { id: string }) => one.id), item.now.map((one: { id: string }) => one.id)]).toEqual([
      [kept.id, gone.id],
      [kept.id, added.id],
    ]);
    expect(item.steps).toEqual([
      {
        step: "make",
        of: gone.id,
        text: expect.stringContaining("recommendations to off"),
        kind: "switch",
        key: "recommendations",
        policy: null,
        body: { position: "off" },
        // A share of the instances hangs on the old change: they are named instead.
        scope: { instances: ["storefront/s1", "storefront/s2"] },
        expiresInSeconds: 540,
      },
      { step: "end", of: added.id, text: expect.stringContaining("back from personal") },
    ]);
    const [make, end] = item.steps;
    await flip(make.body.position, { scope: make.scope, expiresInSeconds: make.expiresInSeconds, expectedRevision: item.revision });
    await revert(end.of);
    const board = await get("/api/v1/switches/recommendations");
    expect(board.flips.map((one: { position: string }) => one.position)).toEqual(["off", "popular"]);
  });

  it("offers no drill again, and says so", async () => {
    api.join("storefront", "s1", [], [declaredPolicy("timeout", { faults: true })]);
    await api.recorder.flush();
    const operator = await api.token("operator");
    const { json: fault } = await api.call("POST", "/api/v1/faults", {
      as: operator,
      body: { name: "payments", values: { errorPermille: 500 }, reason: "a drill", expiresInSeconds: 60 },
    });
    expect(fault.id, JSON.stringify(fault)).toBeDefined();
    const then = at();
    api.clock.advance(61_000);
    const found = await get(`/api/v1/policies/difference?at=${then}`);
    expect(found.items).toMatchObject([
      { kind: "fault", key: "payments", steps: [], now: [], left: [{ of: fault.id, why: expect.stringContaining("drill") }] },
    ]);
  });
});

describe("what changed around a moment", () => {
  it("puts a change of policy and a deploy before it above what followed, and tells like things once", async () => {
    const moment = api.clock.now();
    const event = (type: string, offset: number, rest: object) => ({
      environment,
      at: moment + offset,
      receivedAt: moment + offset,
      type,
      service: "orders",
      instance: null,
      resource: null,
      actor: "agent",
      data: {},
      ...rest,
    });
    const breaker = { resource: { kind: "breaker" as const, name: "payments" } };
    await api.store.appendEvents([
      event("breaker.opened", 0, { ...breaker, instance: "o1" }),
      event("breaker.opened", 900, { ...breaker, instance: "o2" }),
      event("breaker.opened", 2_000, { ...breaker, instance: "o3" }),
      event("breaker.half_opened", 10, { ...breaker, instance: "o1" }),
      event("pool.saturated", 3_000, { resource: { kind: "pool", name: "db" }, instance: "o1", data: { waiting: 9 } }),
      event("policy.set", -40_000, {
        service: null,
        actor: "user:ada",
        data: { policy: "timeout", name: "payments", values: "attemptMs 50" },
      }),
      event("deploy", -12_000, { data: { version: "2.0.0" } }),
      event("agent.left", -8_000, { instance: "o9", data: { reason: "lost" }, actor: "system" }),
      event("breaker.opened", -5_000, { ...breaker, service: "search", instance: "x" }),
      event("deploy", -3_000_000, { data: { version: "1.0.0" } }),
    ]);
    const path = `/api/v1/replay/nearby?at=${moment}`;
    const { json } = await api.call("GET", `${path}&service=orders`, { as: token });
    const told = json.items.map(({ kind, offsetMs, alike }: Record<string, unknown>) => [kind, offsetMs, alike]);
    expect(told).toEqual([
      ["deploy", -12_000, 0],
      ["transition", 0, 2],
      ["policy", -40_000, 0],
      ["instance", -8_000, 0],
      ["pressure", 3_000, 0],
    ]);
    expect(json.items[0]).toMatchObject({ text: "orders: deployed 2.0.0", actor: "agent", service: "orders" });
    expect(json.items[2]).toMatchObject({ text: "Timeout payments set: attemptMs 50", actor: "user:ada", service: null });
    const all = await api.call("GET", `${path}&windowMs=6000`, { as: token });
    expect(all.json.items.map(({ service }: Record<string, unknown>) => service)).toEqual(["orders", "search", "orders"]);
    expect((await api.call("GET", `${path}&windowMs=1`, { as: token })).json.code).toBe("request_invalid");
  });

  it("takes the first instance of another version for a deploy", async () => {
    api.join("orders", "o1");
    await api.recorder.flush();
    api.clock.advance(1_200_000);
    const join = (instance: string, version: string) =>
      api.fleet.connect(
        { environment, service: "orders", instance },
        { boot: "b2", version, labels: {}, agentVersion: "1", runtime: "node", clockSkewMs: 0, policyRevision: 0 },
      );
    join("o2", "2.0.0");
    join("o3", "1.0.0");
    await api.recorder.flush();
    api.clock.advance(1_000);
    const { json } = await api.call("GET", `/api/v1/replay/nearby?at=${api.clock.now()}`, { as: token });
    expect(json.items.map(({ kind, text }: Record<string, unknown>) => [kind, text])).toEqual([
      ["deploy", "o2: joined, version 2.0.0"],
      ["instance", "o3: joined, version 1.0.0"],
    ]);
  });
});
