/** Makes entries of the audit log: what was done is given, where it came from is taken from the request being served. */
import type { AuditAction, AuditActorKind, AuditSource } from "../../protocol/audit.ts";
import { actorOf, type Principal } from "../auth/principal.ts";
import type { AuditActor, AuditDetails, NewAuditEntry } from "../store/audit-entry.ts";
import { currentRequest } from "./asking.ts";

export interface Deed {
  readonly at: number;
  readonly action: AuditAction;
  /** As in the log: `user:Ada`, `token:deploys`, `system`; or somebody of whom more is known. */
  readonly actor: string | Principal | AuditActor;
  /** Where the actor alone does not say it. */
  readonly source?: AuditSource;
  /** Where there is no request to take it from. */
  readonly address?: string;
  readonly environment?: string | null;
  readonly service?: string | null;
  readonly thing?: string | null;
  readonly before?: AuditDetails | null;
  readonly after?: AuditDetails | null;
  readonly reason?: string | null;
  readonly incident?: number | null;
  readonly flipId?: string | null;
  /** The error code, when it was refused. */
  readonly refused?: string;
}

const SOURCES: Readonly<Record<AuditActorKind, AuditSource>> = {
  user: "console",
  token: "api",
  bootstrap: "api",
  agent: "agent",
  system: "system",
  cli: "cli",
  unknown: "console",
};

export function auditEntry(deed: Deed): NewAuditEntry {
  const { actor, role } = whoOf(deed.actor);
  // What the console does by itself may run in the wake of a request, and is not that request's.
  const request = actor.kind === "system" || actor.kind === "cli" ? null : currentRequest();
  const { reason = null } = deed;
  return {
    at: deed.at,
    actor,
    role,
    source: deed.source ?? SOURCES[actor.kind],
    address: deed.address ?? request?.address ?? null,
    requestId: request?.requestId ?? null,
    action: deed.action,
    target: { environment: deed.environment ?? null, service: deed.service ?? null, thing: deed.thing ?? null },
    before: deed.before ?? null,
    after: deed.after ?? null,
    reason,
    incident: deed.incident ?? incidentIn(reason),
    flipId: deed.flipId ?? null,
    outcome: deed.refused === undefined ? "done" : "refused",
    code: deed.refused ?? null,
  };
}

/** `payments are slow, see #12` names incident 12. */
function incidentIn(reason: string | null): number | null {
  const [, number] = /(?:^|[\s(])#(\d{1,9})\b/.exec(reason ?? "") ?? [];
  return number === undefined ? null : Number(number);
}

function whoOf(actor: Deed["actor"]): { readonly actor: AuditActor; readonly role: string | null } {
  if (typeof actor === "string") {
    const principal = currentRequest()?.principal;
    if (principal && actorOf(principal) === actor) return whoOf(principal);
    const [, kind = "unknown", name = actor] = /^(user|token|agent|cli):(.*)$/s.exec(actor) ?? [];
    return { actor: { kind: actor === "system" ? "system" : (kind as AuditActorKind), id: null, name }, role: null };
  }
  const { kind, id, name } = actor;
  return { actor: { kind, id, name }, role: "role" in actor ? actor.role : null };
}
