/** Brings what the runs say and the incidents there are together: which run belongs to which, what is new, what is over. */
import { groupRuns, type Group, type PlacedRun } from "./grouping.ts";
import { eachOnce, followRuns, incidentOf, isOpen, SYSTEM, type Happened, type Incident, type Surroundings } from "./incident.ts";
import { Paths } from "./paths.ts";
import type { Run } from "./runs.ts";

export interface Step {
  /** Null for a new one. */
  readonly before: Incident | null;
  readonly incident: Incident;
  readonly happened: readonly Happened[];
}

export interface Reconciliation extends Surroundings {
  readonly environment: string;
  readonly runs: readonly Run[];
  /** Open ones, and those that may still be opened again. */
  readonly incidents: readonly Incident[];
  readonly newId: () => string;
}

/** Only what changes, in an order in which it can be stored: those that are merged away last. */
export function reconcile(input: Reconciliation): Step[] {
  const { environment, newId } = input;
  const paths = new Paths(input.edges);
  const incidents = input.incidents.filter(({ status }) => status !== "merged").sort(byAge);
  const assigned = new Map<Incident, PlacedRun[]>(incidents.map((incident) => [incident, []]));
  const taken = new Map<Incident, Incident>();
  const steps: Step[] = [];

  for (const group of groupRuns(input.runs, paths)) {
    const { free, claimed } = byClaim(group, incidents);
    for (const [run, incident] of claimed) assigned.get(incident)?.push(run);
    if (free.length === 0) continue;
    const matching = incidents.filter((incident) => !taken.has(incident) && free.some((run) => isAbout(incident, run)));
    const [home, ...others] = matching;
    if (!home) {
      if (!free.some(({ span }) => span.openedAt !== null)) continue;
      const incident = incidentOf(newId(), environment, free, input);
      steps.push({ before: null, incident, happened: isOpen(incident) ? ["opened"] : ["opened", "resolved"] });
      continue;
    }
    // Late news may show that two are one. What a person has put its hand to stays as it is.
    const joining = others.filter((other) => untouched(other) && untouched(home) && isOpen(other) && isOpen(home));
    for (const other of joining) taken.set(other, home);
    for (const run of free) {
      const own = matching.find((incident) => has(incident, run));
      assigned.get(own === undefined || joining.includes(own) ? home : own)?.push(run);
    }
  }

  const absorbed: Step[] = [];
  for (const [incident, runs] of assigned) {
    const into = taken.get(incident);
    if (into) {
      absorbed.push({ before: incident, incident: mergedInto(incident, into, input.now), happened: ["merged"] });
      continue;
    }
    const guests = [...taken].filter(([, home]) => home === incident).map(([guest]) => guest);
    const base = guests.reduce(absorb, incident);
    const { incident: next, happened } = followRuns(base, runs, input);
    if (JSON.stringify(next) !== JSON.stringify(incident)) steps.push({ before: incident, incident: next, happened });
  }
  return [...steps, ...absorbed];
}

const byAge = (a: Incident, b: Incident): number => a.startedAt - b.startedAt || a.number - b.number;

/** The first incident with everything of the second in it. */
export function absorb(home: Incident, guest: Incident): Incident {
  const symptoms = new Map([...guest.symptoms, ...home.symptoms].map((symptom) => [symptom.key, symptom]));
  const shared = home.symptoms.filter(({ key }) => guest.symptoms.some((other) => other.key === key));
  for (const symptom of shared) {
    const other = guest.symptoms.find(({ key }) => key === symptom.key);
    const spans = [...symptom.spans, ...(other?.spans ?? [])].sort((a, b) => a.from - b.from);
    const own = spans.filter((span, index) => spans.findIndex(({ from }) => from === span.from) === index);
    symptoms.set(symptom.key, {
      ...symptom,
      instances: [...new Set([...symptom.instances, ...(other?.instances ?? [])])].sort(),
      spans: own,
    });
  }
  const first = ({ spans }: Incident["symptoms"][number]): number => spans[0]?.from ?? Infinity;
  return {
    ...home,
    symptoms: [...symptoms.values()].sort((a, b) => first(a) - first(b) || (a.key < b.key ? -1 : 1)),
    services: [...new Set([...home.services, ...guest.services])].sort(),
    edges: eachOnce([...home.edges, ...guest.edges]),
    startedAt: Math.min(home.startedAt, guest.startedAt),
    detectedAt: Math.min(home.detectedAt, guest.detectedAt),
    marks: { ...guest.marks, ...home.marks },
  };
}

export function mergedInto(guest: Incident, home: Pick<Incident, "id">, now: number, by: string = SYSTEM): Incident {
  const phases = guest.phases.map((phase) => ({ ...phase, to: phase.to ?? now }));
  return {
    ...guest,
    status: "merged",
    mergedInto: home.id,
    resolvedAt: guest.resolvedAt ?? now,
    resolvedBy: guest.resolvedBy ?? by,
    phases,
    claims: [],
  };
}

const untouched = ({ claims, manual }: Incident): boolean => claims.length === 0 && !manual;

function byClaim(group: Group, incidents: readonly Incident[]): { free: PlacedRun[]; claimed: [PlacedRun, Incident][] } {
  const free: PlacedRun[] = [];
  const claimed: [PlacedRun, Incident][] = [];
  for (const run of group) {
    const incident = incidents.find((candidate) => candidate.claims.includes(run.key) && recent(candidate, run));
    if (incident) claimed.push([run, incident]);
    else free.push(run);
  }
  return { free, claimed };
}

/** The run is of a symptom the incident has; or the incident was opened by hand for the run's service. */
function isAbout(incident: Incident, run: PlacedRun): boolean {
  return has(incident, run) || (incident.manual && isOpen(incident) && touches(incident, run));
}

function has(incident: Incident, run: PlacedRun): boolean {
  return !incident.claims.includes(run.key) && incident.symptoms.some(({ key }) => key === run.key) && recent(incident, run);
}

function touches({ services, startedAt }: Incident, { subject, target, span }: PlacedRun): boolean {
  return (span.to ?? Infinity) >= startedAt && (services.includes(subject.service) || (target !== null && services.includes(target)));
}

/** While the incident is open, or within the reopen window after what it had of this, or after its end. */
function recent(incident: Incident, { key, rule, span }: PlacedRun): boolean {
  if ((span.to ?? Infinity) < incident.startedAt) return false;
  if (isOpen(incident)) return true;
  const ends = incident.symptoms.filter((symptom) => symptom.key === key).flatMap(({ spans }) => spans.map(({ to }) => to ?? Infinity));
  return span.from <= Math.max(incident.resolvedAt ?? 0, ...ends) + rule.reopenWindowMs;
}
