import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFleet, describeInstance, foldFleet } from "../../core/fleet.ts";
import { recordedInstance, wholeChanges } from "../../core/replay-story.ts";
import type { LiveResource } from "../../protocol/live.ts";
import { KEY_FRAME_EVERY_MS } from "../../server/replay/story-recorder.ts";
import { readFleetAt, readWindow } from "../../server/replay/story-reader.ts";
import { openStore, type OpenStoreOptions } from "../../server/store/open-store.ts";
import type { Store } from "../../server/store/store.ts";
import { startPostgres } from "../support/postgres.ts";
import { comparableAll, IMAGES, log, RecordedShop } from "./recorded-shop.ts";

const NAMES = ["a", "b", "c", "d"] as const;
const dictionary = (size: number): LiveResource[] =>
  Array.from({ length: size }, (_, id) => ({ id, kind: "breaker" as const, name: `payments-${id}`, target: "payments" }));

type Step =
  | { readonly do: "join"; readonly who: string; readonly boot: string }
  | { readonly do: "declare"; readonly who: string; readonly resources: number; readonly switches: boolean }
  | { readonly do: "sample" | "leave" | "lose" | "forget"; readonly who: string }
  | { readonly do: "flip"; readonly who: string; readonly position: string }
  | { readonly do: "applied"; readonly revision: number }
  | { readonly do: "tick"; readonly ms: number }
  | { readonly do: "kill"; readonly ms: number };

const who = fc.constantFrom(...NAMES);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("join" as const), who, boot: fc.constantFrom("b1", "b2") }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("declare" as const), who, resources: fc.nat(3), switches: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("sample" as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("leave" as const, "lose" as const, "forget" as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("flip" as const), who, position: fc.constantFrom(...IMAGES.positions) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("applied" as const), revision: fc.nat(5) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("tick" as const), ms: fc.constantFrom(1_000, 1_700, 30_000, KEY_FRAME_EVERY_MS) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const), ms: fc.constantFrom(1, 5_000, 60_000) }) },
);

async function play(shop: RecordedShop, one: Step): Promise<void> {
  // Nothing happens at the very moment that is looked at.
  shop.clock.advance(1);
  switch (one.do) {
    case "join":
      shop.join(one.who, one.boot);
      return;
    case "declare":
      return shop.links.get(one.who)?.declared(dictionary(one.resources), one.switches ? [IMAGES] : []);
    case "sample":
      return shop.links.get(one.who)?.sampled(shop.clock.now(), [0, 2]);
    case "flip":
      return shop.links.get(one.who)?.switchMoved("images", one.position);
    case "applied":
      shop.links.forEach((link) => link.policyApplied(one.revision));
      return;
    case "leave":
      return shop.links.get(one.who)?.closed("goodbye");
    case "lose":
      return shop.links.get(one.who)?.closed("lost");
    case "forget":
      return shop.fleet.forget(shop.environment, `shop/${one.who}`);
    case "tick":
      return shop.tick(one.ms);
    case "kill":
      return shop.kill(one.ms);
  }
}

/** Moments at which everything was written, and how the live fleet was then. */
type Moments = Map<number, unknown>;

/** Of the seconds behind its last sign of life nobody can tell whether the console that was killed still lived. */
async function forgetUnsigned(store: Store, { environment }: RecordedShop, moments: Moments): Promise<void> {
  const changes = await store.listStoryChanges({ environment, afterId: 0, until: 8e15, limit: 500 });
  const signed = Math.max((await store.findKeyFrame(environment, 8e15))?.until ?? 0, changes.at(-1)?.at ?? 0);
  for (const at of moments.keys()) if (at > signed) moments.delete(at);
}

async function checkMoments(store: Store, shop: RecordedShop, moments: Moments): Promise<void> {
  const parts = { store, log };
  for (const [at, live] of moments) {
    const { story } = await readFleetAt(parts, shop.environment, at);
    expect(comparableAll([...story.values()].map(recordedInstance)), `as of ${at}`).toEqual(live);
  }
  // The same once more from one beginning, folded as the browser folds it.
  const [first, last] = [Math.min(...moments.keys()), Math.max(...moments.keys())];
  if (!Number.isFinite(first)) return;
  const { story, changes } = await readWindow(parts, shop.environment, { from: first, to: last });
  const fleet = createFleet();
  const described = (instance: Parameters<typeof recordedInstance>[0] | ReturnType<typeof recordedInstance>) =>
    foldFleet(fleet, { type: "described", instance: { ...instance, row: [] } });
  for (const instance of story.values()) described(recordedInstance(instance));
  const waiting = wholeChanges({ instances: [...story.values()].map(recordedInstance), changes: [...changes] });
  for (const [at, live] of [...moments].sort(([a], [b]) => a - b)) {
    while (waiting[0] && waiting[0].at <= at) {
      const change = waiting.shift();
      change?.instances.forEach(described);
      change?.forgotten.forEach((key) => foldFleet(fleet, { type: "forgotten", key }));
    }
    const folded = [...fleet.instances.values()].map((state) => {
      const { row: _, ...rest } = describeInstance(state);
      return rest;
    });
    expect(comparableAll(folded), `folded up to ${at}`).toEqual(live);
  }
}

interface Place {
  readonly options: OpenStoreOptions;
  readonly remove: () => Promise<void>;
}

const places: Record<string, { readonly make: () => Promise<Place>; readonly runs: number }> = {
  SQLite: {
    make: async () => {
      const dataDir = mkdtempSync(join(tmpdir(), "holdfast-replay-"));
      return { options: { dataDir, log }, remove: async () => rmSync(dataDir, { recursive: true }) };
    },
    runs: 25,
  },
  PostgreSQL: {
    make: async () => {
      const server = await startPostgres();
      return { options: { databaseUrl: await server.createDatabase(), dataDir: "/nonexistent", log }, remove: () => server.stop() };
    },
    runs: 8,
  },
};

describe.each(Object.entries(places))("the story of a fleet on %s", (_, { make, runs }) => {
  let store: Store;
  let place: Place;
  beforeAll(async () => {
    place = await make();
    ({ store } = await openStore(place.options));
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });
  const newShop = async (): Promise<RecordedShop> => {
    const shop = new RecordedShop(store, `env-${randomUUID()}`);
    await shop.start();
    return shop;
  };

  it("is the live fleet at every moment that was written, whatever happened and however often the console was killed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const shop = await newShop();
        const moments: Moments = new Map();
        for (const one of steps) {
          if (one.do === "kill") await forgetUnsigned(store, shop, moments);
          await play(shop, one);
          if (one.do === "tick" || one.do === "kill") moments.set(shop.clock.now(), shop.now());
        }
        await checkMoments(store, shop, moments);
      }),
      { numRuns: runs, endOnFailure: true },
    );
  }, 120_000);

  it("shows who was connected when the console died as disconnected from the last sign of life on", async () => {
    const shop = await newShop();
    shop.join("a", "b1");
    shop.join("b", "b1");
    shop.links.get("b")?.closed("goodbye");
    const left = shop.clock.now();
    await shop.tick(25_000);
    const signed = shop.clock.now();
    shop.clock.advance(4_000);
    await shop.kill(60_000);
    const at = async (ms: number) => (await readFleetAt({ store, log }, shop.environment, ms)).story;
    expect((await at(signed - 1)).get("shop/a")).toMatchObject({ connectedAt: left, disconnectedAt: null });
    const dead = (await at(signed + 30_000)).get("shop/a");
    expect(dead).toMatchObject({ connectedAt: null, left: false });
    expect(dead?.disconnectedAt).toBeGreaterThan(signed - 10_000);
    expect(dead?.disconnectedAt).toBeLessThanOrEqual(signed + 4_000);
    expect((await at(signed + 30_000)).get("shop/b")).toMatchObject({ disconnectedAt: left, left: true });
    // They come back: connected again, and the gap stays one.
    shop.join("a", "b1");
    await shop.tick(1_000);
    expect((await at(shop.clock.now())).get("shop/a")).toMatchObject({ disconnectedAt: null });
    expect((await at(signed + 30_000)).get("shop/a")).toMatchObject({ connectedAt: null });
  });

  it.each(["appendStoryChange", "putKeyFrame"] as const)("is whole after a kill right behind %s", async (method) => {
    const shop = await newShop();
    shop.join("a", "b1");
    await shop.tick(1_000);
    shop.clock.advance(KEY_FRAME_EVERY_MS);
    const dead = shop.dieBehind(method);
    shop.links.get("a")?.policyApplied(3);
    const applied = shop.clock.now();
    void shop.tick(1_000);
    await dead;
    await shop.kill(30_000);
    shop.join("a", "b1");
    shop.links.get("a")?.policyApplied(4);
    await shop.tick(1_000);
    const revisions = [applied - 1, applied, shop.clock.now()].map(async (at) => {
      const { story } = await readFleetAt({ store, log }, shop.environment, at);
      return story.get("shop/a")?.policyRevision;
    });
    expect(await Promise.all(revisions)).toEqual([0, 3, 4]);
    expect(
      comparableAll([...(await readFleetAt({ store, log }, shop.environment, shop.clock.now())).story.values()].map(recordedInstance)),
    ).toEqual(shop.now());
  });

  it("writes a key frame every ten minutes when anything changed, and none when nothing did", async () => {
    const shop = await newShop();
    shop.join("a", "b1");
    await shop.tick(1_000);
    const frameAt = async () => (await store.keyFrameSpan(shop.environment))?.newest;
    const first = await frameAt();
    await shop.tick(KEY_FRAME_EVERY_MS);
    expect(await frameAt()).toBe(first);
    shop.links.get("a")?.policyApplied(3);
    await shop.tick(1_000);
    expect(await frameAt()).toBe(shop.clock.now() - 1_000);
  });

  it("says a change that many make alike once, small", async () => {
    const shop = await newShop();
    const all = Array.from({ length: 1_000 }, (_, i) => `i${i}`);
    for (const name of all) {
      shop.join(name, "b1");
      shop.links.get(name)?.declared(dictionary(20), [IMAGES]);
    }
    await shop.tick(1_000);
    const before = (await store.listStoryChanges({ environment: shop.environment, afterId: 0, until: 8e15, limit: 100 })).at(-1)?.id ?? 0;
    for (const link of shop.links.values()) {
      link.policyApplied(9);
      link.switchMoved("images", "none");
    }
    await shop.tick(1_000);
    const rows = await store.listStoryChanges({ environment: shop.environment, afterId: before, until: 8e15, limit: 100 });
    expect(rows).toHaveLength(1);
    expect(rows[0]?.bytes.length).toBeLessThan(10_000);
    const { story } = await readFleetAt({ store, log }, shop.environment, shop.clock.now());
    expect([...story.values()].every(({ policyRevision, switches }) => policyRevision === 9 && switches[0]?.position === "none")).toBe(
      true,
    );
    expect(story.size).toBe(1_000);
  });

  it("passes over a damaged key frame and leaves out a damaged change", async () => {
    const shop = await newShop();
    shop.join("a", "b1");
    await shop.tick(1_000);
    const at = shop.clock.now();
    const changeId = (await store.listStoryChanges({ environment: shop.environment, afterId: 0, until: 8e15, limit: 1 }))[0]?.id ?? 0;
    await store.putKeyFrame({ environment: shop.environment, at: at + 1, until: at + 1, changeId, bytes: Uint8Array.of(1, 2, 3) });
    await store.appendStoryChange({ environment: shop.environment, at: at + 2, bytes: Uint8Array.of(4) });
    expect([...(await readFleetAt({ store, log }, shop.environment, at + 10)).story.keys()]).toEqual(["shop/a"]);
  });

  it("keeps what it could not write and writes it when the store is back", async () => {
    const shop = await newShop();
    shop.join("a", "b1");
    await shop.tick(1_000);
    let failing = true;
    const flaky = new Proxy(store, {
      get: (target, name: keyof Store) =>
        name === "appendStoryChange" && failing ? () => Promise.reject(new Error("no room")) : target[name].bind(target as never),
    });
    const other = new RecordedShop(flaky, `env-${randomUUID()}`);
    await other.start();
    other.join("z", "b1");
    await other.tick(1_000);
    expect((await readFleetAt({ store, log }, other.environment, other.clock.now())).story.size).toBe(0);
    failing = false;
    await other.tick(1_000);
    expect([...(await readFleetAt({ store, log }, other.environment, other.clock.now())).story.keys()]).toEqual(["shop/z"]);
  });
});
