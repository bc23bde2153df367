import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AttentionItem } from "../../../core/attention.ts";
import type { LiveDown, LiveInstance } from "../../../protocol/live.ts";
import { Follower } from "../../../ui/live/follower.ts";
import { LiveStore } from "../../../ui/live/live-store.ts";
import { Rail, RAIL_MOST, type RailWords } from "../../../ui/screens/fleet/rail.ts";
import { FleetPicture } from "../../../ui/screens/fleet/fleet-picture.ts";
import { PictureHost, type PictureWorker } from "../../../ui/screens/fleet/picture-host.ts";
import type { FromPictureWorker, ToPictureWorker } from "../../../ui/screens/fleet/picture-messages.ts";
import { PictureReader } from "../../../ui/screens/fleet/picture-reader.ts";
import { tileOf } from "../../../ui/screens/fleet/tile-model.ts";

const START = 1_000_000;
const VIEW = { filter: "", by: "service", fold: "none" } as const;

const instance = (name: string, row: readonly number[] = []): LiveInstance => ({
  key: `orders/${name}`,
  service: "orders",
  instance: name,
  boot: "b",
  labels: {},
  connectedAt: START,
  lastFrameAt: START,
  disconnectedAt: null,
  left: false,
  clockSkewMs: 0,
  policyRevision: 0,
  resources: [
    { id: 0, kind: "server", name: "http" },
    { id: 1, kind: "pool", name: "pg" },
  ],
  switches: [],
  row: [...row],
});
const NAMES = ["orders-1", "orders-2", "orders-3"] as const;
const snapshot = (now: number): LiveDown => ({
  t: "snapshot",
  now,
  environment: "production",
  lastEvent: 0,
  revision: 0,
  instances: NAMES.map((name) => instance(name, [1, 1])),
});

/** A page with its worker: what they say to each other arrives when `deliver` is called, in order. */
class World {
  now = START;
  readonly #page: ToPictureWorker[] = [];
  readonly #worker: FromPictureWorker[] = [];
  readonly #flushes: (() => void)[] = [];
  readonly store = this.#storeOf();
  readonly follower = new Follower(this.store);
  again = 0;
  readonly host = new PictureHost({ store: this.store, follower: this.follower, again: () => this.again++ });
  readonly worker: PictureWorker = {
    onmessage: null,
    onerror: null,
    postMessage: (message) => void this.#page.push(message),
    terminate: () => (this.terminated = true),
  };
  terminated = false;
  readonly #reader = new PictureReader({
    tell: (message) => void this.#worker.push(message),
    load: () => Promise.resolve(),
    schedule: (flush) => void this.#flushes.push(flush),
    clock: () => this.now,
  });

  #storeOf(): LiveStore {
    return new LiveStore({ schedule: (flush) => void this.#flushes.push(flush), clock: () => this.now });
  }

  say(message: LiveDown): void {
    this.follower.hear(JSON.stringify(message));
  }

  flush(): void {
    for (const flush of this.#flushes.splice(0)) flush();
  }

  /** The worker does what it was told, as a page's messages reach it: as copies. */
  work(): void {
    for (const message of this.#page.splice(0)) this.#reader.hear(structuredClone(message));
  }

  /** What the worker said arrives. */
  deliver(): void {
    for (const data of this.#worker.splice(0)) this.worker.onmessage?.({ data: structuredClone(data) } as MessageEvent<FromPictureWorker>);
  }

  settle(): void {
    for (let i = 0; i < 3; i++) {
      this.flush();
      this.work();
      this.deliver();
    }
  }

  make(): void {
    this.host.make({ now: this.store.now(), lostAt: null, view: VIEW, focus: null }, null);
  }
}

const rows = (store: LiveStore) => store.instances.map(({ key, row, lastFrameAt }) => [key, [...row], lastFrameAt]);
describe("the picture of the fleet", () => {
  it("says the same whether it is made on the page or beside it", () => {
    const world = new World();
    world.host.start(world.worker);
    world.say(snapshot(world.now));
    for (let second = 1; second <= 5; second++) {
      world.now += 1000;
      const values = NAMES.map((name, i) => ({ key: `orders/${name}`, at: world.now, slots: [0, 1 + second * (i + 1) * 10] }));
      world.say({ t: "delta", now: world.now, instances: values });
    }
    const here = new FleetPicture(world.store).read({ now: world.store.now(), lostAt: null, view: VIEW, focus: "orders/orders-2" });
    world.host.make({ now: world.store.now(), lostAt: null, view: VIEW, focus: "orders/orders-2" }, null);
    world.settle();
    expect(world.host.made?.words).toEqual(here);
    expect(here.totals).toMatchObject({ requests: 60, live: 3, all: 3 });
    expect(here.focused).toMatchObject({ name: "orders-2", requests: 20 });
    expect(world.host.made?.members).toEqual([{ name: "orders", folded: false, keys: NAMES.map((name) => `orders/${name}`) }]);
  });

  it("keeps what says the same as before the same object, and asks for one picture at a time, the last that was wished for", () => {
    const world = new World();
    world.host.start(world.worker);
    world.say(snapshot(world.now));
    world.make();
    world.settle();
    const first = world.host.made;
    let told = 0;
    world.host.subscribe(() => told++);
    world.now += 1000;
    for (let i = 0; i < 4; i++) world.make();
    world.settle();
    expect(told).toBe(2);
    expect(world.host.made?.words.now).toBe(world.now);
    expect(world.host.made?.words.groups).toBe(first?.words.groups);
    expect(world.host.made?.members).toBe(first?.members);
  });

  it("of before is not shown to who looks next, not even one that comes late", () => {
    const world = new World();
    world.host.start(world.worker);
    world.say(snapshot(world.now));
    expect(world.host.old).toBe(true);
    world.make();
    world.settle();
    expect(world.host.old).toBe(false);
    world.make();
    world.host.leave();
    world.settle();
    expect(world.host.old).toBe(true);
    world.make();
    world.settle();
    expect(world.host.old).toBe(false);
  });

  it("goes on with the page after a pause: nothing looks old that was only held back", () => {
    const world = new World();
    world.host.start(world.worker);
    world.say(snapshot(world.now));
    const tick = (): void => {
      world.now += 1000;
      const values = NAMES.map((name) => ({ key: `orders/${name}`, at: world.now, slots: [0, world.now] }));
      world.say({ t: "delta", now: world.now, instances: values });
    };
    const wake = world.follower.rest();
    tick();
    world.store.pause();
    for (let i = 0; i < 20; i++) tick();
    world.settle();
    world.make();
    world.settle();
    expect(world.host.made?.words.links).toMatchObject({ live: 3, stale: 0 });
    world.store.resume();
    // Asked for before anything else was said or heard.
    world.make();
    world.settle();
    expect(world.host.made?.words.now).toBe(world.now);
    expect(world.host.made?.words.links).toMatchObject({ live: 3, stale: 0 });
    wake();
  });

  it("is made on the page again when the worker fails, with a snapshot of what the store has missed", () => {
    const world = new World();
    world.host.start(world.worker);
    world.say(snapshot(world.now));
    const wake = world.follower.rest();
    world.say({ t: "delta", now: world.now, instances: [{ key: "orders/orders-1", at: world.now, slots: [0, 9] }] });
    world.worker.onerror?.({} as ErrorEvent);
    expect(world.host.working).toBe(false);
    expect(world.terminated).toBe(true);
    expect(world.again).toBe(1);
    world.say({ t: "delta", now: world.now, instances: [{ key: "orders/orders-1", at: world.now, slots: [0, 12] }] });
    wake();
    expect(world.follower.follows).toBe("following");
    expect(world.store.fleet.instances.get("orders/orders-1")?.row[0]).toBe(12);
  });
});

describe("a store that rests", () => {
  it("is not told the values, and has them all again when it needs them", () => {
    const world = new World();
    world.host.start(world.worker);
    world.say(snapshot(world.now));
    const wake = world.follower.rest();
    world.now += 10_000;
    world.say({ t: "delta", now: world.now, instances: [{ key: "orders/orders-1", at: world.now, slots: [0, 50] }] });
    world.say({ t: "beat", now: world.now });
    expect(world.store.connection).toMatchObject({ state: "live", now: world.now });
    expect(world.store.fleet.instances.get("orders/orders-1")?.row[0]).toBe(1);
    wake();
    expect(world.follower.follows).toBe("catching up");
    world.settle();
    expect(world.follower.follows).toBe("following");
    expect(world.store.fleet.instances.get("orders/orders-1")).toMatchObject({ lastFrameAt: world.now });
    expect(world.store.fleet.instances.get("orders/orders-1")?.row[0]).toBe(50);
  });

  it("tells nobody that a second is whole which it slept through", () => {
    const world = new World();
    world.host.start(world.worker);
    world.say(snapshot(world.now));
    const tick = (): void => {
      world.now += 1000;
      world.say({ t: "delta", now: world.now, instances: [{ key: "orders/orders-1", at: world.now, slots: [0, world.now - START] }] });
    };
    for (let i = 0; i < 5; i++) tick();
    const wake = world.follower.rest();
    for (let i = 0; i < 30; i++) tick();
    wake();
    world.settle();
    const ring = world.store.ring("orders/orders-1");
    expect(ring.wholeSince).toBe(world.now);
    tick();
    expect(ring.samples.filter(({ at }) => at >= ring.wholeSince).map(({ at }) => at)).toEqual([world.now - 1000, world.now]);
    expect(tileOf(world.store.instances[0]!, ring, world.now).requests).toBeCloseTo(1000);
  });

  it("has the values of one that never rested, however rests, pauses, words and the worker's answers follow each other", () => {
    const act = fc.oneof(
      fc.record({ act: fc.constant("values"), who: fc.integer({ min: 0, max: 2 }), by: fc.integer({ min: 0, max: 50 }) }),
      fc.record({ act: fc.constantFrom("rest", "wake", "pause", "resume", "work", "deliver", "flush", "snapshot", "upsert") }),
    );
    fc.assert(
      fc.property(fc.array(act, { minLength: 20, maxLength: 60, size: "max" }), (acts) => {
        const world = new World();
        world.host.start(world.worker);
        const always = new LiveStore({ schedule: () => undefined, clock: () => world.now });
        const counters = [1, 1, 1];
        const say = (message: LiveDown): void => {
          world.say(message);
          always.receive(structuredClone(message));
        };
        say(snapshot(world.now));
        let wake: (() => void) | null = null;
        for (const one of acts) {
          world.now += 1000;
          switch (one.act) {
            case "values": {
              const { who, by } = one as { who: number; by: number };
              counters[who] = (counters[who] ?? 0) + by;
              say({
                t: "delta",
                now: world.now,
                instances: [{ key: `orders/${NAMES[who] ?? ""}`, at: world.now, slots: [0, counters[who] ?? 0] }],
              });
              break;
            }
            case "snapshot":
              say({
                ...snapshot(world.now),
                instances: NAMES.map((name, i) => ({ ...instance(name, [counters[i] ?? 0, 1]), lastFrameAt: world.now })),
              } as LiveDown);
              break;
            case "upsert":
              say({ t: "upsert", now: world.now, instances: [{ ...instance("orders-1", [counters[0] ?? 0, 1]), lastFrameAt: world.now }] });
              break;
            case "rest":
              wake ??= world.follower.rest();
              break;
            case "wake":
              wake?.();
              wake = null;
              break;
            case "pause":
              world.store.pause();
              always.pause();
              world.flush();
              break;
            case "resume":
              world.store.resume();
              always.resume();
              world.flush();
              break;
            case "work":
              world.work();
              break;
            case "deliver":
              world.deliver();
              break;
            default:
              world.flush();
          }
          if (world.follower.follows === "following") expect(rows(world.store)).toEqual(rows(always));
        }
        wake?.();
        world.settle();
        world.store.resume();
        always.resume();
        world.settle();
        expect(world.follower.follows).toBe("following");
        expect(rows(world.store)).toEqual(rows(always));
      }),
      { numRuns: 300 },
    );
  });
});

describe("the rail", () => {
  const trouble = (key: string, more: Partial<AttentionItem> = {}): AttentionItem => ({
    key,
    status: "warning",
    service: key,
    title: key,
    text: "",
    figure: "",
    weight: 1,
    ...more,
  });
  const figures = (words: RailWords) => words.items.map(({ figure }) => figure);

  it("says at once of how many instances a breaker is open", () => {
    const rail = new Rail({ calm: true });
    const open = (figure: string) => trouble("a", { status: "open", figure });
    expect(figures(rail.update([open("2 of 2")], ["a"], START))).toEqual(["2 of 2"]);
    expect(figures(rail.update([open("1 of 2")], ["a"], START + 300))).toEqual(["1 of 2"]);
  });

  it("holds the words of a warning for a moment, and tells what is new or of another state at once", () => {
    const rail = new Rail({ calm: true });
    expect(figures(rail.update([trouble("a", { figure: "1" })], ["a", "b"], START))).toEqual(["1"]);
    expect(figures(rail.update([trouble("a", { figure: "2" }), trouble("b", { figure: "7" })], ["a", "b"], START + 1000))).toEqual([
      "1",
      "7",
    ]);
    expect(figures(rail.update([trouble("a", { figure: "3" })], ["a", "b"], START + 2000))).toEqual(["3"]);
    expect(figures(rail.update([trouble("a", { figure: "4", status: "open" })], ["a", "b"], START + 3000))).toEqual(["4"]);
    const exact = new Rail({ calm: false });
    exact.update([trouble("a", { figure: "1" })], ["a"], START);
    expect(figures(exact.update([trouble("a", { figure: "2" })], ["a"], START + 1000))).toEqual(["2"]);
  });

  it("tells the worst, how many there are, and who is quiet", () => {
    const services = Array.from({ length: 40 }, (_, i) => `s${String(i).padStart(2, "0")}`);
    const words = new Rail({ calm: true }).update(
      services.slice(0, 30).map((service, i) => trouble(service, { status: i === 29 ? "open" : "warning" })),
      services,
      START,
    );
    expect(words).toMatchObject({ total: 30, quietTotal: 10, quiet: ["s30", "s31", "s32", "s33", "s34", "s35"] });
    expect(words.items).toHaveLength(RAIL_MOST);
    expect(words.items[0]?.key).toBe("s29");
  });
});
