/** Where the past comes from: the console's answers, read part by part. */
import { readFramedPages, type FramedPage } from "../../core/replay-samples.ts";
import type { LoggedEvent } from "../../protocol/live.ts";
import type { ReplayStory } from "../../protocol/replay-api.ts";
import { get, getBytes, query } from "../api/client.ts";
import { isTransition } from "./transitions.ts";

export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

export interface ReplaySource {
  story(range: TimeRange, signal: AbortSignal): Promise<ReplayStory>;
  /** Every part, in order. */
  samples(range: TimeRange, signal: AbortSignal): Promise<readonly FramedPage[]>;
  /** What these instances last said before a moment, one sample each; nothing of who was silent for two days. */
  lastSamples(keys: readonly string[], at: number, signal: AbortSignal): Promise<readonly FramedPage[]>;
  /** Times of transitions in a range; at least the ones next to the end asked for when there are too many. */
  transitions(range: TimeRange, nextTo: "from" | "to", signal: AbortSignal): Promise<readonly number[]>;
}

/** An answer that goes on for longer than this is not of this console. */
const MOST_PARTS = 1_000;
const PAGE = 500;
/** Equal to REPLAY_KEYS_MOST of the protocol; a test compares the two. */
export const KEYS_MOST = 100;

/** Reads from the API as the signed-in person. */
export function replayRequests(environment: string): ReplaySource {
  const decoder = new TextDecoder();
  return {
    story: (range, signal) => get<ReplayStory>(`/replay/story${query({ environment, ...range })}`, signal),
    samples: async (range, signal) => {
      const pages: FramedPage[] = [];
      let cursor: string | null = null;
      for (let part = 0; part < MOST_PARTS; part++) {
        const { bytes, next }: { bytes: Uint8Array; next: string | null } = await getBytes(
          `/replay/samples${query({ environment, ...range, cursor })}`,
          signal,
        );
        pages.push(...readFramedPages(bytes, (text) => decoder.decode(text)));
        if (next === null || next === "") return pages;
        cursor = next;
      }
      return pages;
    },
    lastSamples: async (keys, at, signal) => {
      const pages: FramedPage[] = [];
      for (let next = 0; next < keys.length; next += KEYS_MOST) {
        const instances = keys.slice(next, next + KEYS_MOST).join("\n");
        const { bytes } = await getBytes(`/replay/last-samples${query({ environment, at, instances })}`, signal);
        pages.push(...readFramedPages(bytes, (text) => decoder.decode(text)));
      }
      return pages;
    },
    transitions: async ({ from, to }, nextTo, signal) => {
      const found: number[] = [];
      let cursor: string | null = null;
      do {
        const page: { items: LoggedEvent[]; nextCursor: string | null } = await get(
          `/events${query({ environment, since: Math.floor(from), until: Math.ceil(to), limit: PAGE, cursor })}`,
          signal,
        );
        found.push(...page.items.filter((event) => isTransition(event.type)).map((event) => event.at));
        // The log answers newest first: one page with any transition is enough for the newest, the oldest needs them all.
        cursor = nextTo === "to" && found.length > 0 ? null : page.nextCursor;
      } while (cursor !== null);
      return found.sort((a, b) => a - b);
    },
  };
}
