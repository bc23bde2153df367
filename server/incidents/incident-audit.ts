/** What the audit log says about incidents: only what people did, and only what it changed. What the console notices by itself is in the log. */
import type { Incident } from "../../core/incidents/incident.ts";
import { symptomTitle } from "../../core/incidents/words.ts";
import type { AuditAction } from "../../protocol/audit.ts";
import type { IncidentRule } from "../../protocol/incident-rule-api.ts";
import { auditEntry, type Deed } from "../audit/audit-entry.ts";
import type { AuditDetails, NewAuditEntry } from "../store/audit-entry.ts";
import type { IncidentEntry } from "../store/incident-store.ts";
import type { NewEvent } from "../store/store.ts";

function of(event: NewEvent, deed: Omit<Deed, "at" | "action" | "actor">): NewAuditEntry {
  const { at, type, actor, environment, data } = event;
  const { reason, number } = data;
  return auditEntry({
    ...{ at, actor, environment, action: type as AuditAction },
    reason: typeof reason === "string" ? reason : null,
    incident: typeof number === "number" ? number : null,
    ...deed,
  });
}

/** One entry for one act, with the first event that tells of the incident it was done to. */
export function audited(events: readonly NewEvent[], before: Incident, incidents: readonly Incident[]): NewEvent[] {
  const after = incidents.find(({ id }) => id === before.id) ?? null;
  const place = events.findIndex(({ data }) => data["incidentId"] === before.id);
  return events.map((event, index) => (index === place ? { ...event, audit: incidentAudit(event, before, after) } : event));
}

/** Of a new incident the store adds the number. */
export function incidentAudit(event: NewEvent, before: Incident | null, after: Incident | null): NewAuditEntry {
  const [was, is] = [before && shown(before), after && shown(after)];
  const changed = (mine: AuditDetails | null, other: AuditDetails | null): AuditDetails | null =>
    mine &&
    Object.fromEntries(Object.entries(mine).filter(([name, value]) => !other || JSON.stringify(value) !== JSON.stringify(other[name])));
  return of(event, { thing: (after ?? before)?.title ?? null, before: changed(was, is), after: changed(is, was) });
}

function shown({ title, status, severity, assignee, mergedInto, review, symptoms, marks }: Incident): AuditDetails {
  return {
    ...{ title, status, severity, assignee, mergedInto, review },
    symptoms: symptoms.map(symptomTitle),
    marks: Object.fromEntries(Object.entries(marks).map(([key, { verdict }]) => [key, verdict])),
  };
}

export function noteAudit(event: NewEvent, before: IncidentEntry | null, after: IncidentEntry): NewAuditEntry {
  const title = event.data["title"];
  return of(event, {
    thing: typeof title === "string" ? title : null,
    before: before && noteShown(before),
    after: noteShown(after),
  });
}

const noteShown = ({ eventId, at, title, text, pinned }: IncidentEntry): AuditDetails => ({
  ...(eventId === null ? {} : { event: eventId }),
  ...{ at, title, text, pinned },
});

export function ruleAudit(event: NewEvent, before: IncidentRule | null, after: IncidentRule | null): NewAuditEntry {
  return of(event, {
    thing: String(event.data["rule"]),
    service: (after ?? before)?.service ?? null,
    before: plain(before),
    after: plain(after),
  });
}

const plain = (rule: IncidentRule | null): AuditDetails | null => rule && { ...rule };
