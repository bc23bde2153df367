/** Words of the audit log. Free of validation, so that screens may use them. */

/** What may be done, or tried. New ones are added; none changes its meaning. */
export const AUDIT_ACTIONS = [
  "flip.created",
  "flip.reverted",
  "flip.expired",
  "policy.set",
  "policy.reverted",
  "policy.expired",
  "override.set",
  "override.reverted",
  "override.expired",
  "fault.set",
  "fault.reverted",
  "fault.expired",
  "incident.opened",
  "incident.changed",
  "incident.resolved",
  "incident.reopened",
  "incident.merged",
  "incident.split",
  "incident.marked",
  "incident.noted",
  "incident.edited",
  "incident_rule.set",
  "incident_rule.deleted",
  "preset.created",
  "preset.changed",
  "preset.deleted",
  "ladder.changed",
  "auth.set_up",
  "auth.signed_in",
  "auth.sign_in_failed",
  "auth.signed_out",
  "auth.denied",
  "auth.agent_refused",
  "session.ended",
  "user.created",
  "user.changed",
  "token.created",
  "token.revoked",
  "notify_sink.created",
  "notify_sink.changed",
  "notify_sink.rotated",
  "notify_sink.tested",
  "notify_sink.paused",
  "notify_sink.deleted",
  "notify_sink.repeated",
  "retention.changed",
  "data.restored",
  "data.moved",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** `unknown`: somebody whom the console did not come to know. */
export const AUDIT_ACTOR_KINDS = ["user", "token", "bootstrap", "agent", "system", "cli", "unknown"] as const;
export type AuditActorKind = (typeof AUDIT_ACTOR_KINDS)[number];

/** Through which door: a browser with a session, a token of a script, an agent's socket, the console itself, its commands. */
export const AUDIT_SOURCES = ["console", "api", "agent", "system", "cli"] as const;
export type AuditSource = (typeof AUDIT_SOURCES)[number];

export const AUDIT_OUTCOMES = ["done", "refused"] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** Of an entry that does not fit: it is not there, it is not what was written, it does not follow the one before, it is not the one that was noted. */
export const AUDIT_FAULTS = ["missing", "changed", "unlinked", "replaced"] as const;
export type AuditFaultKind = (typeof AUDIT_FAULTS)[number];

/** What the first entry follows. */
export const AUDIT_GENESIS = "0".repeat(64);
