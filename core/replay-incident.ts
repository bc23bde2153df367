/**
 * An incident as it stood at a moment that is past: what it is now without what came later, and what the log says of its changes. A review
 * is written afterwards, and an old one is not kept: of an incident that changed since, it is left out. Pure.
 */
import type { IncidentStatus, Span, Symptom } from "../protocol/incident-api.ts";
import type { LoggedEvent } from "../protocol/live.ts";
import { EMPTY_REVIEW, type Incident } from "./incidents/incident.ts";
import type { Addition } from "./incidents/timeline.ts";

/** What is read of an event. */
export type IncidentEvent = Pick<LoggedEvent, "id" | "at" | "type" | "actor" | "data">;

/** @param events of this incident, in order; also later ones. Null when nobody knew of the incident yet. */
export function incidentAt(incident: Incident, events: readonly IncidentEvent[], at: number): Incident | null {
  const opened = events.find(({ type }) => type === "incident.opened");
  if ((opened?.at ?? incident.detectedAt) > at) return null;
  if (incident.updatedAt <= at && !events.some((event) => event.at > at)) return incident;
  const until = events.filter((event) => event.at <= at);
  const severities = incident.severities.filter((one, i) => i === 0 || one.at <= at);
  const symptoms = incident.symptoms.flatMap((symptom) => symptomAt(symptom, at));
  return {
    ...incident,
    ...standingAt(incident, until, at),
    title: text(until.at(-1)?.data["title"]) ?? incident.title,
    assignee: assigneeAt(incident, events, at),
    updatedAt: Math.min(incident.updatedAt, until.at(-1)?.at ?? at),
    severity: severities.at(-1)?.severity ?? incident.severity,
    severities,
    symptoms,
    services: incident.manual || symptoms.length === 0 ? incident.services : [...new Set(symptoms.map(({ service }) => service))].sort(),
    review: EMPTY_REVIEW,
    marks: Object.fromEntries(Object.entries(incident.marks).filter(([, mark]) => mark.at <= at)),
  };
}

type Standing = Pick<Incident, "status" | "phases" | "acknowledgedAt" | "resolvedAt" | "resolvedBy" | "mergedInto">;

/** By the log; where that does not reach back, by the phases. */
function standingAt(incident: Incident, events: readonly IncidentEvent[], at: number): Standing {
  const before = incident.phases.filter(({ from }) => from <= at).at(-1);
  let status: IncidentStatus = before?.to != null && before.to <= at ? "resolved" : "open";
  let acknowledgedAt: number | null = null;
  let over: IncidentEvent | null = null;
  let mergedInto: string | null = null;
  for (const event of events) {
    const moved = movedTo(event);
    if (moved === null) continue;
    status = moved;
    if (moved === "acknowledged") acknowledgedAt = event.at;
    else if (moved === "open") acknowledgedAt = null;
    over = moved === "resolved" || moved === "merged" ? event : null;
    if (moved === "merged") mergedInto = text(event.data["into"]) ?? incident.mergedInto;
  }
  const isOver = status === "resolved" || status === "merged";
  // A phase begins when things went bad, which the log tells a little later.
  const begun = incident.phases.filter(({ from }) => from <= (over?.at ?? at));
  const last = begun.at(-1);
  const ended = last?.to != null && last.to <= at ? last.to : (over?.at ?? at);
  return {
    status,
    acknowledgedAt,
    mergedInto,
    resolvedAt: isOver ? ended : null,
    resolvedBy: isOver ? (over?.actor ?? incident.resolvedBy) : null,
    phases: begun.map((phase, i) => (i < begun.length - 1 ? phase : { ...phase, to: isOver ? ended : null })),
  };
}

function movedTo({ type, data }: IncidentEvent): IncidentStatus | null {
  switch (type) {
    case "incident.opened":
    case "incident.reopened":
      return "open";
    case "incident.resolved":
      return "resolved";
    case "incident.merged":
      return "merged";
    case "incident.changed":
      return data["what"] === "acknowledged" ? "acknowledged" : data["what"] === "no longer acknowledged" ? "open" : null;
    default:
      return null;
  }
}

const ASSIGNED = /^assigned to (.+)$/s;

/** Who had it from the beginning is known only while it was never given to anybody else. */
function assigneeAt(incident: Incident, events: readonly IncidentEvent[], at: number): string | null {
  const given = events.flatMap((event) => {
    const who = event.type === "incident.changed" ? ASSIGNED.exec(text(event.data["what"]) ?? "")?.[1] : undefined;
    return who === undefined ? [] : [{ at: event.at, to: who === "nobody" ? null : who }];
  });
  if (given.length === 0) return incident.assignee;
  return given.filter((one) => one.at <= at).at(-1)?.to ?? null;
}

function symptomAt(symptom: Symptom, at: number): Symptom[] {
  const spans = symptom.spans.filter(({ from }) => from <= at).map((span) => spanAt(span, at));
  return spans.length === 0 ? [] : [{ ...symptom, spans }];
}

function spanAt(span: Span, at: number): Span {
  return {
    ...span,
    to: span.to !== null && span.to <= at ? span.to : null,
    openedAt: span.openedAt !== null && span.openedAt <= at ? span.openedAt : null,
    lastFrom: span.lastFrom <= at ? span.lastFrom : span.from,
  };
}

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** What people had added to a timeline by then. Of a note that was written anew later only its first title and place are known. */
export function additionsAt<A extends Addition>(additions: readonly A[], at: number): A[] {
  return additions.flatMap((addition) => {
    const { createdAt, eventId, original } = addition;
    if (createdAt > at) return [];
    if (original === null || original.editedAt <= at) return [addition];
    return eventId === null ? [{ ...addition, at: original.at, title: original.title, original: null }] : [];
  });
}
