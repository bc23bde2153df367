/** An event of a timeline in a few words: what happened; where and who stand beside it. */
import type { LoggedEvent } from "../../protocol/live.ts";
import type { EventType } from "../../protocol/event-types.ts";
import { lasting } from "./words.ts";

type Said = Pick<LoggedEvent, "type" | "service" | "instance" | "resource" | "data">;

export function eventTitle(event: Said): string {
  const words = (Object.hasOwn(TITLES, event.type) ? TITLES[event.type as EventType] : unknown)(event);
  const subject = event.instance ?? event.service;
  return subject === null ? capital(words) : `${subject}: ${words}`;
}

const text = ({ data }: Said, key: string): string => {
  const value = data[key];
  return value === undefined || value === null ? "" : String(value);
};
const after = (word: string, value: string): string => (value === "" ? "" : `${word}${value}`);
const name = (event: Said): string => event.resource?.name ?? text(event, "name");
const because = (event: Said): string => after(": ", text(event, "reason"));
const where = (event: Said): string => (["", "everything"].includes(text(event, "scope")) ? "" : ` on ${text(event, "scope")}`);
const policy = (event: Said): string => `${text(event, "policy")} ${text(event, "name")}`.trim();
const numbered = (event: Said): string => after("incident ", text(event, "number")) || "incident";

const LEFT: Readonly<Record<string, string>> = { goodbye: "left by itself", restarted: "was restarted" };
const JOINED: Readonly<Record<string, string>> = { reconnected: "is back", restarted: "restarted" };

const TITLES: Readonly<Record<EventType, (event: Said) => string>> = {
  "breaker.opened": (event) => {
    const permille = event.data["failurePermille"];
    return `breaker ${name(event)} opened${typeof permille === "number" ? `, ${Math.round(permille / 10)} % failures` : ""}`;
  },
  "breaker.half_opened": (event) => `breaker ${name(event)} half-opened`,
  "breaker.closed": (event) => `breaker ${name(event)} closed`,
  "breaker.forced_open": (event) => `breaker ${name(event)} forced open`,
  "breaker.forced_closed": (event) => `breaker ${name(event)} forced closed`,
  "breaker.disabled": (event) => `breaker ${name(event)} disabled`,
  "pool.saturated": (event) =>
    `pool ${name(event)} full${after(", ", text(event, "waiting"))}${text(event, "waiting") === "" ? "" : " waiting"}`,
  "pool.recovered": (event) => `pool ${name(event)} has room again`,
  "shed.started": (event) => `${name(event)} began to shed${after(": ", text(event, "classes"))}`,
  "shed.stopped": (event) => `${name(event)} stopped shedding${after(", turned away ", text(event, "shed"))}`,
  "shedder.overloaded": (event) => `${name(event)} overloaded${after(": ", text(event, "cause"))}`,
  "agent.joined": (event) => `${JOINED[text(event, "reason")] ?? "joined"}${after(", version ", text(event, "version"))}`,
  "agent.left": (event) => LEFT[text(event, "reason")] ?? "lost, nothing heard",
  "agent.started": (event) => `started${after(", version ", text(event, "version"))}`,
  "agent.events_dropped": (event) => `lost ${text(event, "count")} events`,
  "switch.applied": (event) => `switch ${text(event, "switch") || text(event, "key")} now ${text(event, "position")}`,
  "flip.created": (event) => `switch ${text(event, "switch")} to ${text(event, "position")}${where(event)}${because(event)}`,
  "flip.reverted": (event) => `switch ${text(event, "switch")} back from ${text(event, "position")}${because(event)}`,
  "flip.expired": (event) => `switch ${text(event, "switch")} back from ${text(event, "position")}, its time was over`,
  "policy.set": (event) => `${policy(event)} set: ${text(event, "values")}${where(event)}${because(event)}`,
  "policy.reverted": (event) => `settings of ${policy(event)} taken back${because(event)}`,
  "policy.expired": (event) => `settings of ${policy(event)} ended, their time was over`,
  "override.set": (event) => `${policy(event)} ${text(event, "state").replaceAll("_", " ")}${where(event)}${because(event)}`,
  "override.reverted": (event) => `override of ${policy(event)} taken back${because(event)}`,
  "override.expired": (event) => `override of ${policy(event)} ended, its time was over`,
  "fault.set": (event) => `drill on ${text(event, "pipeline")} began: ${text(event, "values")}${because(event)}`,
  "fault.reverted": (event) => `drill on ${text(event, "pipeline")} ended${because(event)}`,
  "fault.expired": (event) => `drill on ${text(event, "pipeline")} ended, its time was over`,
  "fault.aborted": (event) => `drill on ${name(event)} stopped itself`,
  deploy: (event) => `deployed${after(" ", text(event, "version"))}${after(", ", text(event, "text"))}`,
  note: (event) => text(event, "text") || "note",
  "incident.opened": (event) => `${numbered(event)} opened: ${text(event, "title")}`,
  "incident.grew": (event) => `${numbered(event)} grew: ${text(event, "title")}`,
  "incident.resolved": (event) => `${numbered(event)} resolved${open(event)}`,
  "incident.reopened": (event) => `${numbered(event)} opened again${because(event)}`,
  "incident.merged": (event) => `${numbered(event)} merged into another`,
  "incident.absorbed": (event) => `${numbered(event)} took in incident ${text(event, "other")}`,
  "incident.split": (event) => `${numbered(event)} gave ${text(event, "symptoms")} to an incident of their own`,
  "incident.changed": (event) => `${numbered(event)}: ${text(event, "what")}`,
  "incident.noted": (event) => `note on ${numbered(event)}`,
  "incident.edited": (event) => `timeline of ${numbered(event)} edited`,
  "incident_rule.set": (event) => `incident rule ${text(event, "rule")} set`,
  "incident_rule.deleted": (event) => `incident rule ${text(event, "rule")} deleted`,
  "saga.stuck": (event) => `saga ${name(event)} stuck${after(" at ", text(event, "step"))}`,
  "leader.elected": (event) => `leads ${name(event)}`,
  "leader.lost": (event) => `leads ${name(event)} no more${because(event)}`,
  "lock.lost": (event) => `lost the lock ${name(event)}${because(event)}`,
  "history.page_damaged": () => "a page of samples is damaged and was left out",
  "openfeature.tracked": (event) => `tracked ${name(event)}`,
  "notify.paused": (event) => `notifications to ${text(event, "sink")} paused${because(event)}`,
  "incident.marked": (event) => `${text(event, "symptom")} marked as ${text(event, "verdict").replace("_", " ")}`,
};

function open(event: Said): string {
  const ms = event.data["openMs"];
  return typeof ms === "number" ? ` after ${lasting(ms)}` : "";
}

function unknown({ type, resource, data }: Said): string {
  const [family = type, ...rest] = type.split(".");
  const what = resource === null ? family : `${resource.kind} ${resource.name}`;
  const details = Object.entries(data)
    .slice(0, 3)
    .map(([key, value]) => `${key} ${String(value)}`);
  return [[what, ...rest.map((part) => part.replaceAll("_", " "))].join(" "), ...details].join(", ");
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
