import type { Status } from "../../../core/health.ts";
import type { LoggedEvent } from "../../../protocol/live.ts";

const STATUS: Readonly<Record<string, Status>> = {
  "breaker.opened": "open",
  "breaker.half_opened": "half_open",
  "breaker.closed": "closed",
  "breaker.forced_open": "forced",
  "breaker.forced_closed": "forced",
  "breaker.disabled": "forced",
  "pool.saturated": "warning",
  "pool.recovered": "closed",
  "shed.started": "warning",
  "shed.stopped": "closed",
  "agent.joined": "closed",
  "agent.left": "offline",
  "agent.events_dropped": "warning",
  "shedder.overloaded": "warning",
  "saga.stuck": "warning",
  "leader.lost": "warning",
  "lock.lost": "warning",
  "fault.aborted": "warning",
  "policy.set": "switched",
  "policy.reverted": "closed",
  "policy.expired": "closed",
  "override.set": "forced",
  "override.reverted": "closed",
  "override.expired": "closed",
  "fault.set": "switched",
  "fault.reverted": "closed",
  "fault.expired": "closed",
  "incident.opened": "open",
  "incident.reopened": "open",
  "incident.grew": "warning",
  "incident.resolved": "closed",
  "notify.paused": "warning",
  "history.page_damaged": "warning",
  "flip.created": "switched",
  "flip.reverted": "closed",
  "flip.expired": "closed",
};

/** The mark of an event in the language of the console; a dot for what says nothing about a state. */
export function eventStatus(event: Pick<LoggedEvent, "type" | "data">): Status {
  if (event.type === "switch.applied") return event.data["source"] === "policy" ? "switched" : "closed";
  if (event.type === "auth.denied" || event.type === "auth.sign_in_failed") return "warning";
  return STATUS[event.type] ?? "unseen";
}
