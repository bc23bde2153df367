/** The tiers of history as one: their jobs, their readers, their report. */
import type { Retention } from "../../core/tiers.ts";
import type { Clock } from "../clock.ts";
import type { Job } from "../jobs/job.ts";
import { createJobRunner, type JobRunner } from "../jobs/job-runner.ts";
import type { Log } from "../log.ts";
import type { LoggedEventIn, Store } from "../store/store.ts";
import { createHistoryReader, type HistoryReader } from "./history-reader.ts";
import type { HistoryMarks } from "./history-marks.ts";
import { createRetentionJob } from "./retention-job.ts";
import type { HourInput, HourOutput } from "./roll-hour.ts";
import { createRollupJob } from "./rollup-job.ts";
import type { HeldSamples } from "./series-reader.ts";
import { createTierReport, type TierReport } from "./tier-report.ts";

/** One lease for all jobs of history. */
export const JOBS_LEASE = "history";

export interface TiersOptions {
  readonly store: Store;
  /** Samples in memory. */
  readonly held: () => readonly HeldSamples[];
  readonly clock: Clock;
  readonly log: Log;
  readonly retention: Retention;
  /** Different for each start of the process. */
  readonly holder: string;
  /** Where an hour is rolled up; absent: in this thread. */
  readonly roll?: (input: HourInput) => Promise<HourOutput>;
  /** Other jobs that run under the same lease. */
  readonly jobs?: readonly Job[];
  /** Events that the jobs committed. */
  readonly committed?: (events: readonly LoggedEventIn[]) => void;
  /** Pages that could not be read. */
  readonly damaged?: (pages: number) => void;
}

export interface Tiers {
  readonly runner: JobRunner;
  readonly reader: HistoryReader;
  readonly report: TierReport;
}

export function createTiers(options: TiersOptions): Tiers {
  const { store, clock, log, retention, holder } = options;
  const marks: HistoryMarks = { rawGoneBefore: 0 };
  const rollup = createRollupJob({ ...options, marks });
  const retain = createRetentionJob({ store, clock, retention, marks });
  const runner = createJobRunner({ name: JOBS_LEASE, holder, jobs: [rollup, retain, ...(options.jobs ?? [])], store, clock, log });
  return {
    runner,
    reader: createHistoryReader(options),
    report: createTierReport({ store, clock, retention, lease: JOBS_LEASE, leading: () => runner.leading }),
  };
}
