/** What is told of incidents: lists, one with its causes, write-ups and accounting. */
import { breakerAccounts, impactOf, IMPACT_COLUMNS, noShed, savedWords, totalOf } from "../../core/incidents/accounting.ts";
import { cascadeOf, type ChangeBefore } from "../../core/incidents/cause.ts";
import { CONDITION_EVENTS, ConditionLog } from "../../core/incidents/conditions.ts";
import { eventTitle } from "../../core/incidents/event-words.ts";
import { isOpen, type Incident } from "../../core/incidents/incident.ts";
import { Paths } from "../../core/incidents/paths.ts";
import { strainOf } from "../../core/incidents/strain.ts";
import { servicesOf, windowOf } from "../../core/incidents/timeline.ts";
import { writeUpOf } from "../../core/incidents/write-up.ts";
import type { SeriesAnswer } from "../../protocol/api.ts";
import type { Accounting, Entry, IncidentAnswer, IncidentSummary, Suspect, WriteUp } from "../../protocol/incident-api.ts";
import type { HistoryReader } from "../history/history-reader.ts";
import { CHANGE_EVENTS } from "../policy/flip-events.ts";
import type { FlipScope } from "../store/flip.ts";
import type { Store } from "../store/store.ts";
import type { IncidentEngine } from "./incident-engine.ts";
import { readEvents } from "./read-events.ts";
import { readTimeline, type TimelineParts } from "./timeline-reader.ts";

export interface ReportParts extends TimelineParts {
  readonly store: Pick<Store, "listEvents" | "listIncidentEntries" | "listIncidents" | "listInstances">;
  readonly history: Pick<HistoryReader, "series">;
  readonly engine: Pick<IncidentEngine, "edges">;
}

/** Changes looked for before the first departure. */
const CHANGES_BEFORE_MS = 15 * 60_000;
const CHANGES_MOST = 1_000;
const TIMELINE_MOST = 1_000;
const STEPS = 600;
const EVENTS_MOST = 200_000;
const WEEK_STEP_MS = 60_000;

export async function answerOf(parts: ReportParts, incident: Incident): Promise<IncidentAnswer> {
  const { titleBy: _t, severityBy: _s, claims: _c, marks: _m, ...shown } = incident;
  return { ...shown, suspects: await suspectsOf(parts, incident) };
}

const STRAIN_STEPS = 32;

export interface SummaryFacts {
  readonly now: number;
  /** Scopes of the changes of policy that are live in its environment. */
  readonly scopes: readonly FlipScope[];
}

export function summaryOf(incident: Incident, { now, scopes }: SummaryFacts): IncidentSummary {
  const { symptoms, phases, edges, marks, review: _r, severities: _s, titleBy: _t, severityBy: _b, claims: _c, ...shown } = incident;
  const [first] = cascadeOf({ symptoms, edges, marks, changes: [] });
  return {
    ...shown,
    cause: first?.title ?? null,
    symptoms: symptoms.length,
    instances: new Set(symptoms.flatMap(({ service, instances }) => instances.map((instance) => `${service}/${instance}`))).size,
    strain: symptoms.length === 0 ? [] : strainOf(symptoms, { from: incident.startedAt, to: incident.resolvedAt ?? now }, STRAIN_STEPS),
    overrides: isOpen(incident) ? scopes.filter((scope) => touches(scope, incident.services)).length : 0,
    openMs: openMsOf(incident, now),
    reopened: Math.max(0, phases.length - 1),
  };
}

/** A scope that names no service is every service's. */
function touches({ service, instances }: FlipScope, services: readonly string[]): boolean {
  if (instances) return instances.some((key) => services.includes(key.slice(0, key.indexOf("/"))));
  return service === undefined || services.includes(service);
}

const openMsOf = ({ phases }: Pick<Incident, "phases">, now: number): number =>
  phases.reduce((sum, { from, to }) => sum + Math.max(0, (to ?? now) - from), 0);

async function suspectsOf(parts: Pick<ReportParts, "store">, incident: Incident): Promise<Suspect[]> {
  const { environment, startedAt, symptoms, edges, marks } = incident;
  if (symptoms.length === 0) return [];
  const changes: ChangeBefore[] = [];
  const last = Math.max(startedAt, ...symptoms.map(({ spans }) => spans[0]?.from ?? startedAt));
  const window = { since: startedAt - CHANGES_BEFORE_MS, until: last };
  // What took a change back is no reason; what made one may be.
  await readEvents(parts.store, { environment, kinds: ["deploy", ...CHANGE_EVENTS], ...window, most: CHANGES_MOST }, (event) => {
    if (event.type === "deploy" || /\.(created|set)$/.test(event.type))
      changes.push({ at: event.at, service: event.service, title: eventTitle(event) });
  });
  return cascadeOf({ symptoms, edges, marks, changes });
}

export async function writeUpFor(parts: ReportParts, incident: Incident): Promise<WriteUp> {
  const now = parts.clock.now();
  const entries: Entry[] = [];
  let cursor: string | null = null;
  do {
    const page = await readTimeline(parts, incident, {
      noise: false,
      pinnedOnly: false,
      limit: 500,
      ...(cursor === null ? {} : { cursor }),
    });
    entries.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && entries.length < TIMELINE_MOST);
  const series = await seriesOf(parts, incident, now);
  return writeUpOf({
    incident,
    cascade: await suspectsOf(parts, incident),
    entries,
    entriesTruncated: cursor !== null,
    impact: impactOf(series.map((answer) => within(answer, incident, now))),
    series,
    now,
  });
}

/** Of every service that had something, with some calm around it for the charts. */
async function seriesOf({ history }: ReportParts, incident: Incident, now: number): Promise<SeriesAnswer[]> {
  const window = windowOf(incident, now);
  // Steps begin with the trouble, so that counting can begin with it, too.
  const stepMs = Math.max(1_000, Math.ceil((window.to - window.from) / STEPS / 1_000) * 1_000);
  const from = incident.startedAt - Math.ceil((incident.startedAt - window.from) / stepMs) * stepMs;
  const answers: SeriesAnswer[] = [];
  for (const service of [...servicesOf(incident)].sort())
    answers.push(
      await history.series({
        environment: incident.environment,
        service,
        columns: IMPACT_COLUMNS,
        from: Math.max(0, from),
        to: Math.min(window.to, now),
        stepMs,
      }),
    );
  return answers;
}

/** The steps from the first departure to the end. */
function within(answer: SeriesAnswer, { startedAt, resolvedAt }: Incident, now: number): SeriesAnswer {
  const to = resolvedAt ?? now;
  const series = answer.series.map((one) => ({ ...one, points: one.points.filter(([at]) => at >= startedAt && at < to) }));
  return { ...answer, series };
}

/** Breakers, shed load and incidents of an environment within a window. */
export async function accountingOf(
  parts: ReportParts,
  environment: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Accounting> {
  const { store, history, engine } = parts;
  const now = parts.clock.now();
  const until = Math.min(to, now);
  const conditions = new ConditionLog();
  // A breaker that was open already at the beginning opened within the day before, or is not known to be.
  const read = { environment, kinds: CONDITION_EVENTS, since: from - 86_400_000, until, most: EVENTS_MOST };
  let truncated = !(await readEvents(store, read, (event) => void conditions.add(event)));
  const breakers = breakerAccounts(conditions.all(), { from, to: until }, new Paths(engine.edges(environment)));
  const shed: Accounting["shed"] = [];
  const all = { shortCircuited: 0, fallbacks: 0, shed: noShed() };
  for (const service of [...new Set((await store.listInstances(environment)).map((known) => known.service))].sort()) {
    const answer = await history.series({ environment, service, columns: IMPACT_COLUMNS, from, to: until, stepMs: WEEK_STEP_MS });
    truncated ||= answer.truncated;
    const impact = impactOf([answer]);
    if (Object.values(impact.shed).some((count) => count > 0)) shed.push({ service, ...impact.shed });
    all.shortCircuited += impact.shortCircuited;
    all.fallbacks += impact.fallbacks;
    for (const key of ["low", "medium", "high", "critical"] as const) all.shed[key] += impact.shed[key];
    for (const breaker of breakers) {
      if (breaker.service !== service) continue;
      const own = answer.series.filter(({ kind, resource }) => kind === "breaker" && resource === breaker.name);
      const sum = (column: string): number =>
        Math.round(own.filter((one) => one.column === column).reduce((total, one) => total + totalOf(one, answer.stepMs), 0));
      breaker.shortCircuited = sum("rejected");
      breaker.fallbacks = sum("fallbacks");
    }
  }
  return {
    from,
    to: until,
    breakers,
    shed,
    incidents: await incidentsWithin(parts, environment, { from, to: until }),
    saved: savedWords(all),
    truncated,
  };
}

async function incidentsWithin(
  { store, clock }: ReportParts,
  environment: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Accounting["incidents"]> {
  const sums = { opened: 0, reopened: 0, openMinutes: 0 };
  const now = clock.now();
  let cursor: string | null = null;
  // Latest first: what began long before the window and is over does not end the search, for others may still be open.
  let pages = 0;
  do {
    const page = await store.listIncidents({ environment, until: to, limit: 500, ...(cursor === null ? {} : { cursor }) });
    for (const { phases } of page.items) {
      const inside = phases.filter((phase) => phase.from < to && (phase.to ?? now) > from);
      if (phases[0] && phases[0].from >= from && phases[0].from < to) sums.opened++;
      sums.reopened += phases.slice(1).filter((phase) => phase.from >= from && phase.from < to).length;
      sums.openMinutes += inside.reduce((sum, phase) => sum + Math.min(phase.to ?? to, to) - Math.max(phase.from, from), 0) / 60_000;
    }
    cursor = page.nextCursor;
    pages++;
  } while (cursor !== null && pages < 20);
  return sums;
}
