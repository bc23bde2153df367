/** The story of a fleet in the kill tests: one instance, told of by revisions that only grow, with key frames in between. */
import { createInProcessBus } from "../../server/bus/in-process-bus.ts";
import { createLiveFleet } from "../../server/fleet/create-live-fleet.ts";
import { createLog } from "../../server/log.ts";
import { createStoryRecorder, KEY_FRAME_EVERY_MS } from "../../server/replay/story-recorder.ts";
import { FakeClock } from "./fake-clock.ts";
import type { StoryWork } from "./kill-point.ts";
import { openWatched } from "./kill-point-store.ts";

const ORIGIN = 1_790_000_000_000;
const DAY_MS = 86_400_000;
const CHANGES = 6;
export const STORY_ENVIRONMENT = "production";
export const STORY_KEY = "shop/a";

export async function writeStory({ place, kill, start }: StoryWork, say: (line: string) => void): Promise<void> {
  const { store } = openWatched(place, kill);
  const clock = new FakeClock(ORIGIN + start * DAY_MS);
  const log = createLog("silent");
  const fleet = await createLiveFleet({ store, bus: createInProcessBus(log), clock, log });
  const recorder = await createStoryRecorder({ store, fleet, clock, log });
  const link = fleet.connect(
    { environment: STORY_ENVIRONMENT, service: "shop", instance: "a" },
    { boot: `b${start}`, version: "1", labels: {}, agentVersion: "1", runtime: "node", clockSkewMs: 0, policyRevision: 0 },
  );
  for (let i = 1; i <= CHANGES; i++) {
    clock.advance(i % 2 === 0 ? KEY_FRAME_EVERY_MS : 1_500);
    await recorder.flush();
    const revision = start * CHANGES + i;
    link.policyApplied(revision);
    const at = clock.now();
    await recorder.flush();
    say(`told ${at} ${revision}`);
  }
  await recorder.stop();
  await fleet.stop();
  await store.close();
}
