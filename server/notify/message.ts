/** What there is to tell, before it is said in a sink's own way. */
import type { Severity } from "../../protocol/incident-rule-api.ts";
import type { IncidentStatus } from "../../protocol/incident-api.ts";
import type { MessageTopic, NotifyTopic } from "../../protocol/notify.ts";
import { escalatedTo } from "../../core/incidents/escalation.ts";
import { eventTitle } from "../../core/incidents/event-words.ts";
import type { Incident } from "../../core/incidents/incident.ts";
import { counted, listed } from "../../core/incidents/words.ts";
import type { LoggedEventIn } from "../store/store.ts";

export interface ToldIncident {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly severity: Severity;
  readonly status: IncidentStatus;
  readonly services: readonly string[];
  readonly startedAt: number;
}

export interface MessageItem {
  readonly topic: NotifyTopic;
  readonly environment: string;
  readonly at: number;
  readonly title: string;
  /** Of the console, without its origin. */
  readonly path: string;
}

/** Plain data: it is kept as JSON until it is sent. */
export interface Message {
  readonly topic: MessageTopic;
  /** Null: it is not about one. */
  readonly environment: string | null;
  readonly at: number;
  readonly title: string;
  readonly text: string;
  readonly actor: string | null;
  /** Of the console, without its origin: the thing itself, and the fleet at that moment. */
  readonly path: string;
  readonly momentPath: string | null;
  readonly incident: ToldIncident | null;
  readonly service: string | null;
  /** What the log says of it. */
  readonly details: LoggedEventIn["data"];
  /** Of a roundup. */
  readonly items: readonly MessageItem[];
  /** Beyond `items`. */
  readonly more: number;
}

/** Something that happened, as news for sinks. */
export interface News {
  readonly id: number;
  readonly topic: NotifyTopic;
  readonly environment: string;
  /** Null where nothing says how bad it is. */
  readonly severity: Severity | null;
  readonly message: Message;
}

const DIRECT: Readonly<Record<string, NotifyTopic>> = {
  "incident.opened": "incident.opened",
  "incident.resolved": "incident.resolved",
  "incident.reopened": "incident.reopened",
  // Nothing else would end it for whoever was told that it opened.
  "incident.merged": "incident.resolved",
  "flip.created": "switch.flipped",
  "flip.reverted": "switch.flipped",
  "flip.expired": "lease.ended",
  "policy.expired": "lease.ended",
  "override.expired": "lease.ended",
  "fault.expired": "lease.ended",
};

/** What a sink could hear of in an event; null when there is nothing. */
export function topicOf({ type, data }: Pick<LoggedEventIn, "type" | "data">): NotifyTopic | null {
  if (type === "incident.changed") return escalatedTo({ type, data }) === null ? null : "incident.escalated";
  if (type === "override.set") return data["policy"] === "breaker" ? "breaker.forced" : null;
  if (type === "agent.left") return data["reason"] === "lost" ? "agents.lost" : null;
  // Services name their own events: a name such as "constructor" must not reach what every object has.
  return Object.hasOwn(DIRECT, type) ? (DIRECT[type] ?? null) : null;
}

const inEnvironment = (path: string, environment: string): string => `${path}?env=${encodeURIComponent(environment)}`;
const momentPath = (environment: string, at: number): string =>
  `${inEnvironment("/", environment)}&at=${encodeURIComponent(new Date(Math.floor(at / 1_000) * 1_000).toISOString().replace(".000", ""))}`;

const VERBS: Readonly<Partial<Record<NotifyTopic, string>>> = {
  "incident.opened": "opened",
  "incident.escalated": "escalated",
  "incident.resolved": "resolved",
  "incident.reopened": "opened again",
};

/** @param incident as it is now, for events about one */
export function newsOf(event: LoggedEventIn, topic: NotifyTopic, incident: Incident | null): News {
  const { id, environment, at, data, actor, service } = event;
  const told = incident && toldIncident(incident);
  const severity = incident && heardAs(incident, topic);
  const verb = told?.status === "merged" ? "merged into another" : VERBS[topic];
  const title = told && verb !== undefined ? `SEV${told.severity} incident #${told.number} ${verb}: ${told.title}` : eventTitle(event);
  const involved = told && told.services.length > 0 ? `Services: ${listed(told.services, 5)}.` : "";
  const path = told
    ? inEnvironment(`/incidents/${told.number}`, environment)
    : topic === "switch.flipped"
      ? inEnvironment("/switchboard", environment)
      : momentPath(environment, at);
  return {
    ...{ id, topic, environment, severity },
    message: {
      ...{ topic, environment, at, title, actor, path, service, details: data, incident: told },
      text: involved,
      momentPath: momentPath(environment, at),
      items: [],
      more: 0,
    },
  };
}

/** Whoever was told of it while it was worse is told of its end. */
function heardAs({ severity, severities }: Incident, topic: NotifyTopic): Severity {
  if (topic !== "incident.resolved") return severity;
  return severities.reduce((worst, one) => (one.severity < worst ? one.severity : worst), severity);
}

function toldIncident({ id, number, title, severity, status, services, startedAt }: Incident): ToldIncident {
  return { id, number, title, severity, status, services, startedAt };
}

/** Instances of one service that were lost at about the same time are one piece of news. */
export function lostNews(events: readonly LoggedEventIn[]): News[] {
  const groups = new Map<string, LoggedEventIn[]>();
  for (const event of events) {
    const key = JSON.stringify([event.environment, event.service]);
    groups.set(key, [...(groups.get(key) ?? []), event]);
  }
  return [...groups.values()].flatMap((group) => {
    const last = group.at(-1);
    if (!last) return [];
    const { message, ...news } = newsOf(last, "agents.lost", null);
    const names = group.map(({ instance }) => instance ?? "");
    const title = `${counted(group.length, "instance")} of ${last.service ?? "a service"} lost: ${listed(names, 5)}`;
    return [{ ...news, message: { ...message, title, details: { lost: group.length, instances: listed(names, 20) } } }];
  });
}

/** A try by hand. */
export function testMessage(sink: string, at: number, actor: string): Message {
  return {
    ...{ topic: "test", environment: null, at, actor, service: null, incident: null, momentPath: null, details: {}, items: [], more: 0 },
    title: `A test of ${sink}`,
    text: "Notifications of this console arrive here.",
    path: "/settings/notifications",
  };
}
