/** Notifications in words. */
import type { DeliveryAnswer, Hears, SinkAnswer } from "../../../protocol/notify-api.ts";
import type { DeliveryStatus, NotifyTopic, SinkKind } from "../../../protocol/notify.ts";
import type { Status } from "../../../core/health.ts";

export const KIND_WORDS: Readonly<Record<SinkKind, { readonly name: string; readonly hint: string }>> = {
  slack: { name: "Slack", hint: "an incoming webhook of Slack, Mattermost or whoever speaks like them" },
  generic: { name: "Webhook", hint: "JSON, signed; docs/notifications.md describes it" },
};

export const TOPIC_WORDS: Readonly<Record<NotifyTopic, string>> = {
  "incident.opened": "Incident opened",
  "incident.escalated": "Incident got worse",
  "incident.resolved": "Incident resolved",
  "incident.reopened": "Incident opened again",
  "switch.flipped": "Switch flipped",
  "lease.ended": "Lease ended",
  "breaker.forced": "Breaker forced",
  "agents.lost": "Agents lost",
};

export const DELIVERY_WORDS: Readonly<Record<DeliveryStatus, { readonly word: string; readonly status: Status }>> = {
  delivered: { word: "delivered", status: "closed" },
  waiting: { word: "waiting", status: "half_open" },
  failed: { word: "failed", status: "open" },
  dropped: { word: "dropped", status: "offline" },
};

export interface SinkHealth {
  readonly status: Status;
  readonly word: string;
}

/** How a sink is, in a word; the worst first. */
export function sinkHealth({ enabled, pausedAt, refused, failingSince, lastDeliveredAt }: SinkAnswer): SinkHealth {
  if (!enabled) return { status: "offline", word: "off" };
  if (pausedAt !== null) return { status: "open", word: "paused" };
  if (refused !== null) return { status: "open", word: "not allowed" };
  if (failingSince !== null) return { status: "warning", word: "failing" };
  if (lastDeliveredAt === null) return { status: "unseen", word: "nothing sent yet" };
  return { status: "closed", word: "works" };
}

const isIncident = (topic: NotifyTopic): boolean => topic.startsWith("incident.");

/** What a sink hears, as a line. */
export function hearsWords({ topics, severity, environments }: Hears): string {
  const incidents = topics.filter(isIncident).length;
  const others = topics.filter((topic) => !isIncident(topic)).map((topic) => TOPIC_WORDS[topic].toLowerCase());
  const some = topics.filter(isIncident).map((topic) => TOPIC_WORDS[topic].toLowerCase());
  const parts = [
    ...(incidents === 0
      ? []
      : [`${incidents === 4 ? "incidents" : some.join(", ")}${severity === 5 ? "" : `, SEV${String(severity)} or worse`}`]),
    ...others,
  ];
  return `${parts.join("; ")} in ${environments.length === 0 ? "every environment" : environments.join(", ")}`;
}

/** What came of a delivery, as a line. */
export function outcomeWords({ status, code, error, answer, attempts, tookMs }: DeliveryAnswer): string {
  const took = tookMs === null ? "" : ` in ${String(Math.round(tookMs))} ms`;
  const said = answer === null ? "" : `, “${answer}”`;
  if (status === "delivered") return `answered ${String(code)}${took}${said}`;
  if (error === null) return attempts === 0 ? "not tried yet" : "";
  return `${error}${code === null ? "" : said}`;
}
