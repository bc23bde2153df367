import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createInProcessBus } from "../../server/bus/in-process-bus.ts";
import { createLiveFleet } from "../../server/fleet/create-live-fleet.ts";
import type { FleetLink, LiveFleet } from "../../server/fleet/live-fleet.ts";
import { wholeChanges } from "../../core/replay-story.ts";
import { createStoryRecorder, KEY_FRAME_EVERY_MS, type StoryRecorder } from "../../server/replay/story-recorder.ts";
import { readFleetAt, readWindow } from "../../server/replay/story-reader.ts";
import { DEFAULT_RETENTION } from "../../core/tiers.ts";
import { HOUR, openShop, type Shop } from "../history/history-shop.ts";
import { turnedUntil } from "../support/fake-clock.ts";
import { log } from "./recorded-shop.ts";

const environment = "production";
let shop: Shop;
let fleet: LiveFleet;
let recorder: StoryRecorder;
beforeEach(async () => {
  shop = await openShop({ retention: { ...DEFAULT_RETENTION, "1s": 2 * HOUR } });
  const { store, clock } = shop;
  fleet = await createLiveFleet({ store, bus: createInProcessBus(log), clock, log });
  recorder = await createStoryRecorder({ store, fleet, clock, log });
});
afterEach(async () => {
  await recorder.stop();
  await fleet.stop();
  await shop.stop();
});

const pin = (at: number): Promise<void> =>
  shop.store.pinPages({
    id: randomUUID(),
    environment,
    from: at - 60_000,
    to: at + 60_000,
    instances: [],
    reason: "incident 1",
    createdAt: at,
  });

/** Each ten minutes the revision goes up by one, and a key frame is written. */
async function live(link: FleetLink, revisions: number): Promise<number[]> {
  const moments: number[] = [];
  for (let revision = 1; revision <= revisions; revision++) {
    link.policyApplied(revision);
    await recorder.flush();
    shop.clock.advance(KEY_FRAME_EVERY_MS - 2_000);
    await recorder.flush();
    const at = shop.clock.now();
    moments.push(at);
    expect(await revisionAt(at)).toBe(revision);
    if (revision === 6) await pin(at);
    shop.clock.advance(2_000);
    await recorder.flush();
  }
  return moments;
}

const revisionAt = async (at: number): Promise<number | undefined> =>
  (await readFleetAt({ store: shop.store, log }, environment, at)).story.get("orders/a")?.policyRevision;

it("drops the story with the seconds, keeps what the kept time begins with and what an incident pinned, and shows no gap as known", async () => {
  const { store, clock } = shop;
  const link = fleet.connect(
    { environment, service: "orders", instance: "a" },
    { boot: "b1", version: null, labels: {}, agentVersion: "1", runtime: "node", clockSkewMs: 0, policyRevision: 0 },
  );
  const moments = await live(link, 30);
  // Time for a pass that begins now.
  clock.advance(11 * 60_000);
  await turnedUntil(shop.tiers.runner.runNow(), clock, 10);
  const { state = {} } = (await store.listJobs()).find(({ job }) => job === "retention") ?? {};
  const known = await Promise.all(moments.map(revisionAt));
  const kept = moments.findIndex((at) => at >= Number(state["rawGoneBefore"]));
  expect(kept).toBeGreaterThan(10);
  // All of the kept time, and the stretches around the pinned minutes.
  expect(known.slice(kept)).toEqual(moments.slice(kept).map((_, i) => kept + i + 1));
  expect(known[5]).toBe(6);
  expect(known.slice(0, 4)).toEqual([undefined, undefined, undefined, undefined]);
  expect(known.slice(8, kept - 1).every((revision) => revision === undefined)).toBe(true);
  // A window that begins in the gap begins with nobody, and says so until the next key frame.
  const gap = moments[kept - 4] ?? 0;
  const window = await readWindow({ store, log }, environment, { from: gap, to: clock.now() });
  expect(window.story.size).toBe(0);
  expect(window.changes[0]?.instances).toHaveLength(1);
  const changes = wholeChanges({ instances: [], changes: [...window.changes] });
  expect(changes.at(-1)?.instances[0]?.policyRevision).toBe(30);
  expect(Number(state["droppedKeyFrames"])).toBeGreaterThan(5);
}, 30_000);
