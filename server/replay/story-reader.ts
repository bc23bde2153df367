/** The fleet as it was described at a moment, and what changed from there: the key frame before it, and the changes behind that. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { foldStory, recordedInstance, type StoryChange, type StoryInstance } from "../../core/replay-story.ts";
import type { RecordedChange } from "../../protocol/replay-api.ts";
import type { Log } from "../log.ts";
import type { KeyFrame } from "../store/replay-store.ts";
import type { Store } from "../store/store.ts";
import { StoryError, unpackStory } from "./story-codec.ts";

const ROWS_PER_READ = 200;

export interface StoryParts {
  readonly store: Pick<Store, "findKeyFrame" | "keyFrameSpan" | "listStoryChanges">;
  readonly log: Log;
}

/** Where the story of an environment ends. */
export interface StoryTail {
  readonly story: Map<string, StoryInstance>;
  readonly changeId: number;
  /** Known up to here. */
  readonly until: number;
}

/** Null when nothing was recorded. */
export async function readTail(parts: StoryParts, environment: string): Promise<StoryTail | null> {
  const newest = await parts.store.findKeyFrame(environment, Number.MAX_SAFE_INTEGER);
  if (!newest) return null;
  const sound = await soundFrame(parts, newest);
  const story = new Map<string, StoryInstance>();
  let { until } = newest;
  let changeId = sound?.frame.changeId ?? 0;
  if (sound) foldStory(story, sound.change);
  for await (const { id, change } of changesAfter(parts, { environment, afterId: changeId, until: Number.MAX_SAFE_INTEGER })) {
    changeId = id;
    if (change === null) continue;
    foldStory(story, change);
    until = Math.max(until, change.at);
  }
  return { story, changeId, until };
}

export interface PastFleet {
  /** Nothing older was recorded or kept; null when nothing was recorded at all. */
  readonly recordedFrom: number | null;
  readonly story: Map<string, StoryInstance>;
}

/** Who was there at a moment. Empty when nothing was recorded then. */
export async function readFleetAt(parts: StoryParts, environment: string, at: number): Promise<PastFleet> {
  const { recordedFrom, story } = await readWindow(parts, environment, { from: at, to: at });
  return { recordedFrom, story };
}

export interface PastWindow extends PastFleet {
  /** Behind `from`, up to `to`. */
  readonly changes: readonly RecordedChange[];
}

export async function readWindow(
  parts: StoryParts,
  environment: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<PastWindow> {
  const span = await parts.store.keyFrameSpan(environment);
  const story = new Map<string, StoryInstance>();
  const changes: RecordedChange[] = [];
  if (!span) return { recordedFrom: null, story, changes };
  const base = await baseOf(parts, environment, { from, to, span });
  const sound = base && (await soundFrame(parts, base));
  if (sound) {
    const step = (change: StoryChange): void => {
      if (change.at <= from) foldStory(story, change);
      else changes.push(recordedChange(change));
    };
    step(sound.change);
    for await (const { change } of changesAfter(parts, { environment, afterId: sound.frame.changeId, until: to })) if (change) step(change);
  }
  return { recordedFrom: span.oldest, story, changes };
}

/** As small as it was recorded: a flip of ten thousand instances is one amendment. */
function recordedChange({ at, whole, amended, gone }: StoryChange): RecordedChange {
  return {
    at,
    instances: whole.map(recordedInstance),
    ...(amended.length === 0 ? {} : { amended: amended.map(({ keys, change }) => ({ keys: [...keys], change })) }),
    forgotten: [...gone],
  };
}

/**
 * The key frame that a window begins with. One that ended before the window, with others behind it, is left over for a pinned window: what
 * followed it is gone, so the next one inside the window is the first that is known.
 */
async function baseOf(
  { store }: StoryParts,
  environment: string,
  { from, to, span }: { readonly from: number; readonly to: number; readonly span: { readonly oldest: number; readonly newest: number } },
): Promise<KeyFrame | null> {
  const before = await store.findKeyFrame(environment, from);
  if (before && (before.at === span.newest || from < before.until)) return before;
  let next = await store.findKeyFrame(environment, to);
  // The first inside the window: changes between two of them are only behind the first.
  while (next && next.at > from) {
    const earlier = await store.findKeyFrame(environment, next.at - 1);
    if (!earlier || earlier.at <= from || earlier.until < next.at) return next;
    next = earlier;
  }
  return null;
}

/** A damaged one is passed over: the changes behind the one before it say the same. Null when none is left. */
async function soundFrame(
  { store, log }: StoryParts,
  newest: KeyFrame,
): Promise<{ readonly frame: KeyFrame; readonly change: StoryChange } | null> {
  for (let frame: KeyFrame | null = newest; frame !== null; frame = await store.findKeyFrame(frame.environment, frame.at - 1)) {
    try {
      return { frame, change: await unpackStory(frame.bytes) };
    } catch (error) {
      if (!(error instanceof StoryError)) throw error;
      log.error({ err: error, environment: frame.environment, at: frame.at }, "a key frame of the story is damaged and was passed over");
    }
  }
  return null;
}

/** In their order; null for one that is damaged. */
async function* changesAfter(
  { store, log }: StoryParts,
  query: { readonly environment: string; readonly afterId: number; readonly until: number },
): AsyncGenerator<{ readonly id: number; readonly change: StoryChange | null }> {
  let { afterId } = query;
  for (;;) {
    const rows = await store.listStoryChanges({ ...query, afterId, limit: ROWS_PER_READ });
    for (const { id, at, bytes } of rows) {
      afterId = id;
      let change: StoryChange | null = null;
      try {
        change = await unpackStory(bytes);
      } catch (error) {
        if (!(error instanceof StoryError)) throw error;
        log.error({ err: error, environment: query.environment, at }, "a change of the story is damaged and was left out");
      }
      yield { id, change };
    }
    if (rows.length < ROWS_PER_READ) return;
    await nextTurn();
  }
}
