/**
 * Runs jobs while this console leads. One lease for all of them, kept in the database and by its clock: consoles that share a database have
 * one leader, and a leader that was away too long finds its writes refused. Between two units of work the loop rests as long as the last
 * one took, so that a backlog takes half a core at most.
 */
import type { Clock, Timer } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import { LeaseLost, type Lease } from "../store/tier-store.ts";
import type { Job } from "./job.ts";

const TTL_MS = 30_000;
const TICK_MS = 1_000;
const REST_MOST_MS = 1_000;
const ERROR_PAUSE_MS = 10_000;

export interface JobRunnerOptions {
  /** Of the lease. */
  readonly name: string;
  /** Tells this console from others and from itself before a restart. */
  readonly holder: string;
  readonly jobs: readonly Job[];
  readonly store: Pick<Store, "takeLease" | "releaseLease" | "listJobs">;
  readonly clock: Clock;
  readonly log: Log;
  readonly ttlMs?: number;
}

export interface JobRunner {
  readonly leading: boolean;
  /** Works until nothing is left to do, if this console leads or can. For tests and commands; the timer does the same. */
  runNow(): Promise<void>;
  /** Lets the unit at hand end, then lets go of the lease. */
  stop(): Promise<void>;
}

export function createJobRunner({ name, holder, jobs, store, clock, log, ttlMs = TTL_MS }: JobRunnerOptions): JobRunner {
  let lease: Lease | null = null;
  let renewAt = -Infinity;
  let running: Promise<void> | null = null;
  let stopped = false;
  let pausedUntil = -Infinity;
  let failed = false;
  const rests = new Map<Timer, () => void>();
  /** Asked anew after each wait. */
  const isStopped = (): boolean => stopped;

  /** Renewed long before it runs out, by our own monotonic clock. */
  async function lead(): Promise<Lease | null> {
    if (lease && clock.monotonic() < renewAt) return lease;
    const asked = clock.monotonic();
    const before: Lease | null = lease;
    lease = await store.takeLease(name, holder, ttlMs);
    renewAt = asked + ttlMs / 3;
    if (lease && before?.token !== lease.token) {
      const known = await store.listJobs();
      for (const job of jobs) job.begin(known.find((one) => one.job === job.name)?.state ?? {});
      log.info({ lease: name, token: lease.token }, "leading the jobs");
    } else if (before && !lease) log.info({ lease: name }, "another console leads the jobs");
    return lease;
  }

  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        rests.delete(timer);
        resolve();
      };
      const timer = clock.setTimeout(end, ms);
      rests.set(timer, end);
    });

  async function work(): Promise<void> {
    const busy = new Set(jobs);
    while (busy.size > 0) {
      for (const job of [...busy]) {
        if (isStopped()) return;
        const held = await lead();
        if (!held) return;
        const started = clock.monotonic();
        if ((await job.step(held)) === "idle") busy.delete(job);
        else if (!isStopped()) await rest(Math.min(REST_MOST_MS, clock.monotonic() - started));
      }
    }
  }

  async function attempt(): Promise<void> {
    try {
      await work();
      if (failed) log.info({ lease: name }, "the jobs go on");
      failed = false;
    } catch (error) {
      if (error instanceof LeaseLost) {
        lease = null;
        log.warn({ lease: name }, "another console took over the jobs");
        return;
      }
      // Begins again from what is saved: what was in memory may be ahead of it.
      lease = null;
      renewAt = -Infinity;
      failed = true;
      pausedUntil = clock.monotonic() + ERROR_PAUSE_MS;
      log.error({ err: error, lease: name }, "a job failed; it is tried again");
    }
  }

  const run = (): Promise<void> => (running ??= attempt().finally(() => (running = null)));
  const timer = clock.setInterval(() => {
    if (running === null && clock.monotonic() >= pausedUntil) void run();
  }, TICK_MS);

  return {
    get leading() {
      return lease !== null;
    },
    async runNow() {
      await running;
      await run();
    },
    async stop() {
      stopped = true;
      timer.cancel();
      for (const [waiting, end] of [...rests]) {
        waiting.cancel();
        end();
      }
      await running;
      const held = lease;
      lease = null;
      if (held) await store.releaseLease(held);
    },
  };
}
