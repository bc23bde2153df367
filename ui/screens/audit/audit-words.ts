/** An audit entry in words: who, what, to what, and how it ended. */
import type { AuditEntry } from "../../../protocol/audit-api.ts";
import type { AuditAction, AuditFaultKind } from "../../../protocol/audit.ts";

/** What was done, as a person says it. */
export const ACTION_WORDS: Readonly<Record<AuditAction, string>> = {
  "flip.created": "flipped",
  "flip.reverted": "reverted flip of",
  "flip.expired": "ended flip of",
  "policy.set": "changed settings of",
  "policy.reverted": "reverted settings of",
  "policy.expired": "ended settings of",
  "override.set": "overrode",
  "override.reverted": "lifted override of",
  "override.expired": "ended override of",
  "fault.set": "injected a fault into",
  "fault.reverted": "lifted the fault in",
  "fault.expired": "ended the fault in",
  "incident.opened": "opened incident",
  "incident.changed": "changed incident",
  "incident.resolved": "resolved incident",
  "incident.reopened": "reopened incident",
  "incident.merged": "merged incident",
  "incident.split": "split incident",
  "incident.marked": "marked a cause in",
  "incident.noted": "wrote a note on",
  "incident.edited": "edited the timeline of",
  "incident_rule.set": "set incident rule",
  "incident_rule.deleted": "deleted incident rule",
  "preset.created": "made preset",
  "preset.changed": "changed preset",
  "preset.deleted": "deleted preset",
  "ladder.changed": "gave a place on the ladder to",
  "auth.set_up": "set up the console for",
  "auth.signed_in": "signed in as",
  "auth.sign_in_failed": "failed to sign in as",
  "auth.signed_out": "signed out",
  "auth.denied": "asked for",
  "auth.agent_refused": "tried to connect with",
  "session.ended": "ended session",
  "user.created": "made an account for",
  "user.changed": "changed the account of",
  "token.created": "made token",
  "token.revoked": "revoked token",
  "notify_sink.created": "made notification sink",
  "notify_sink.changed": "changed notification sink",
  "notify_sink.rotated": "changed the signing secret of",
  "notify_sink.tested": "sent a test to",
  "notify_sink.paused": "paused notifications to",
  "notify_sink.deleted": "deleted notification sink",
  "notify_sink.repeated": "sent again a notification to",
  "retention.changed": "changed retention of",
  "data.restored": "restored a backup to",
  "data.moved": "moved all data to",
};

export interface ActionGroup {
  /** As the API takes it: a prefix. */
  readonly value: string;
  readonly label: string;
}

/** What is chosen from; each is one family of actions. */
export const ACTION_GROUPS: readonly ActionGroup[] = [
  { value: "flip.", label: "Switches" },
  { value: "policy.", label: "Settings of policies" },
  { value: "override.", label: "Overrides" },
  { value: "fault.", label: "Faults" },
  { value: "incident.", label: "Incidents" },
  { value: "incident_rule.", label: "Incident rules" },
  { value: "preset.", label: "Presets" },
  { value: "ladder.", label: "Ladder" },
  { value: "auth.", label: "Sign-ins and refusals" },
  { value: "session.", label: "Sessions" },
  { value: "user.", label: "People" },
  { value: "token.", label: "Tokens" },
  { value: "notify_sink.", label: "Notifications" },
  { value: "retention.", label: "Retention" },
  { value: "data.", label: "Commands" },
];

export function actionWords({ action }: Pick<AuditEntry, "action">): string {
  // A console that is newer than this page may say more than it knows.
  return (ACTION_WORDS as Readonly<Record<string, string>>)[action] ?? action;
}

export function actorWords({ actor }: Pick<AuditEntry, "actor">): string {
  switch (actor.kind) {
    case "system":
      return "the console";
    case "user":
    case "unknown":
      return actor.name;
    case "bootstrap":
      return "the bootstrap token";
    case "token":
      return `token ${actor.name}`;
    case "agent":
      return `agent of ${actor.name}`;
    case "cli":
      return `${actor.name} at the command line`;
  }
}

const SOURCE_WORDS: Readonly<Record<AuditEntry["source"], string>> = {
  console: "in the console",
  api: "over the API",
  agent: "from an agent",
  system: "by itself",
  cli: "by a command",
};
export const sourceWords = ({ source }: Pick<AuditEntry, "source">): string => SOURCE_WORDS[source];

/** `recommendations → popular`: what it was done to, and where to when that fits a line. */
export function targetWords({ target, after, incident, action }: AuditEntry): string {
  const to = action === "flip.created" ? after?.["position"] : action === "user.changed" ? after?.["role"] : undefined;
  const thing = [action.startsWith("incident.") && incident !== null ? `#${String(incident)}` : null, target.thing].filter(
    (part) => part !== null,
  );
  return typeof to === "string" ? `${thing.join(" ")} → ${to}` : thing.join(" ");
}

/** Where the thing is; empty when it is nowhere in particular. */
export function placeWords({ target: { environment, service } }: Pick<AuditEntry, "target">): string {
  return [service, environment].filter((part) => part !== null).join(" in ");
}

/** 2026-11-15 14:04:38.120: UTC, said once in the head of the column. */
export const utcTime = (at: number): string => new Date(at).toISOString().slice(0, 23).replace("T", " ");

const FAULT_WORDS: Readonly<Record<AuditFaultKind, string>> = {
  missing: "is missing",
  changed: "was changed after it was written",
  unlinked: "does not follow the entry before it",
  replaced: "is not the one this browser saw earlier",
};
export const faultWords = ({ seq, what }: { readonly seq: number; readonly what: AuditFaultKind }): string =>
  `Entry ${String(seq)} ${FAULT_WORDS[what]}`;
