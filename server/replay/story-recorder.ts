/**
 * Writes down how the fleet is described: once a second what changed since, now and then all of it. Follows the live fleet and never holds
 * it up; while the store fails, what changed waits, each instance once.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { foldStory, StoryDiff, storyInstance, wholeStory, type StoryChange, type StoryInstance } from "../../core/replay-story.ts";
import type { Clock } from "../clock.ts";
import type { LiveFleet } from "../fleet/live-fleet.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import { packStory } from "./story-codec.ts";
import { readTail, type StoryParts } from "./story-reader.ts";

const TICK_MS = 1_000;
/** Something is written of a quiet fleet too, so that it is known how long the console lived. */
const SIGN_EVERY_MS = 10_000;
export const KEY_FRAME_EVERY_MS = 600_000;
/** A small fleet does not need a key frame for each handful of changes. */
const KEY_FRAME_BYTES_LEAST = 16_384;
/** Instances compared before the event loop gets its turn. */
const PER_TURN = 500;

export interface StoryRecorderOptions extends StoryParts {
  readonly store: StoryParts["store"] & Pick<Store, "appendStoryChange" | "putKeyFrame" | "extendKeyFrame" | "listEnvironments">;
  readonly fleet: Pick<LiveFleet, "environments" | "fleet" | "policiesOf" | "subscribe">;
  readonly clock: Clock;
  readonly log: Log;
}

export interface StoryRecorder {
  /** Writes what is not yet written. For tests and the end; the timer does the same. */
  flush(): Promise<void>;
  /** Writes the rest and ends; what the store refuses now is in the log. */
  stop(): Promise<void>;
}

interface Recording {
  readonly environment: string;
  /** As it is written. */
  readonly story: Map<string, StoryInstance>;
  readonly dirty: Set<string>;
  /** When the last of what is dirty changed; never before what is written. */
  changedAt: number;
  /** The last change that is written. */
  changeId: number;
  writtenAt: number;
  frame: { readonly id: number; readonly bytes: number; readonly madeAt: number } | null;
  /** Written since the key frame. */
  bytes: number;
  signedAt: number;
}

/**
 * Begins where the story ends: whoever was connected when the console died was last heard of then. @throws when the store cannot be read
 * or written.
 */
export async function createStoryRecorder(options: StoryRecorderOptions): Promise<StoryRecorder> {
  const { store, fleet, clock, log } = options;
  const recordings = new Map<string, Recording>();
  let running: Promise<void> | null = null;
  let failing = false;

  function recordingOf(environment: string): Recording {
    let found = recordings.get(environment);
    if (!found) {
      const now = clock.monotonic();
      found = {
        environment,
        story: new Map(),
        dirty: new Set(),
        changedAt: 0,
        changeId: 0,
        writtenAt: 0,
        frame: null,
        bytes: 0,
        signedAt: now,
      };
      recordings.set(environment, found);
    }
    return found;
  }

  async function append(recording: Recording, change: StoryChange): Promise<void> {
    const bytes = await packStory(change);
    recording.changeId = await store.appendStoryChange({ environment: recording.environment, at: change.at, bytes });
    foldStory(recording.story, change);
    recording.writtenAt = change.at;
    recording.bytes += bytes.length;
  }

  async function writeChanges(recording: Recording): Promise<void> {
    const { environment, story, dirty } = recording;
    const keys = [...dirty];
    dirty.clear();
    try {
      const diff = new StoryDiff();
      const { instances } = fleet.fleet(environment);
      for (const [i, key] of keys.entries()) {
        if (i % PER_TURN === PER_TURN - 1) await nextTurn();
        const state = instances.get(key);
        diff.add(key, story.get(key), state ? storyInstance(state, fleet.policiesOf(environment, key)) : null);
      }
      const change = diff.change(Math.max(recording.changedAt, recording.writtenAt));
      if (change) await append(recording, change);
    } catch (error) {
      for (const key of keys) dirty.add(key);
      throw error;
    }
  }

  async function writeFrame(recording: Recording): Promise<void> {
    const { environment, story, changeId, writtenAt: at } = recording;
    const until = Math.max(clock.now(), at);
    const bytes = await packStory(wholeStory(story, at));
    const id = await store.putKeyFrame({ environment, at, until, changeId, bytes });
    recording.frame = { id, bytes: bytes.length, madeAt: clock.monotonic() };
    recording.bytes = 0;
    recording.signedAt = clock.monotonic();
  }

  function frameIsDue({ frame, bytes, story }: Recording): boolean {
    if (frame === null) return story.size > 0;
    if (bytes === 0) return false;
    return clock.monotonic() - frame.madeAt >= KEY_FRAME_EVERY_MS || bytes > Math.max(frame.bytes, KEY_FRAME_BYTES_LEAST);
  }

  async function sign(recording: Recording): Promise<void> {
    if (recording.frame === null) return;
    await store.extendKeyFrame(recording.frame.id, clock.now());
    recording.signedAt = clock.monotonic();
  }

  async function write(): Promise<void> {
    for (const recording of recordings.values()) {
      if (recording.dirty.size > 0) await writeChanges(recording);
      if (frameIsDue(recording)) await writeFrame(recording);
      else if (clock.monotonic() - recording.signedAt >= SIGN_EVERY_MS) await sign(recording);
    }
  }

  async function attempt(): Promise<void> {
    try {
      await write();
      if (failing) log.info("the story of the fleet goes on");
      failing = false;
    } catch (error) {
      if (!failing) log.error({ err: error }, "the story of the fleet could not be written; it is tried again");
      failing = true;
    }
  }

  const run = (): Promise<void> => (running ??= attempt().finally(() => (running = null)));

  async function flush(): Promise<void> {
    await running;
    await run();
  }

  /** Reads where the story ended, says who was lost then, and begins a new stretch with how things are now. */
  async function begin(environment: string): Promise<void> {
    const recording = recordingOf(environment);
    const tail = await readTail(options, environment);
    if (tail) {
      for (const [key, instance] of tail.story) recording.story.set(key, instance);
      recording.changeId = tail.changeId;
      recording.writtenAt = tail.until;
      const lost = new StoryDiff();
      for (const [key, { connectedAt }] of tail.story)
        if (connectedAt !== null) lost.amend(key, { connectedAt: null, disconnectedAt: tail.until, left: false });
      // Of the sign itself it is still true that they were there.
      const change = lost.change(tail.until + 1);
      if (change) await append(recording, change);
    }
    for (const key of [...recording.story.keys(), ...fleet.fleet(environment).instances.keys()]) recording.dirty.add(key);
    recording.changedAt = clock.now();
    await writeChanges(recording);
    if (recording.story.size > 0 || tail) await writeFrame(recording);
  }

  const unsubscribe = fleet.subscribe((change) => {
    if (change.type === "sampled") return;
    const recording = recordingOf(change.environment);
    recording.dirty.add(change.key);
    recording.changedAt = clock.now();
  });
  try {
    for (const environment of new Set([...fleet.environments(), ...(await store.listEnvironments())])) await begin(environment);
  } catch (error) {
    unsubscribe();
    throw error;
  }
  const timer = clock.setInterval(() => {
    if (running === null) void run();
  }, TICK_MS);

  return {
    flush,
    async stop() {
      timer.cancel();
      unsubscribe();
      await flush();
      for (const recording of recordings.values())
        await sign(recording).catch((error: unknown) => log.error({ err: error }, "the end of the story could not be written"));
    },
  };
}
