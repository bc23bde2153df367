import { describe, expect, it } from "vitest";
import { linkState } from "../../core/fleet.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { LiveResource } from "../../protocol/live.ts";
import type { BusMessage } from "../../server/bus/bus.ts";
import { createInProcessBus } from "../../server/bus/in-process-bus.ts";
import { createLiveFleet } from "../../server/fleet/create-live-fleet.ts";
import type { AgentArrival, FleetChange } from "../../server/fleet/live-fleet.ts";
import { createLog } from "../../server/log.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { FakeStore } from "../support/fake-store.ts";
import { SWITCH } from "../support/test-console.ts";

const AGENT = { environment: "production", service: "catalog", instance: "c1" };
const KEY = "catalog/c1";
const POOL: LiveResource = { id: 0, kind: "pool", name: "db" };
const arrival = (overrides: Partial<AgentArrival> = {}): AgentArrival => ({
  boot: "boot1",
  version: "1.2.3",
  labels: { zone: "a" },
  agentVersion: "0.1.0",
  runtime: "node",
  clockSkewMs: 0,
  policyRevision: 0,
  ...overrides,
});

async function start(store = new FakeStore(), clock = new FakeClock()) {
  const log = createLog("silent");
  const bus = createInProcessBus(log);
  const told: BusMessage[] = [];
  bus.subscribe((message) => told.push(message));
  const fleet = await createLiveFleet({ store, bus, clock, log });
  const events = () => store.events.map((event) => [event.type, event.data["reason"]]);
  return { store, clock, bus, told, fleet, events };
}

describe("the live fleet", () => {
  it("remembers instances, dictionaries, switches and revisions over a restart, and they read as offline", async () => {
    const first = await start();
    const link = first.fleet.connect(AGENT, arrival({ policyRevision: 7 }));
    link.declared([POOL], [SWITCH]);
    link.sampled(first.clock.now(), [0, 4]);
    await first.fleet.stop();
    first.store.revisions.set("production", 9);
    first.clock.advance(60_000);

    const { fleet, clock } = await start(first.store, first.clock);
    expect(fleet.environments()).toEqual(["production"]);
    expect(fleet.describe("production", KEY)).toMatchObject({
      version: "1.2.3",
      labels: { zone: "a" },
      policyRevision: 7,
      resources: [POOL],
      switches: [SWITCH],
      connectedAt: null,
      row: [0, 0, 0, 0, 0, 0, 0],
    });
    const state = fleet.fleet("production").instances.get(KEY);
    expect(state && linkState(state, clock.now())).toBe("offline");
    expect(fleet.fleet("production").revision).toBe(9);
    expect(fleet.switches("production")).toMatchObject([{ key: "recommendations", services: ["catalog"] }]);
  });

  it("keeps an instance that was never heard as unseen", async () => {
    const store = new FakeStore();
    await store.saveInstances([
      {
        ...AGENT,
        boot: "b",
        version: null,
        labels: {},
        firstSeenAt: 1,
        lastSeenAt: 0,
        left: false,
        policyRevision: 0,
        resources: [],
        switches: [],
        policies: [],
      },
    ]);
    const { fleet, clock } = await start(store);
    const state = fleet.fleet("production").instances.get(KEY);
    expect(state && linkState(state, clock.now())).toBe("unseen");
  });

  it("writes what changed late and together, not once a sample", async () => {
    const { fleet, store, clock } = await start();
    for (let i = 0; i < 50; i++) {
      const link = fleet.connect({ ...AGENT, instance: `c${i}` }, arrival());
      for (let at = 0; at < 20; at++) link.sampled(clock.now(), [0, at]);
    }
    expect(store.calls.filter((call) => call === "saveInstances")).toHaveLength(0);
    clock.advance(1_000);
    expect(store.calls.filter((call) => call === "saveInstances")).toHaveLength(1);
    clock.advance(60_000);
    expect(store.calls.filter((call) => call === "saveInstances")).toHaveLength(1);
  });

  it("tries a failed write again", async () => {
    const { fleet, store, clock } = await start();
    store.fail("saveInstances");
    fleet.connect(AGENT, arrival());
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
    store.heal();
    clock.advance(5_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(store.instances.size).toBe(1);
  });

  it("logs that an agent joined, restarted, left and came back, each once, and puts it on the bus after the commit", async () => {
    const { fleet, clock, told, events } = await start();
    fleet.connect(AGENT, arrival()).closed("lost");
    clock.advance(10_000);
    fleet.connect(AGENT, arrival()).closed("lost");
    clock.advance(LIMITS.deadPeerMs);
    fleet.connect(AGENT, arrival());
    fleet.connect(AGENT, arrival({ boot: "boot2" })).closed("goodbye");
    await fleet.stop();
    expect(events()).toEqual([
      ["agent.joined", "new"],
      ["agent.left", "lost"],
      ["agent.joined", "reconnected"],
      ["agent.left", "restarted"],
      ["agent.joined", "restarted"],
      ["agent.left", "goodbye"],
    ]);
    expect(told.flatMap((message) => (message.type === "events" ? message.events.map((event) => event.id) : []))).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
  });

  it("flags a clock that is far off when the agent joins", async () => {
    const { fleet, store } = await start();
    fleet.connect(AGENT, arrival({ clockSkewMs: -3_600_000 }));
    await fleet.stop();
    expect(store.events[0]?.data).toMatchObject({ clockSkewMs: -3_600_000 });
  });

  it("says nothing of agents that come back after the console was restarted, and counts the others as lost", async () => {
    const first = await start();
    for (const instance of ["back", "away"]) first.fleet.connect({ ...AGENT, instance }, arrival());
    await first.fleet.stop();
    first.store.events.length = 0;
    const { fleet, clock, events } = await start(first.store, first.clock);
    fleet.connect({ ...AGENT, instance: "back" }, arrival());
    clock.advance(LIMITS.reconnectMaxMs + LIMITS.deadPeerMs);
    await fleet.stop();
    expect(events()).toEqual([["agent.left", "lost"]]);
    expect(first.store.events[0]?.instance).toBe("away");
  });

  it("ignores a connection that a newer one has replaced", async () => {
    const { fleet, clock } = await start();
    const older = fleet.connect(AGENT, arrival());
    const newer = fleet.connect(AGENT, arrival());
    newer.declared([POOL], []);
    older.sampled(clock.now(), [0, 99]);
    older.declared([], []);
    older.policyApplied(5);
    older.closed("lost");
    expect(fleet.describe("production", KEY)).toMatchObject({ resources: [POOL], policyRevision: 0, row: [0, 0, 0, 0, 0, 0, 0] });
    expect(fleet.describe("production", KEY)?.connectedAt).not.toBeNull();
  });

  it("keeps values over a reconnect of the same boot, and not over a restart of the process", async () => {
    const { fleet, clock } = await start();
    const link = fleet.connect(AGENT, arrival());
    link.declared([POOL], []);
    link.sampled(clock.now(), [2, 8]);
    fleet.connect(AGENT, arrival()).declared([POOL, { id: 1, kind: "gauge", name: "g" }], []);
    expect(fleet.describe("production", KEY)?.row).toEqual([0, 0, 8, 0, 0, 0, 0, 0]);
    fleet.connect(AGENT, arrival({ boot: "boot2" }));
    expect(fleet.describe("production", KEY)?.row.every((value) => value === 0)).toBe(true);
  });

  it("tells subscribers in order, and goes on when one of them throws", async () => {
    const { fleet, clock } = await start();
    const changes: FleetChange["type"][] = [];
    fleet.subscribe(() => {
      throw new Error("on purpose");
    });
    const end = fleet.subscribe((change) => changes.push(change.type));
    const link = fleet.connect(AGENT, arrival());
    link.sampled(clock.now(), []);
    link.policyApplied(0);
    link.policyApplied(3);
    end();
    link.policyApplied(4);
    expect(changes).toEqual(["described", "sampled", "described"]);
  });

  it("forgets an instance that has been gone for a week, and says so", async () => {
    const { fleet, store, clock } = await start();
    fleet.connect(AGENT, arrival()).closed("goodbye");
    clock.advance(1_000);
    const forgotten: string[] = [];
    fleet.subscribe((change) => change.type === "forgotten" && forgotten.push(change.key));
    clock.advance(6 * 86_400_000);
    expect(forgotten).toEqual([]);
    clock.advance(86_400_000 + 20_000);
    await fleet.stop();
    expect(forgotten).toEqual([KEY]);
    expect(store.instances.size).toBe(0);
  });

  it("does not forget who is connected", async () => {
    const { fleet } = await start();
    fleet.connect(AGENT, arrival());
    await fleet.forget("production", KEY);
    expect(fleet.describe("production", KEY)).not.toBeNull();
  });

  it("saves switches at once, once, and adds up their services", async () => {
    const { fleet, store } = await start();
    fleet.connect(AGENT, arrival()).declared([], [SWITCH]);
    fleet.connect(AGENT, arrival()).declared([], [{ ...SWITCH, position: "off" }]);
    fleet.connect({ ...AGENT, service: "search" }, arrival()).declared([], [{ ...SWITCH, title: "Picks" }]);
    await fleet.stop();
    expect(store.switches.get("production/recommendations")).toMatchObject({ services: ["catalog", "search"], title: "Picks" });
    expect(store.calls.filter((call) => call === "saveSwitches").length).toBeLessThanOrEqual(2);
  });

  it("knows the revision from the bus, and an environment nobody has heard of as empty", async () => {
    const { fleet, bus } = await start();
    fleet.connect(AGENT, arrival());
    bus.publish({ type: "policy", environment: "production", revision: 12, change: "ended", flip: undefined as never });
    expect(fleet.fleet("production").revision).toBe(12);
    expect(fleet.fleet("nowhere").instances.size).toBe(0);
    expect(fleet.environments()).toEqual(["production"]);
  });
});
