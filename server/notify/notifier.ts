/** Notifications as one: what reads the log and sends, and what people do with sinks. */
import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import { createJobRunner, type JobRunner } from "../jobs/job-runner.ts";
import type { Log } from "../log.ts";
import { SealedBox } from "../sealed-box.ts";
import type { LoggedEventIn, Store } from "../store/store.ts";
import { allowedHosts } from "./allowed-hosts.ts";
import { createCourier } from "./courier.ts";
import { createPlanJob } from "./plan-job.ts";
import type { Resolve } from "./post.ts";
import { createPruneJob } from "./prune-job.ts";
import { createSendJob } from "./send-job.ts";
import { SinkDesk } from "./sink-desk.ts";

/** A lease of its own: sending waits for others, and history's jobs should not wait with it. */
export const NOTIFY_LEASE = "notifications";

export interface NotifierOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Of this installation; consoles that share a database share it. */
  readonly secret: string;
  readonly hosts: readonly string[];
  readonly publicUrl: string;
  /** Different for each start of the process. */
  readonly holder: string;
  /** Events that were committed. */
  readonly committed: (events: readonly LoggedEventIn[]) => void;
  readonly newId?: () => string;
  /** From 0 to 1. */
  readonly chance?: () => number;
  readonly resolve?: Resolve;
  readonly waitingMost?: number;
}

export interface Notifier {
  readonly desk: SinkDesk;
  readonly runner: JobRunner;
  /** Nothing is on its way. */
  settled(): Promise<void>;
  /** Cuts off what is on its way, which is sent again later, and lets go of the lease. */
  stop(): Promise<void>;
}

export function createNotifier(options: NotifierOptions): Notifier {
  const { store, clock, log, secret, publicUrl, holder, committed, newId = randomUUID, chance = Math.random } = options;
  const stopping = new AbortController();
  const hosts = allowedHosts(options.hosts);
  const box = new SealedBox(secret, "holdfast notifications");
  const courier = createCourier({
    ...{ box, publicUrl, hosts, clock, signal: stopping.signal },
    ...(options.resolve ? { resolve: options.resolve } : {}),
  });
  const sending = createSendJob({ store, courier, clock, log, chance, committed });
  const planning = createPlanJob({
    ...{ store, clock, newId },
    ...(options.waitingMost === undefined ? {} : { waitingMost: options.waitingMost }),
  });
  const jobs = [planning, sending, createPruneJob({ store, clock })];
  const runner = createJobRunner({ name: NOTIFY_LEASE, holder, jobs, store, clock, log });
  return {
    desk: new SinkDesk({ store, box, hosts, courier, clock, newId }),
    runner,
    settled: () => sending.settled(),
    stop: async () => {
      sending.stop();
      stopping.abort();
      await sending.settled();
      await runner.stop();
    },
  };
}
