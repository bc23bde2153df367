/** Reads the log behind what was read already, and writes the outbox. Both are one transaction: every event is told of once. */
import type { Job } from "../jobs/job.ts";
import type { Store } from "../store/store.ts";
import type { Lease } from "../store/tier-store.ts";
import type { Clock } from "../clock.ts";
import { everySink } from "./every-sink.ts";
import { lostNews, newsOf, topicOf, type Message, type News } from "./message.ts";
import { openRoundups, plan, type Windows } from "./plan.ts";

export const PLAN_JOB = "notify-plan";
/** Of a sink wait at most so many: with a roundup a minute, an hour and a half of a storm. */
export const WAITING_MOST = 1_000;
const EVENTS_AT_ONCE = 500;
/** What holds no news is not written down each time: it may be read again after a restart. */
const SAVE_AFTER_MS = 60_000;

export interface PlanJobOptions {
  readonly store: Pick<Store, "listEventsAfter" | "listNotifySinks" | "getNotifyDelivery" | "getIncident" | "saveNotices">;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly waitingMost?: number;
}

export function createPlanJob({ store, clock, newId, waitingMost = WAITING_MOST }: PlanJobOptions): Job {
  let cursor = 0;
  let windows: Windows = {};
  let savedAt = 0;

  async function newsIn(events: Awaited<ReturnType<Store["listEventsAfter"]>>): Promise<News[]> {
    const found: News[] = [];
    for (const event of events) {
      const topic = topicOf(event);
      if (topic === null || topic === "agents.lost") continue;
      const { incidentId } = event.data;
      found.push(newsOf(event, topic, typeof incidentId === "string" ? await store.getIncident(incidentId) : null));
    }
    return [...found, ...lostNews(events.filter((event) => topicOf(event) === "agents.lost"))].sort((a, b) => a.id - b.id);
  }

  async function saidBy(ids: readonly string[]): Promise<Readonly<Record<string, Message>>> {
    const found: Record<string, Message> = {};
    for (const id of ids) {
      const delivery = await store.getNotifyDelivery(id);
      if (delivery) found[id] = JSON.parse(delivery.message) as Message;
    }
    return found;
  }

  return {
    name: PLAN_JOB,
    begin(state) {
      cursor = typeof state["cursor"] === "number" ? state["cursor"] : 0;
      windows = (state["windows"] ?? {}) as Windows;
    },
    async step(lease: Lease) {
      const sinks = (await everySink(store)).filter(({ enabled }) => enabled);
      if (sinks.length === 0) return "idle";
      cursor = Math.max(cursor, Math.min(...sinks.map(({ afterId }) => afterId)));
      const events = await store.listEventsAfter(cursor, EVENTS_AT_ONCE);
      const last = events.at(-1);
      if (!last) return "idle";
      const now = clock.now();
      const news = await newsIn(events);
      const roundups = news.length === 0 ? {} : await saidBy(openRoundups(windows, now));
      const planned = plan({ news, sinks, windows, roundups, now, newId });
      if (planned.created.length + planned.grown.length > 0 || now - savedAt >= SAVE_AFTER_MS) {
        const { created, grown } = planned;
        const state = { cursor: last.id, windows: planned.windows };
        await store.saveNotices(lease, { created, grown, progress: { job: PLAN_JOB, state }, waitingMost });
        savedAt = now;
      }
      cursor = last.id;
      windows = planned.windows;
      return events.length === EVENTS_AT_ONCE ? "more" : "idle";
    },
  };
}
