/** Words of notifications. Free of validation, so that screens may use them. */

/** What a sink can hear of. New ones are added; none changes its meaning. */
export const NOTIFY_TOPICS = [
  "incident.opened",
  "incident.escalated",
  "incident.resolved",
  "incident.reopened",
  "switch.flipped",
  "lease.ended",
  "breaker.forced",
  "agents.lost",
] as const;
export type NotifyTopic = (typeof NOTIFY_TOPICS)[number];

/** What a message can be about: a topic, several things at once, or a try. */
export type MessageTopic = NotifyTopic | "roundup" | "test";

export const SINK_KINDS = ["generic", "slack"] as const;
export type SinkKind = (typeof SINK_KINDS)[number];

/** `dropped`: left out, because too many waited or the sink was switched off. */
export const DELIVERY_STATUSES = ["waiting", "delivered", "failed", "dropped"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Version of the generic body. Fields are added within a version; none goes away or changes its meaning. */
export const NOTIFY_BODY_VERSION = 1;
