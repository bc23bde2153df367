/**
 * Drops what is older than its tier is kept: raw pages that are rolled up and not pinned, with them the story of the fleet, and rollups.
 */
import { GAP_MS } from "../../core/series.ts";
import { cutoffOf, HOUR_MS, MINUTE_MS, spanOf, type Retention, type RollupTierMs } from "../../core/tiers.ts";
import type { Clock } from "../clock.ts";
import type { Job } from "../jobs/job.ts";
import type { Store } from "../store/store.ts";
import type { Lease, PageOwner, PagePlace } from "../store/tier-store.ts";
import type { HistoryMarks } from "./history-marks.ts";

const EVERY_MS = 10 * 60_000;
/** Looked at in one transaction: a compacted page may have a hundred kilobytes. */
const PAGES_PER_STEP = 100;
const ROLLUPS_PER_STEP = 500;
const KEY_FRAMES_PER_STEP = 5;

export const RETENTION_JOB = "retention";

export interface RetentionJobOptions {
  readonly store: Pick<Store, "saveProgress" | "listPageOwners" | "listEnvironments" | "dropPages" | "dropStory" | "dropRollups">;
  readonly clock: Clock;
  readonly retention: Retention;
  readonly marks: HistoryMarks;
}

const COUNTERS = ["droppedPages", "droppedKeyFrames", "droppedMinutes", "droppedHours"] as const;
type Counter = (typeof COUNTERS)[number];

/** One pass: each owner's raw pages, each environment's story, then the rollups. */
interface Pass {
  readonly owners: PageOwner[];
  place: PagePlace | null;
  readonly environments: string[];
  readonly tiers: RollupTierMs[];
}

const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);

export function createRetentionJob({ store, clock, retention, marks }: RetentionJobOptions): Job {
  const counts: Record<Counter, number> = { droppedPages: 0, droppedKeyFrames: 0, droppedMinutes: 0, droppedHours: 0 };
  let pass: Pass | null = null;
  let nextAt = -Infinity;

  const progress = (counter: Counter) => ({
    job: RETENTION_JOB,
    state: { rawGoneBefore: marks.rawGoneBefore, ...counts },
    counter,
  });

  /** Says first that raw pages may be gone: a late page must not be taken for all there was of its hour. */
  async function begin(lease: Lease): Promise<Pass> {
    marks.rawGoneBefore = Math.max(marks.rawGoneBefore, cutoffOf(clock.now(), retention["1s"]));
    await store.saveProgress(lease, progress("droppedPages"));
    const [owners, environments] = [await store.listPageOwners(), await store.listEnvironments()];
    return { owners: [...owners], place: null, environments: [...environments], tiers: [MINUTE_MS, HOUR_MS] };
  }

  async function dropRaw(lease: Lease, now: Pass, owner: PageOwner): Promise<void> {
    const { dropped, next } = await store.dropPages(lease, {
      ...owner,
      before: marks.rawGoneBefore - GAP_MS,
      ...(now.place ? { after: now.place } : {}),
      limit: PAGES_PER_STEP,
      progress: progress("droppedPages"),
    });
    counts.droppedPages += dropped;
    now.place = next;
    if (next === null) now.owners.shift();
  }

  async function dropStory(lease: Lease, now: Pass, environment: string): Promise<void> {
    const before = marks.rawGoneBefore - GAP_MS;
    const dropped = await store.dropStory(lease, {
      environment,
      before,
      limit: KEY_FRAMES_PER_STEP,
      progress: progress("droppedKeyFrames"),
    });
    counts.droppedKeyFrames += dropped;
    if (dropped < KEY_FRAMES_PER_STEP) now.environments.shift();
  }

  async function dropTier(lease: Lease, now: Pass, tierMs: RollupTierMs): Promise<void> {
    const minutes = tierMs === MINUTE_MS;
    const counter: Counter = minutes ? "droppedMinutes" : "droppedHours";
    const before = cutoffOf(clock.now(), retention[minutes ? "1m" : "1h"]) - spanOf(tierMs) + 1;
    const dropped = await store.dropRollups(lease, { tierMs, before, limit: ROLLUPS_PER_STEP, progress: progress(counter) });
    counts[counter] += dropped;
    if (dropped < ROLLUPS_PER_STEP) now.tiers.shift();
  }

  return {
    name: RETENTION_JOB,
    begin(saved) {
      pass = null;
      nextAt = -Infinity;
      for (const counter of COUNTERS) counts[counter] = numberOf(saved[counter]);
      marks.rawGoneBefore = numberOf(saved["rawGoneBefore"]);
    },
    async step(lease) {
      if (pass === null) {
        if (clock.monotonic() < nextAt) return "idle";
        pass = await begin(lease);
        return "more";
      }
      const [owner] = pass.owners;
      const [environment] = pass.environments;
      const [tier] = pass.tiers;
      if (owner) await dropRaw(lease, pass, owner);
      else if (environment !== undefined) await dropStory(lease, pass, environment);
      else if (tier) await dropTier(lease, pass, tier);
      else {
        pass = null;
        nextAt = clock.monotonic() + EVERY_MS;
        return "idle";
      }
      return "more";
    },
  };
}
