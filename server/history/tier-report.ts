/** What history takes and how its jobs are doing, for the operator. */
import { HOUR_MS, MINUTE_MS, projectedBytes, spanOf, TIERS, type Retention } from "../../core/tiers.ts";
import type { JobsAnswer, TiersAnswer } from "../../protocol/history-api.ts";
import type { Clock } from "../clock.ts";
import type { Store } from "../store/store.ts";
import { dueUntil } from "./rollup-job.ts";

/** Measuring looks at every page. */
const KEPT_MS = 60_000;

export interface TierReportOptions {
  readonly store: Pick<Store, "tierUse" | "size" | "listLeases" | "listJobs" | "countDue">;
  readonly clock: Clock;
  readonly retention: Retention;
  /** Name of the jobs' lease. */
  readonly lease: string;
  readonly leading: () => boolean;
}

export interface TierReport {
  tiers(): Promise<TiersAnswer>;
  jobs(): Promise<JobsAnswer>;
}

export function createTierReport({ store, clock, retention, lease, leading }: TierReportOptions): TierReport {
  let measured: { readonly answer: Promise<TiersAnswer>; readonly at: number } | null = null;

  async function measure(): Promise<TiersAnswer> {
    const at = clock.now();
    const [use, databaseBytes] = await Promise.all([store.tierUse(), store.size()]);
    const tiers = TIERS.map(({ name, stepMs }) => {
      const { pages, bytes, oldest, newest } = use.find(({ tierMs }) => tierMs === stepMs) ?? {
        pages: 0,
        bytes: 0,
        oldest: null,
        newest: null,
      };
      const rolled = stepMs === MINUTE_MS || stepMs === HOUR_MS;
      // A span that still fills holds nothing beyond now.
      const newestAt = newest === null ? null : rolled ? Math.max(oldest ?? 0, Math.min(newest + spanOf(stepMs), at)) : newest;
      const keepMs = retention[name];
      return {
        tier: name,
        stepMs,
        keepMs,
        pages,
        bytes,
        oldestAt: oldest,
        newestAt,
        projectedBytes: projectedBytes({ bytes, oldest, newest: newestAt }, keepMs),
      };
    });
    const known = tiers.flatMap(({ projectedBytes }) => (projectedBytes === null ? [] : [projectedBytes]));
    return { tiers, databaseBytes, projectedBytes: known.length === 0 ? null : known.reduce((sum, bytes) => sum + bytes, 0), at };
  }

  return {
    tiers() {
      if (measured === null || clock.monotonic() - measured.at >= KEPT_MS) {
        const answer = measure();
        measured = { answer, at: clock.monotonic() };
        answer.catch(() => (measured = null));
      }
      return measured.answer;
    },
    async jobs() {
      const [leases, jobs, hoursDue] = await Promise.all([store.listLeases(), store.listJobs(), store.countDue(dueUntil(clock.now()))]);
      const held = leases.find(({ name, expiresAt }) => name === lease && expiresAt > 0);
      return {
        leading: leading(),
        lease: held ?? null,
        hoursDue,
        jobs: jobs.map(({ job, updatedAt, state }) => ({ job, updatedAt, state: { ...state } })),
      };
    },
  };
}
