/** What the audit log says about changes of policy. */
import type { AuditAction } from "../../protocol/audit.ts";
import { auditEntry } from "../audit/audit-entry.ts";
import type { AuditDetails, NewAuditEntry } from "../store/audit-entry.ts";
import type { NewEvent, NewFlip } from "../store/store.ts";
import { namesOf } from "./flip-events.ts";

/** The event with its entry: `before` and `after` are the newest change in force on the subject then, null being none. The store adds the revision. */
export function audited(
  event: NewEvent,
  flip: NewFlip,
  around: { readonly before: NewFlip | null; readonly after: NewFlip | null },
): NewEvent {
  return { ...event, audit: entryFor(event, flip, around) };
}

function entryFor(
  event: NewEvent,
  flip: NewFlip,
  { before, after }: { readonly before: NewFlip | null; readonly after: NewFlip | null },
): NewAuditEntry {
  const reason = event.data["reason"];
  return auditEntry({
    at: event.at,
    action: event.type as AuditAction,
    actor: event.actor,
    environment: flip.environment,
    service: flip.scope.service ?? null,
    thing: flip.kind === "switch" ? flip.key : `${flip.policy ?? flip.kind} ${flip.key}`,
    before: shown(before),
    after: shown(after),
    reason: typeof reason === "string" ? reason : null,
    flipId: flip.id,
  });
}

function shown(flip: NewFlip | null): AuditDetails | null {
  if (flip === null) return null;
  const { position } = namesOf(flip);
  return {
    flip: flip.id,
    ...(position === undefined ? { kind: flip.kind, ...flip.body } : { position }),
    ...(Object.keys(flip.scope).length === 0 ? {} : { scope: flip.scope }),
    expiresAt: flip.expiresAt,
    ...(flip.purpose === undefined ? {} : { purpose: flip.purpose }),
  };
}
