/**
 * Sends what waits: each sink in its order, sinks beside one another. Sending goes on beside the job's own steps, so that a slow receiver
 * holds up nobody but itself. What became of a try is written under the lease: a console that lost it cannot settle anything.
 */
import type { Clock } from "../clock.ts";
import type { Job } from "../jobs/job.ts";
import type { Log } from "../log.ts";
import type { Delivery, Outcome, Settlement, Sink } from "../store/notify-store.ts";
import type { LoggedEventIn, NewEvent, Store } from "../store/store.ts";
import { LeaseLost, type Lease } from "../store/tier-store.ts";
import { auditEntry } from "../audit/audit-entry.ts";
import type { Courier } from "./courier.ts";
import type { Posted } from "./post.ts";
import { mayRetry, PAUSE_AFTER_MS, retryDelay } from "./retry.ts";

export interface SendJobOptions {
  readonly store: Pick<Store, "listDueDeliveries" | "getNotifySink" | "settleNotifyDelivery" | "listEnvironments">;
  readonly courier: Courier;
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 to 1. */
  readonly chance: () => number;
  /** Events that were committed. */
  readonly committed: (events: readonly LoggedEventIn[]) => void;
}

export interface SendJob extends Job {
  /** Resolves when nothing is on its way. */
  settled(): Promise<void>;
  /** Nothing new is begun. */
  stop(): void;
}

/** Gone for good: RFC 9110. */
const GONE = 410;

export function createSendJob({ store, courier, clock, log, chance, committed }: SendJobOptions): SendJob {
  const underWay = new Map<string, Promise<void>>();
  let stopped = false;

  /** What waits for a sink, one after the other, until one has to wait. */
  async function serve(lease: Lease, first: Delivery): Promise<void> {
    let delivery: Delivery | undefined = first;
    while (delivery && !stopped) {
      const sink = await store.getNotifySink(delivery.sinkId);
      if (!sink) return;
      const settlement = await attempt(sink, delivery);
      if (settlement === null) return;
      committed(await store.settleNotifyDelivery(lease, settlement));
      if (settlement.outcome.status === "waiting") return;
      [delivery] = await store.listDueDeliveries(clock.now(), sink.id);
    }
  }

  /** Null: the console stopped meanwhile, and nothing is known of it. */
  async function attempt(sink: Sink, delivery: Delivery): Promise<Settlement | null> {
    const about = { id: delivery.id, sinkId: sink.id };
    if (clock.now() >= delivery.deadline) return { ...about, untried: true, outcome: outcomeOf(delivery, null, clock.now()) };
    const posted = await courier(sink, delivery);
    if (stopped && !posted.ok) return null;
    const at = clock.now();
    const outcome = outcomeOf(delivery, posted, at, chance());
    if (posted.ok) return { ...about, outcome, toldDropped: sink.droppedUntold };
    const failing = sink.failingSince ?? at;
    log.warn(
      { sink: sink.id, delivery: delivery.id, attempt: outcome.attempts, code: posted.code },
      `a notification did not arrive: ${posted.error ?? ""}`,
    );
    if (posted.code !== GONE && at - failing < PAUSE_AFTER_MS) return { ...about, outcome };
    return { ...about, outcome, pause: await pauseEvents(sink, posted, at) };
  }

  /** Whoever watches an environment must know that its notifications do not arrive any more. */
  async function pauseEvents(sink: Sink, posted: Posted, at: number): Promise<NewEvent[]> {
    const { environments } = sink.hears;
    const places = environments.length > 0 ? environments : (await store.listEnvironments()).filter((name) => name !== "system");
    const why = posted.code === GONE ? "it says that it is gone" : "nothing arrived for a day";
    const audit = auditEntry({
      ...{ at, action: "notify_sink.paused", actor: "system", thing: sink.name, reason: why },
      after: { error: posted.error, code: posted.code },
    });
    return places.map((environment, index) => ({
      ...{ environment, at, receivedAt: at, type: "notify.paused", service: null, instance: null, resource: null, actor: "system" },
      data: { sink: sink.name, reason: why },
      ...(index === 0 ? { audit } : {}),
    }));
  }

  return {
    name: "notify-send",
    begin: () => undefined,
    async step(lease) {
      if (stopped) return "idle";
      for (const delivery of await store.listDueDeliveries(clock.now())) {
        const { sinkId } = delivery;
        if (underWay.has(sinkId)) continue;
        const work = serve(lease, delivery)
          .catch((error: unknown) => {
            // Nothing is settled: whoever leads now, or we again in a second, sends it once more under the same id.
            if (!(error instanceof LeaseLost))
              log.error({ err: error, sink: sinkId }, "notifications of a sink could not be worked off; tried again");
          })
          .finally(() => underWay.delete(sinkId));
        underWay.set(sinkId, work);
      }
      return "idle";
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
    stop: () => void (stopped = true),
  };
}

/** @param posted null: its time was over before it could be tried */
function outcomeOf(delivery: Delivery, posted: Posted | null, at: number, chance = 1): Outcome {
  const { attempts, nextAt, deadline } = delivery;
  if (posted === null)
    return {
      status: "failed",
      at,
      attempts,
      nextAt,
      code: delivery.code,
      answer: delivery.answer,
      error: delivery.error ?? "its time was over before it was sent",
      tookMs: delivery.tookMs,
    };
  const { code, answer, error, tookMs } = posted;
  const tried = { at, attempts: attempts + 1, code, answer, error, tookMs };
  if (posted.ok) return { ...tried, status: "delivered", nextAt };
  const again = at + retryDelay(attempts + 1, posted, chance);
  return mayRetry(posted) && again < deadline ? { ...tried, status: "waiting", nextAt: again } : { ...tried, status: "failed", nextAt };
}
