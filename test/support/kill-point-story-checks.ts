/** What must be true of the story of a fleet after many kills. */
import { expect } from "vitest";
import { foldStory, type StoryInstance } from "../../core/replay-story.ts";
import { createLog } from "../../server/log.ts";
import { unpackStory } from "../../server/replay/story-codec.ts";
import { readFleetAt } from "../../server/replay/story-reader.ts";
import type { Store } from "../../server/store/store.ts";
import type { Place } from "./kill-point.ts";
import { openWatched } from "./kill-point-store.ts";
import { STORY_ENVIRONMENT, STORY_KEY } from "./kill-point-story.ts";

export interface Told {
  readonly at: number;
  readonly revision: number;
}

/** Everything that was told is there as it was; each key frame is what all changes before it make, and begins where the one before it ends. */
export async function checkStory(place: Place, told: readonly Told[]): Promise<void> {
  const { db, store } = openWatched(place);
  try {
    for (const { at, revision } of told) {
      const { story } = await readFleetAt({ store, log: createLog("silent") }, STORY_ENVIRONMENT, at);
      expect(story.get(STORY_KEY)?.policyRevision, `as of ${at}`).toBe(revision);
    }
    const frames = await db.storyKeyFrame.findMany({ where: { environment: STORY_ENVIRONMENT }, orderBy: { id: "asc" } });
    for (const [i, { atMs, untilMs, changeId, bytes }] of frames.entries()) {
      const next = frames[i + 1];
      if (next) expect(untilMs).toBe(next.atMs);
      expect(untilMs).toBeGreaterThanOrEqual(atMs);
      const framed = new Map<string, StoryInstance>();
      foldStory(framed, await unpackStory(bytes));
      expect(Object.fromEntries(framed)).toEqual(Object.fromEntries(await foldedUpTo(store, Number(changeId))));
    }
    const { length: changes } = await allChanges(store);
    expect(frames.length).toBeGreaterThan(2);
    expect(changes).toBeGreaterThanOrEqual(told.length);
  } finally {
    await store.close();
  }
}

const allChanges = (store: Store) =>
  store.listStoryChanges({ environment: STORY_ENVIRONMENT, afterId: 0, until: Number.MAX_SAFE_INTEGER, limit: 100_000 });

async function foldedUpTo(store: Store, changeId: number): Promise<Map<string, StoryInstance>> {
  const story = new Map<string, StoryInstance>();
  for (const { id, bytes } of await allChanges(store)) if (id <= changeId) foldStory(story, await unpackStory(bytes));
  return story;
}
