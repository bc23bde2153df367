/** An event as one sentence a tired person understands. Unknown types are said as they are, never hidden. */
import type { EventType } from "../../../protocol/event-types.ts";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { formatMs, formatPermille } from "../../charts/format.ts";
import { isolated } from "../../../core/isolated.ts";

type Said = Pick<LoggedEvent, "type" | "service" | "instance" | "resource" | "actor" | "data">;
type Value = LoggedEvent["data"][string] | undefined;

/** "orders-1: breaker payments opened, 64 % failures". Plain text; the caller shows it as text. */
export function sentence(event: Said): string {
  const rule = Object.hasOwn(SENTENCES, event.type) ? SENTENCES[event.type] : undefined;
  const body = rule ? rule(event) : generic(event);
  const subject = event.instance ?? (ABOUT_SERVICE.test(event.type) ? event.service : null);
  return subject === null || subject === ""
    ? body.startsWith(actorName(event.actor))
      ? body
      : capital(body)
    : `${isolated(subject)}: ${body}`;
}

const ABOUT_SERVICE = /^(breaker|pool|queue|limiter|shed|shedder|bulkhead|saga|leader|lock|agent|deploy|note|switch)\b/;

type Sentence = (event: Said) => string;

const KNOWN: Readonly<Record<EventType, Sentence>> = {
  "breaker.opened": (event) => join(`breaker ${nameOf(event)} opened`, failures(event), said(event, "reason")),
  "breaker.half_opened": (event) => join(`breaker ${nameOf(event)} half-opened`, "probing"),
  "breaker.closed": (event) => join(`breaker ${nameOf(event)} closed`, openFor(event)),
  "breaker.forced_open": (event) => join(`breaker ${nameOf(event)} forced open`, said(event, "reason")),
  "breaker.forced_closed": (event) => join(`breaker ${nameOf(event)} forced closed`, said(event, "reason")),
  "breaker.disabled": (event) => `breaker ${nameOf(event)} disabled, every call passes`,
  "pool.saturated": (event) => join(`pool ${nameOf(event)} is full`, counted(event.data["waiting"], "waiting")),
  "pool.recovered": (event) => `pool ${nameOf(event)} has room again`,
  "agent.joined": (event) =>
    join(
      joinWord(event.data["reason"]),
      event.data["version"] === undefined ? null : `version ${text(event.data["version"])}`,
      skew(event),
    ),
  "agent.left": (event) => leftWord(event.data["reason"]),
  "agent.started": (event) =>
    join("started", event.data["version"] === undefined ? null : `version ${text(event.data["version"])}`, said(event, "runtime")),
  "shed.started": (event) => join(`${nameOf(event)} began to shed`, said(event, "classes")),
  "shed.stopped": (event) => join(`${nameOf(event)} stopped shedding`, counted(event.data["shed"], "turned away")),
  "agent.events_dropped": (event) => `lost ${text(event.data["count"] ?? "some")} events to its full buffer`,
  "switch.applied": (event) => join(`switch ${switchName(event)} applied${position(event)}`, cause(event.data["source"]), revision(event)),
  "flip.created": (event) => flipMade(event),
  "flip.expired": (event) => join(`${switchName(event)}${position(event)} expired by itself`, revision(event)),
  "flip.reverted": (event) =>
    join(`${who(event)} reverted ${switchName(event)} from ${text(event.data["position"])}`, quoted(event.data["reason"]), revision(event)),
  "policy.set": (event) => join(`${who(event)} set ${policyName(event)}: ${text(event.data["values"])}`, reasonAndRevision(event)),
  "policy.reverted": (event) => join(`${who(event)} took back settings of ${policyName(event)}`, reasonAndRevision(event)),
  "policy.expired": (event) => join(`settings of ${policyName(event)} expired by themselves`, revision(event)),
  "override.set": (event) =>
    join(`${who(event)} put ${policyName(event)} ${text(event.data["state"]).replaceAll("_", " ")}`, reasonAndRevision(event)),
  "override.reverted": (event) => join(`${who(event)} let ${policyName(event)} decide for itself again`, reasonAndRevision(event)),
  "override.expired": (event) => join(`the override of ${policyName(event)} expired by itself`, revision(event)),
  "fault.set": (event) =>
    join(`${who(event)} began a drill on ${text(event.data["pipeline"])}: ${text(event.data["values"])}`, reasonAndRevision(event)),
  "fault.reverted": (event) => join(`${who(event)} ended the drill on ${text(event.data["pipeline"])}`, reasonAndRevision(event)),
  "fault.expired": (event) => join(`the drill on ${text(event.data["pipeline"])} ended by itself`, revision(event)),
  "fault.aborted": (event) => `the drill on ${nameOf(event)} stopped itself: too many calls failed`,
  "shedder.overloaded": (event) =>
    join(`${nameOf(event)} is overloaded`, said(event, "cause"), counted(event.data["inFlight"], "in flight")),
  "saga.stuck": (event) => join(`saga ${nameOf(event)} is stuck and needs a person`, said(event, "step"), said(event, "error")),
  "leader.elected": (event) => `leads ${nameOf(event)}`,
  "leader.lost": (event) => join(`leads ${nameOf(event)} no more`, said(event, "reason")),
  "lock.lost": (event) => join(`lost the lock ${nameOf(event)} before its work was done`, said(event, "reason")),
  deploy: (event) => join(`deployed${event.data["version"] === undefined ? "" : ` ${text(event.data["version"])}`}`, said(event, "text")),
  note: (event) => text(event.data["text"] ?? "note"),
  "incident.opened": (event) =>
    event.actor === "system"
      ? join(`incident ${text(event.data["number"])} opened`, severity(event), said(event, "title"))
      : join(`${who(event)} declared incident ${text(event.data["number"])}`, severity(event), said(event, "title")),
  "incident.grew": (event) => join(`incident ${text(event.data["number"])} grew`, said(event, "title")),
  "incident.changed": (event) => join(byWhom(event, "changed"), said(event, "what")),
  "incident.resolved": (event) => join(byWhom(event, "resolved"), openFor(event)),
  "incident.reopened": (event) => join(byWhom(event, "opened", " again"), quoted(event.data["reason"])),
  "incident.merged": (event) => byWhom(event, "merged", " into another"),
  "incident.absorbed": (event) => `incident ${text(event.data["number"])} took in incident ${text(event.data["other"])}`,
  "incident.split": (event) => join(byWhom(event, "split", " in two"), said(event, "symptoms")),
  "incident.marked": (event) =>
    join(byWhom(event, "judged"), `${text(event.data["symptom"])} is ${VERDICTS[text(event.data["verdict"])] ?? "not judged"}`),
  "incident.noted": (event) => `${who(event)} wrote a note on incident ${text(event.data["number"])}`,
  "incident.edited": (event) => `${who(event)} edited the timeline of incident ${text(event.data["number"])}`,
  "incident_rule.set": (event) => `${who(event)} set the incident rule ${text(event.data["rule"])}`,
  "incident_rule.deleted": (event) => `${who(event)} deleted the incident rule ${text(event.data["rule"])}`,
  "notify.paused": (event) => join(`notifications to ${text(event.data["sink"])} are paused`, said(event, "reason")),
  "history.page_damaged": () => "a page of samples is damaged and was left out of the sums",
  "openfeature.tracked": (event) => `tracked ${nameOf(event)}`,
};

/** Older versions wrote these into the log of the console itself. */
const OLDER: Readonly<Record<string, Sentence>> = {
  "token.created": (event) => `${who(event)} made the ${tokenWord(event)} token ${tokenName(event)}`,
  "token.revoked": (event) => `${who(event)} revoked the ${tokenWord(event)} token ${tokenName(event)}`,
  "auth.denied": (event) =>
    join(
      `${event.data["path"] === undefined ? "an attempt" : `${text(event.data["method"])} ${text(event.data["path"])}`} was refused`,
      said(event, "code") ?? said(event, "reason"),
      from(event),
    ),
  "auth.sign_in_failed": (event) => join("a sign-in failed", said(event, "email"), from(event)),
  "auth.signed_in": (event) => join(`${who(event)} signed in`, from(event)),
  "auth.signed_out": (event) => `${who(event)} signed out`,
  "session.ended": (event) => `${who(event)} ended a session`,
  "user.changed": (event) => `${who(event)} changed the account of ${text(event.data["name"])}`,
  "user.created": (event) => `${who(event)} made an account for ${text(event.data["name"] ?? event.data["email"])}`,
};

const SENTENCES: Readonly<Record<string, Sentence>> = { ...OLDER, ...KNOWN };

const VERDICTS: Readonly<Record<string, string>> = { cause: "the cause", not_cause: "not the cause" };

/** "ada resolved incident 12", or of the console itself "incident 12 resolved". */
function byWhom(event: Said, verb: string, rest = ""): string {
  const incident = `incident ${text(event.data["number"])}`;
  return event.actor === "system" ? `${incident} ${verb}${rest}` : `${who(event)} ${verb} ${incident}${rest}`;
}

function severity(event: Said): string | null {
  const value = event.data["severity"];
  return typeof value === "number" ? `SEV${String(value)}` : null;
}

/** `user:ada` is Ada to a reader; `agent` and `system` need no name. */
export function actorName(actor: string): string {
  const cut = actor.indexOf(":");
  if (cut < 0) return actor === "system" ? "the console" : actor;
  const name = actor.slice(cut + 1);
  return actor.startsWith("token:") ? `${name} (token)` : name;
}

/** Page and words to look further; null when the event is about nothing with a page. */
export function eventLink(event: Pick<LoggedEvent, "type" | "service" | "data">): { readonly href: string; readonly label: string } | null {
  const key = switchKey(event.data);
  if (/^(flip|switch)\./.test(event.type) && key !== null)
    return { href: `/switchboard?switch=${encodeURIComponent(key)}`, label: `Switch ${key}` };
  const { number } = event.data;
  if (event.type.startsWith("incident.") && typeof number === "number")
    return { href: `/incidents/${String(number)}`, label: `Incident ${String(number)}` };
  if (/^(token|auth)\./.test(event.type)) return { href: "/agents", label: "Agents" };
  if (event.service !== null && event.service !== "")
    return { href: `/services/${encodeURIComponent(event.service)}`, label: event.service };
  return null;
}

function switchKey(data: LoggedEvent["data"]): string | null {
  const key = data["switch"] ?? data["switchKey"] ?? data["key"];
  return typeof key === "string" ? key : null;
}

function flipMade(event: Said): string {
  const scope = event.data["scope"];
  const where = typeof scope === "string" && scope !== "everything" ? ` on ${scope}` : "";
  return join(`${who(event)} switched ${switchName(event)}${position(event)}${where}`, quoted(event.data["reason"]), revision(event));
}

function generic(event: Said): string {
  const [, ...rest] = event.type.split(".");
  const verb = (rest.length > 0 ? rest.join(" ") : event.type).replaceAll("_", " ");
  const what =
    event.resource === null ? (event.type.split(".")[0] ?? event.type) : `${event.resource.kind} ${isolated(event.resource.name)}`;
  const details = Object.entries(event.data)
    .slice(0, 4)
    .map(([key, value]) => `${key} ${text(value)}`);
  return join(rest.length > 0 ? `${what} ${verb}` : verb, ...details);
}

function policyName(event: Said): string {
  return `${text(event.data["policy"])} ${text(event.data["name"])}`;
}

function reasonAndRevision(event: Said): string {
  return join(quoted(event.data["reason"]), revision(event));
}

function nameOf(event: Said): string {
  return event.resource === null ? text(event.data["name"] ?? "") : isolated(event.resource.name);
}

function switchName(event: Said): string {
  return switchKey(event.data) ?? "a switch";
}

function position(event: Said): string {
  const value = event.data["position"];
  return typeof value === "string" ? ` to ${isolated(value)}` : "";
}

function who(event: Said): string {
  return actorName(event.actor);
}

function failures(event: Said): string | null {
  const permille = event.data["failurePermille"];
  if (typeof permille === "number") return `${formatPermille(permille)} % failures`;
  return null;
}

function openFor(event: Said): string | null {
  const ms = event.data["openMs"];
  return typeof ms === "number" ? `after ${formatMs(ms)}` : null;
}

function revision(event: Said): string | null {
  const value = event.data["revision"];
  return typeof value === "number" && value > 0 ? `r${String(value)}` : null;
}

function cause(source: Value): string | null {
  if (source === "lease-expired") return "its lease ended by itself";
  if (source === "kept-file") return "from the policy it kept";
  if (source === "reverted") return "reverted";
  return null;
}

function joinWord(reason: Value): string {
  if (reason === "reconnected") return "is back";
  if (reason === "restarted") return "restarted";
  return "joined";
}

function leftWord(reason: Value): string {
  if (reason === "goodbye") return "left by itself";
  if (reason === "restarted") return "ended, it was restarted";
  return "was lost, nothing heard";
}

function skew(event: Said): string | null {
  const ms = event.data["clockSkewMs"];
  return typeof ms === "number" ? `its clock is off by ${formatMs(Math.abs(ms))}` : null;
}

function from(event: Said): string | null {
  const address = said(event, "address");
  return address === null ? null : `from ${address}`;
}

function tokenWord(event: Said): string {
  return event.data["kind"] === "api" ? "API" : "agent";
}

function tokenName(event: Said): string {
  return text(event.data["name"] ?? event.data["prefix"] ?? "");
}

function counted(value: Value, word: string): string | null {
  return typeof value === "number" && value > 0 ? `${String(value)} ${word}` : null;
}

function said(event: Said, key: string): string | null {
  const value = event.data[key];
  return typeof value === "string" && value !== "" ? isolated(value) : null;
}

function quoted(value: Value): string | null {
  return typeof value === "string" && value !== "" ? `“${isolated(value)}”` : null;
}

function text(value: Value): string {
  return value === undefined || value === null ? "unknown" : isolated(String(value));
}

function join(...parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== "").join(", ");
}

function capital(body: string): string {
  return body.charAt(0).toUpperCase() + body.slice(1);
}
