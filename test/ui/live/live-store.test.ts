import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { valueOf } from "../../../core/fleet.ts";
import type { LiveDown, LiveInstance, LoggedEvent } from "../../../protocol/live.ts";
import { EVENTS_KEPT, LiveStore } from "../../../ui/live/live-store.ts";

/** A store whose frames and clock are ours. */
function makeStore() {
  const frames: (() => void)[] = [];
  let now = 1000;
  const store = new LiveStore({ schedule: (flush) => frames.push(flush), clock: () => now });
  return {
    store,
    frames,
    frame: () => frames.splice(0).forEach((flush) => flush()),
    advance: (ms: number) => (now += ms),
  };
}

const instance = (name: string, more: Partial<LiveInstance> = {}): LiveInstance => ({
  key: `orders/${name}`,
  service: "orders",
  instance: name,
  boot: "boot-1",
  labels: {},
  connectedAt: 1,
  lastFrameAt: 1,
  disconnectedAt: null,
  left: false,
  clockSkewMs: 0,
  policyRevision: 1,
  resources: [{ id: 0, kind: "pool", name: "pg" }],
  switches: [],
  row: [4, 0, 0, 11, 0, 0, 0],
  ...more,
});
const snapshot = (...instances: LiveInstance[]): LiveDown => ({
  t: "snapshot",
  now: 5000,
  environment: "production",
  lastEvent: 7,
  revision: 3,
  instances,
});
const delta = (key: string, at: number, slots: number[]): LiveDown => ({ t: "delta", now: at, instances: [{ key, at, slots }] });
const event = (id: number): LoggedEvent => ({
  id,
  at: id,
  receivedAt: id,
  type: "note",
  service: null,
  instance: null,
  resource: null,
  actor: "agent",
  data: {},
});
const inUse = (store: LiveStore, key: string): number | null => {
  const found = store.fleet.instances.get(key);
  return found ? valueOf(found, found.resources[0]!, "inUse") : null;
};

describe("folding", () => {
  it("takes a snapshot whole and then only what changed", () => {
    const { store } = makeStore();
    store.receive(snapshot(instance("orders-1")));
    expect(inUse(store, "orders/orders-1")).toBe(3);
    store.receive(delta("orders/orders-1", 6000, [0, 10]));
    expect(inUse(store, "orders/orders-1")).toBe(9);
    expect(store.fleet.instances.get("orders/orders-1")?.lastFrameAt).toBe(6000);
    expect(store.connection).toMatchObject({ state: "live", environment: "production", now: 6000 });
    expect(store.lastEvent).toBe(7);
  });

  it("forgets what a new snapshot does not have", () => {
    const { store } = makeStore();
    store.receive(snapshot(instance("orders-1"), instance("orders-2")));
    store.receive(snapshot(instance("orders-2")));
    expect([...store.fleet.instances.keys()]).toEqual(["orders/orders-2"]);
  });

  it("ends at the same rows however the deltas are cut into messages", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 1_000_000 })), { maxLength: 60 }),
        fc.integer({ min: 1, max: 7 }),
        (pairs, cut) => {
          const one = makeStore().store;
          const many = makeStore().store;
          for (const store of [one, many]) store.receive(snapshot(instance("orders-1")));
          one.receive(delta("orders/orders-1", 9000, pairs.flat()));
          for (let i = 0; i < pairs.length; i += cut) many.receive(delta("orders/orders-1", 9000, pairs.slice(i, i + cut).flat()));
          expect(many.fleet.instances.get("orders/orders-1")?.row).toEqual(one.fleet.instances.get("orders/orders-1")?.row);
        },
      ),
    );
  });

  it("keeps the newest 500 events, newest first, and counts what could not be delivered", () => {
    const { store } = makeStore();
    store.receive({ t: "event", now: 1, events: Array.from({ length: 450 }, (_, i) => event(i + 1)) });
    store.receive({ t: "event", now: 1, events: Array.from({ length: 100 }, (_, i) => event(i + 451)) });
    store.receive({ t: "resync", now: 1, missed: 12, reason: "slow" });
    expect(store.events).toHaveLength(EVENTS_KEPT);
    expect(store.events[0]?.id).toBe(550);
    expect(store.events.at(-1)?.id).toBe(51);
    expect(store.lastEvent).toBe(550);
    expect(store.missed).toBe(12);
  });
});

describe("telling the screen", () => {
  it("flushes once a frame, however many messages came in", () => {
    const { store, frames, frame } = makeStore();
    let told = 0;
    store.subscribe("fleet", () => told++);
    store.receive(snapshot(instance("orders-1")));
    for (let i = 0; i < 20; i++) store.receive(delta("orders/orders-1", 6000 + i, [0, i]));
    expect(frames).toHaveLength(1);
    expect(told).toBe(0);
    frame();
    expect(told).toBe(1);
    expect(store.version("fleet")).toBe(1);
  });

  it("tells only those who listen to what changed", () => {
    const { store, frame } = makeStore();
    const told: string[] = [];
    for (const topic of ["states", "states:orders", "states:stock", "fleet", "events"]) store.subscribe(topic, () => told.push(topic));
    store.receive(snapshot(instance("orders-1"), instance("orders-2")));
    frame();
    expect(told.splice(0).sort()).toEqual(["fleet", "states", "states:orders"]);
    store.receive(delta("orders/orders-2", 6000, [0, 1]));
    frame();
    expect(told).toEqual(["fleet"]);
  });

  it("tells of states only when a breaker changed its state, or who is there changed", () => {
    const { store, frame } = makeStore();
    const resources: LiveInstance["resources"] = [
      { id: 0, kind: "pool", name: "pg" },
      { id: 1, kind: "breaker", name: "payments" },
    ];
    let told = 0;
    store.subscribe("states", () => told++);
    const hears = (message: LiveDown): boolean => {
      const before = told;
      store.receive(message);
      frame();
      return told > before;
    };
    expect(hears(snapshot(instance("orders-1", { resources, row: new Array<number>(18).fill(1) })))).toBe(true);
    expect(hears(delta("orders/orders-1", 6000, [0, 3, 8, 40]))).toBe(false);
    expect(hears(delta("orders/orders-1", 7000, [0, 4, 7, 3]))).toBe(true);
    expect(hears({ t: "upsert", now: 8000, instances: [instance("orders-2")] })).toBe(true);
    store.forget("orders/orders-2");
    frame();
    expect(told).toBe(4);
    expect(store.instances.map(({ key }) => key)).toEqual(["orders/orders-1"]);
  });

  it("says nothing more to a listener that has left", () => {
    const { store, frame } = makeStore();
    let told = 0;
    const leave = store.subscribe("fleet", () => told++);
    leave();
    store.receive(snapshot(instance("orders-1")));
    frame();
    expect(told).toBe(0);
  });
});

describe("the clock", () => {
  it("is the console's, carried on by our own between its words", () => {
    const { store, advance } = makeStore();
    store.receive({ t: "beat", now: 777_000 });
    advance(1500);
    expect(store.now()).toBe(778_500);
  });
});

describe("a picture that comes late", () => {
  it("is not called live, tells its age, and is live again once it has caught up", () => {
    const { store, advance } = makeStore();
    store.compareClocks(500_000);
    store.receive({ t: "beat", now: 500_000 });
    expect(store.connection.state).toBe("live");
    advance(20_000);
    store.receive({ t: "beat", now: 505_000 });
    expect(store.connection.state).toBe("lost");
    expect(store.ageMs()).toBe(15_000);
    expect(store.liveNow()).toBe(520_000);
    advance(1_000);
    store.receive({ t: "beat", now: 517_000 });
    expect(store.connection.state).toBe("lost");
    store.receive({ t: "beat", now: 519_500 });
    expect(store.connection.state).toBe("live");
  });

  it("is late also when it is the first, by the clock that came with the ticket", () => {
    const { store, advance } = makeStore();
    store.compareClocks(500_000);
    advance(12_000);
    store.receive({ ...snapshot(instance("orders-1")), now: 500_100 });
    expect(store.connection.state).toBe("lost");
  });
});

describe("pausing", () => {
  it("holds the picture, counts the events held back, and catches up in order", () => {
    const { store } = makeStore();
    store.receive(snapshot(instance("orders-1")));
    store.pause();
    store.receive(delta("orders/orders-1", 6000, [0, 21]));
    store.receive({ t: "event", now: 6000, events: [event(8)] });
    store.receive(delta("orders/orders-1", 7000, [0, 31]));
    expect(inUse(store, "orders/orders-1")).toBe(3);
    expect(store.events).toEqual([]);
    expect(store.heldBack).toBe(1);
    expect(store.connection.now).toBe(7000);
    store.resume();
    expect(inUse(store, "orders/orders-1")).toBe(30);
    expect(store.events.map((entry) => entry.id)).toEqual([8]);
    expect(store.heldBack).toBeNull();
  });

  it("knows what has come while it held the picture, so that a second reconnection does not ask for it again", () => {
    const { store } = makeStore();
    store.receive(snapshot(instance("orders-1")));
    store.pause();
    store.receive({ t: "resync", now: 6000, missed: 12, reason: "gap" });
    store.receive({ ...snapshot(instance("orders-1")), lastEvent: 19 } as LiveDown);
    expect(store.lastEvent).toBe(19);
  });

  it("stops the time of the picture, so that nothing held grows old, while the console's clock goes on", () => {
    const { store, advance } = makeStore();
    store.receive(snapshot(instance("orders-1")));
    store.pause();
    advance(60_000);
    store.receive({ t: "beat", now: 65_000 });
    expect(store.now()).toBe(5000);
    expect(store.liveNow()).toBe(65_000);
    store.resume();
    expect(store.now()).toBe(65_000);
  });

  it("never drops an event, however long it lasts", () => {
    const { store } = makeStore();
    store.receive(snapshot(instance("orders-1")));
    store.pause();
    for (let i = 0; i < 12_000; i++)
      store.receive(
        i % 100 === 0 ? { t: "event", now: 6000 + i, events: [event(8 + i)] } : delta("orders/orders-1", 6000 + i, [0, (i % 90) + 1]),
      );
    expect(store.heldBack).toBe(120);
    store.resume();
    expect(store.events).toHaveLength(120);
    expect(inUse(store, "orders/orders-1")).toBe(11_999 % 90);
  });
});

describe("the last two minutes", () => {
  it("are kept for each instance and start anew with a new boot", () => {
    const { store } = makeStore();
    store.receive(snapshot(instance("orders-1")));
    for (let i = 0; i < 150; i++) store.receive(delta("orders/orders-1", 10_000 + i * 1000, [4, i + 1]));
    const { samples } = store.ring("orders/orders-1");
    expect((samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0)).toBeGreaterThan(115_000);
    store.receive({ t: "upsert", now: 200_000, instances: [instance("orders-1", { boot: "boot-2" })] });
    expect(store.ring("orders/orders-1").samples).toHaveLength(0);
  });

  it("keep every second of a service that is looked at, of those that join it too", () => {
    const { store } = makeStore();
    store.receive(snapshot(instance("orders-1")));
    const leave = store.watch("orders");
    store.receive({ t: "upsert", now: 9000, instances: [instance("orders-2")] });
    for (let i = 0; i < 60; i++)
      for (const name of ["1", "2"]) store.receive(delta(`orders/orders-${name}`, 10_000 + i * 1000, [4, i + 1]));
    expect(["1", "2"].map((name) => store.ring(`orders/orders-${name}`).samples.length)).toEqual([60, 60]);
    leave();
    store.receive(delta("orders/orders-1", 70_000, [4, 99]));
    expect(store.ring("orders/orders-1").whole).toBe(false);
  });

  it("start anew too when the new boot is learned from a snapshot after a reconnect", () => {
    const { store } = makeStore();
    store.receive(snapshot(instance("orders-1")));
    store.receive(delta("orders/orders-1", 6000, [0, 2]));
    store.receive(snapshot(instance("orders-1", { boot: "boot-2" })));
    expect(store.ring("orders/orders-1").samples).toHaveLength(0);
  });

  it("take stored history in front, without what they already have", () => {
    const { store } = makeStore();
    store.receive(snapshot(instance("orders-1")));
    store.receive(delta("orders/orders-1", 10_000, [4, 100]));
    store.backfill(
      "orders/orders-1",
      [6000, 8000, 9900, 12_000].map((at) => ({ at, row: new Float64Array(7) })),
    );
    expect(store.ring("orders/orders-1").samples.map((sample) => sample.at)).toEqual([6000, 8000, 10_000]);
  });
});
