/** The past as it is played: the story of the fleet, packed samples, what changed around a moment. */
import type { NearbyAnswer, ReplayStory } from "../../protocol/replay-api.ts";
import type { FramedPage } from "../../core/replay-samples.ts";
import { recordedInstance } from "../../core/replay-story.ts";
import type { HeldSamples } from "../history/series-reader.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import type { PageCutter } from "./cut-pages.ts";
import { readLastSamples, type LastSamplesQuery } from "./last-samples.ts";
import { readNearby, type NearbyQuery } from "./nearby-reader.ts";
import { readSamplePart, type SamplePart, type SamplePartQuery } from "./sample-parts.ts";
import { readFleetAt, readWindow, type PastFleet } from "./story-reader.ts";

/** Events one story may carry. */
export const STORY_EVENTS_MOST = 5_000;
const EVENTS_PER_READ = 500;

export interface ReplayOptions {
  readonly store: Pick<
    Store,
    "findKeyFrame" | "keyFrameSpan" | "listStoryChanges" | "listEvents" | "listRevisionsAt" | "listPages" | "listPageOwners"
  >;
  /** Samples in memory. */
  readonly held: () => readonly HeldSamples[];
  readonly log: Log;
  /** Cuts windows out of hours away from the thread of the sockets; without it they are cut there, with turns for others. */
  readonly cutter?: PageCutter;
}

export interface WindowAsked {
  readonly environment: string;
  readonly from: number;
  readonly to: number;
}

export interface Replay {
  story(window: WindowAsked): Promise<ReplayStory>;
  /** @throws InvalidCursor */
  samples(query: SamplePartQuery): Promise<SamplePart>;
  /** What silent instances last said. */
  lastSamples(query: LastSamplesQuery): Promise<readonly FramedPage[]>;
  nearby(query: NearbyQuery): Promise<NearbyAnswer>;
  /** Who was there at a moment, and how. */
  fleetAt(environment: string, at: number): Promise<PastFleet>;
}

export function createReplay(options: ReplayOptions): Replay {
  const { store } = options;

  async function eventsIn({ environment, from, to }: WindowAsked): Promise<Pick<ReplayStory, "events" | "eventsCut">> {
    const events: ReplayStory["events"] = [];
    let cursor: string | null | undefined;
    do {
      const page = await store.listEvents({
        environment,
        since: from + 1,
        until: to,
        limit: EVENTS_PER_READ,
        order: "asc",
        ...(cursor == null ? {} : { cursor }),
      });
      for (const { id, at, receivedAt, type, service, instance, resource, actor, data } of page.items)
        events.push({ id, at, receivedAt, type, service, instance, resource, actor, data });
      cursor = page.nextCursor;
    } while (cursor !== null && events.length < STORY_EVENTS_MOST);
    return { events: events.sort((a, b) => a.id - b.id), eventsCut: cursor !== null };
  }

  return {
    async story(window) {
      const { environment, from, to } = window;
      const { recordedFrom, story, changes } = await readWindow(options, environment, window);
      const revisions = await store.listRevisionsAt(environment, from);
      return {
        environment,
        from,
        to,
        recordedFrom,
        revision: Math.max(0, ...revisions.map(({ revision }) => revision)),
        instances: [...story.values()].map(recordedInstance),
        changes: [...changes],
        ...(await eventsIn(window)),
      };
    },
    samples: (query) => readSamplePart(options, query),
    lastSamples: (query) => readLastSamples(options, query),
    nearby: (query) => readNearby(options, query),
    fleetAt: (environment, at) => readFleetAt(options, environment, at),
  };
}
