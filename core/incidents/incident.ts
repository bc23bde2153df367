/** An incident: what it is made of, and how it follows its runs. Changes give a new value; nothing is changed in place. */
import type { CauseMark, Edge, IncidentAnswer, Review, Span, Symptom } from "../../protocol/incident-api.ts";
import type { Severity } from "../../protocol/incident-rule-api.ts";
import { symptomTitle } from "./words.ts";
import { isActive, type Run } from "./runs.ts";
import type { PlacedRun } from "./grouping.ts";

export interface Incident extends Omit<IncidentAnswer, "suspects"> {
  /** Who said so; null while the console decides. */
  readonly titleBy: string | null;
  readonly severityBy: string | null;
  /** Keys of symptoms that a person put here, by a split or a merge. */
  readonly claims: readonly string[];
  /** By key of the symptom. */
  readonly marks: Readonly<Record<string, CauseMark>>;
}

export const SYSTEM = "system";

/** What became of an incident in one step. */
export type Happened = "opened" | "grew" | "resolved" | "reopened" | "merged";

export const EMPTY_REVIEW: Review = { summary: "", trigger: "", contributing: [], wentWell: [], wentBadly: [], lucky: [], actions: [] };

export const isOpen = ({ status }: Pick<Incident, "status">): boolean => status === "open" || status === "acknowledged";

const SPANS_MOST = 50;
const SYMPTOMS_MOST = 500;
const EDGES_MOST = 500;

/** Not yet stored: number and version are given by the store. */
export function newIncident(
  init: Pick<Incident, "id" | "environment" | "title" | "severity" | "startedAt" | "detectedAt" | "detectedBy"> & Partial<Incident>,
): Incident {
  return {
    number: 0,
    version: 0,
    status: "open",
    updatedAt: init.detectedAt,
    mergedInto: null,
    titleBy: null,
    severityBy: null,
    assignee: null,
    manual: false,
    resolvedAt: null,
    resolvedBy: null,
    acknowledgedAt: null,
    services: [],
    symptoms: [],
    edges: [],
    phases: [{ from: init.detectedAt, to: null }],
    severities: [{ at: init.detectedAt, severity: init.severity, by: init.detectedBy }],
    review: EMPTY_REVIEW,
    claims: [],
    marks: {},
    ...init,
  };
}

/** Where runs and what is known already of the same symptom are brought together. */
export interface Surroundings {
  readonly edges: readonly Edge[];
  readonly now: number;
}

/** A new incident of these runs; at least one was bad for long enough. */
export function incidentOf(id: string, environment: string, runs: readonly PlacedRun[], around: Surroundings): Incident {
  const opened = runs.filter(({ span }) => span.openedAt !== null);
  const detectedAt = Math.min(...opened.map(({ span }) => span.openedAt ?? Infinity));
  const first = newIncident({
    id,
    environment,
    title: "",
    severity: worst(opened, 5),
    startedAt: Math.min(...runs.map(({ span }) => span.from)),
    detectedAt,
    detectedBy: SYSTEM,
  });
  return followRuns(first, runs, around).incident;
}

/**
 * The incident with what its runs say now. The same runs a second time change nothing. A symptom whose run is gone (its rule was switched
 * off, or nobody measures it any more) ends now.
 */
export function followRuns(
  incident: Incident,
  runs: readonly PlacedRun[],
  around: Surroundings,
): { readonly incident: Incident; readonly happened: readonly Happened[] } {
  const { now } = around;
  const symptoms = mergeRuns(incident.symptoms, runs, now);
  const services = [...new Set([...incident.services, ...symptoms.map(({ service }) => service)])].sort();
  const near = new Set([...services, ...symptoms.map(({ target }) => target)]);
  const edges = [...incident.edges, ...around.edges.filter(({ from, to }) => near.has(from) && near.has(to))];
  const next: Incident = {
    ...incident,
    symptoms,
    services,
    edges: eachOnce(edges),
    startedAt: Math.min(incident.startedAt, ...symptoms.map(({ spans }) => spans[0]?.from ?? Infinity)),
    title: incident.titleBy === null && symptoms.length > 0 && !incident.manual ? titleOf(symptoms) : incident.title,
  };
  const grew = symptoms.length > incident.symptoms.length && incident.version > 0;
  const risen = withSeverity(next, runs, now);
  const { incident: moved, happened } = withStatus(risen, runs, around);
  return { incident: moved, happened: [...(grew ? ["grew" as const] : []), ...happened] };
}

/** Edges in a fixed order, so that the same ones again change nothing. */
export function eachOnce(edges: readonly Edge[]): Edge[] {
  const byKey = new Map(edges.map((edge) => [JSON.stringify([edge.from, edge.to, edge.through]), edge]));
  return [...byKey]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, edge]) => edge)
    .slice(0, EDGES_MOST);
}

function withSeverity(incident: Incident, runs: readonly Run[], now: number): Incident {
  const severity = worst(
    runs.filter(({ span }) => span.openedAt !== null),
    incident.severity,
  );
  if (incident.severityBy !== null || incident.manual || severity >= incident.severity) return incident;
  return { ...incident, severity, severities: [...incident.severities, { at: now, severity, by: SYSTEM }] };
}

function withStatus(incident: Incident, runs: readonly Run[], { now }: Surroundings): { incident: Incident; happened: Happened[] } {
  if (incident.status === "merged") return { incident, happened: [] };
  const active = runs.filter((run) => isActive(run, now));
  if (isOpen(incident)) {
    if (active.length > 0 || incident.manual || incident.symptoms.length === 0 || lingering(incident, runs, now))
      return { incident, happened: [] };
    const at = Math.max(incident.detectedAt, ...incident.symptoms.flatMap(({ spans }) => spans.map(({ to }) => to ?? now)));
    return { incident: resolved(incident, at, SYSTEM), happened: ["resolved"] };
  }
  const { resolvedAt, resolvedBy } = incident;
  // What a person called over stays so until something goes bad anew.
  const again = active.filter(({ span }) => resolvedBy === SYSTEM || span.lastFrom > (resolvedAt ?? -Infinity));
  if (again.length === 0) return { incident, happened: [] };
  const at = Math.max(resolvedAt ?? 0, Math.min(...again.map(({ span }) => span.lastFrom)));
  return { incident: reopened(incident, at), happened: ["reopened"] };
}

/** A symptom that nobody watches any more ended just now: it is given a minute, as after a restart of the console. */
const UNWATCHED_MS = 60_000;

function lingering({ symptoms }: Incident, runs: readonly Run[], now: number): boolean {
  const watched = new Set(runs.map(({ key }) => key));
  return symptoms.some(({ key, spans }) => !watched.has(key) && spans.some(({ to }) => to !== null && now - to < UNWATCHED_MS));
}

export function resolved(incident: Incident, at: number, by: string): Incident {
  const phases = incident.phases.map((phase, index) =>
    index === incident.phases.length - 1 && phase.to === null ? { ...phase, to: Math.max(at, phase.from) } : phase,
  );
  return { ...incident, status: "resolved", resolvedAt: at, resolvedBy: by, phases };
}

export function reopened(incident: Incident, at: number): Incident {
  const status = "open" as const;
  return {
    ...incident,
    status,
    resolvedAt: null,
    resolvedBy: null,
    acknowledgedAt: null,
    phases: [...incident.phases, { from: at, to: null }],
  };
}

/** Lower is worse. */
function worst(runs: readonly Run[], severity: Severity): Severity {
  return runs.reduce<Severity>((least, { rule }) => (rule.severity < least ? rule.severity : least), severity);
}

/** By the first departure; the order of the cascade may name another, and does so beside it. */
function titleOf(symptoms: readonly Symptom[]): string {
  const [first, ...others] = symptoms;
  if (!first) return "";
  return `${symptomTitle(first)}${others.length === 0 ? "" : `, and ${others.length} more`}`;
}

/** First departure first. */
function mergeRuns(known: readonly Symptom[], runs: readonly PlacedRun[], now: number): Symptom[] {
  const symptoms = new Map<string, Symptom>();
  const watched = new Set(runs.map(({ key }) => key));
  for (const symptom of known) {
    const spans = watched.has(symptom.key) ? symptom.spans : symptom.spans.map((span) => ({ ...span, to: span.to ?? now }));
    symptoms.set(symptom.key, { ...symptom, spans });
  }
  for (const run of runs) {
    const { service, resource, on } = run.subject;
    const before = symptoms.get(run.key);
    symptoms.set(run.key, {
      key: run.key,
      ruleId: before?.ruleId ?? run.rule.id,
      on,
      service,
      resource,
      target: run.target ?? before?.target ?? null,
      instances: [...new Set([...(before?.instances ?? []), ...run.instances])].sort(),
      spans: mergeSpan(before?.spans ?? [], run.span, run.rule.resolveDelayMs),
    });
  }
  const all = [...symptoms.values()];
  const from = ({ spans }: Symptom): number => spans[0]?.from ?? Infinity;
  return all.sort((a, b) => from(a) - from(b) || (a.key < b.key ? -1 : 1)).slice(0, SYMPTOMS_MOST);
}

/** The run is the newest word on the spans it touches; of what it no longer remembers, the older word stands. */
function mergeSpan(spans: readonly Span[], run: Span, slack: number): Span[] {
  const touching = spans.filter(({ from, to }) => from <= (run.to ?? Infinity) && (to ?? Infinity) >= run.from - slack);
  const apart = spans.filter((span) => !touching.includes(span));
  const opened = [run, ...touching].flatMap(({ openedAt }) => (openedAt === null ? [] : [openedAt]));
  const merged: Span = {
    from: Math.min(run.from, ...touching.map(({ from }) => from)),
    to: run.to,
    openedAt: opened.length === 0 ? null : Math.min(...opened),
    badMs: Math.max(run.badMs, ...touching.map(({ badMs }) => badMs)),
    lastFrom: run.lastFrom,
    times: Math.max(run.times, ...touching.map(({ times }) => times)),
  };
  return [...apart, merged].sort((a, b) => a.from - b.from).slice(-SPANS_MOST);
}
