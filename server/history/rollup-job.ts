/**
 * Rolls up each hour of each instance when it is over, and again when samples of it come late. What is due is written with the pages, so
 * nothing is forgotten; an hour is one transaction, so a leader may be killed anywhere.
 */
import { GAP_MS } from "../../core/series.ts";
import { floorTo, HOUR_MS, MINUTE_MS, spanOf } from "../../core/tiers.ts";
import type { Clock } from "../clock.ts";
import type { Job } from "../jobs/job.ts";
import type { Log } from "../log.ts";
import type { LoggedEventIn, NewEvent, Store } from "../store/store.ts";
import type { DueHour, Lease, RollupRow } from "../store/tier-store.ts";
import type { HistoryMarks } from "./history-marks.ts";
import { rollHour, type Damage, type HourInput, type HourOutput } from "./roll-hour.ts";

/** Pages of the last minute are on disk by then. */
const SETTLE_MS = 120_000;
const HOURS_PER_LOOK = 50;
/** Far more than an hour can have, unless an agent restarts all the time. */
const PAGES_MOST = 5_000;
const REPORTED_MOST = 10_000;

export const ROLLUP_JOB = "rollup";

export interface RollupJobOptions {
  readonly store: Pick<Store, "listDue" | "readStoredPages" | "readRollups" | "saveRolledHour">;
  readonly clock: Clock;
  readonly log: Log;
  readonly marks: HistoryMarks;
  readonly roll?: (input: HourInput) => Promise<HourOutput>;
  readonly committed?: (events: readonly LoggedEventIn[]) => void;
  readonly damaged?: (pages: number) => void;
}

/** What it counts; saved with the work itself. */
interface RollupState {
  readonly hours: number;
  readonly remade: number;
  readonly samples: number;
  readonly compactedPages: number;
  readonly damagedPages: number;
  /** Start of the hour that was last rolled up. */
  readonly lastHour: number;
}

const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);

export function createRollupJob(options: RollupJobOptions): Job {
  const { store, clock, log, marks } = options;
  let state: RollupState;
  let queue: DueHour[] = [];
  /** Damage that was reported: an hour that is made again would report it again. */
  const reported = new Set<string>();

  async function rowsOf({ environment, service, instance, from }: DueHour): Promise<RollupRow[]> {
    const read = (tierMs: typeof MINUTE_MS | typeof HOUR_MS) => {
      const span = floorTo(from, spanOf(tierMs));
      return store.readRollups({ tierMs, environment, service, instance, from: span, to: span + 1, limit: PAGES_MOST });
    };
    return (await Promise.all([read(MINUTE_MS), read(HOUR_MS)])).flat();
  }

  async function roll(lease: Lease, due: DueHour): Promise<void> {
    const { environment, service, instance, from } = due;
    const to = from + HOUR_MS + GAP_MS;
    const pages = await store.readStoredPages({ environment, service, instance, from: from - GAP_MS, to, limit: PAGES_MOST });
    // Beyond the limit the hour is not all there, so what was made of it before counts more.
    const gone = from < marks.rawGoneBefore || pages.length === PAGES_MOST;
    const made = await (options.roll ?? rollHour)({ hour: due, pages, rows: await rowsOf(due), gone });
    const damaged = made.damaged.filter((damage) => !reported.has(damageKey(due, damage)));
    const next: RollupState = {
      hours: state.hours + 1,
      remade: state.remade + (made.remade ? 1 : 0),
      samples: state.samples + made.samples,
      compactedPages: state.compactedPages + made.replaced.length - made.compacted.length,
      damagedPages: state.damagedPages + damaged.length,
      lastHour: from,
    };
    const events = await store.saveRolledHour(lease, {
      due,
      rows: made.rows,
      replaced: made.replaced,
      compacted: made.compacted,
      events: damaged.map((damage) => damageEvent(due, damage, clock.now())),
      progress: { job: ROLLUP_JOB, state: { ...next } },
    });
    state = next;
    if (damaged.length === 0) return;
    if (reported.size > REPORTED_MOST) reported.clear();
    for (const damage of damaged) reported.add(damageKey(due, damage));
    log.error({ service, instance, hour: from, damaged }, "pages are damaged and were left out of the rollups");
    options.damaged?.(damaged.length);
    options.committed?.(events);
  }

  return {
    name: ROLLUP_JOB,
    begin(saved) {
      queue = [];
      state = {
        hours: numberOf(saved["hours"]),
        remade: numberOf(saved["remade"]),
        samples: numberOf(saved["samples"]),
        compactedPages: numberOf(saved["compactedPages"]),
        damagedPages: numberOf(saved["damagedPages"]),
        lastHour: numberOf(saved["lastHour"]),
      };
    },
    async step(lease) {
      if (queue.length === 0) queue = [...(await store.listDue({ until: dueUntil(clock.now()), limit: HOURS_PER_LOOK }))];
      const due = queue.shift();
      if (!due) return "idle";
      await roll(lease, due);
      return "more";
    },
  };
}

/** Start of the last hour that is over and has settled. */
export const dueUntil = (now: number): number => floorTo(now - SETTLE_MS, HOUR_MS) - HOUR_MS;

const damageKey = ({ environment, service, instance }: DueHour, { tier, from, to }: Damage): string =>
  JSON.stringify([environment, service, instance, tier, from, to]);

function damageEvent({ environment, service, instance }: DueHour, { from, to, tier, message }: Damage, now: number): NewEvent {
  return {
    environment,
    at: from,
    receivedAt: now,
    type: "history.page_damaged",
    service,
    instance,
    resource: null,
    actor: "console",
    data: { from, to, tier, message },
  };
}
