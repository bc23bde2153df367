/** What people do with incidents: open, change, merge, split, reopen, mark causes, write notes. */
import { EMPTY_REVIEW, followRuns, isOpen, newIncident, reopened, resolved, type Incident } from "../../core/incidents/incident.ts";
import { absorb, mergedInto } from "../../core/incidents/reconcile.ts";
import { symptomTitle } from "../../core/incidents/words.ts";
import type { CauseMark, IncidentChange, IncidentRequest, Review } from "../../protocol/incident-api.ts";
import { ApiError } from "../errors.ts";
import { RevisionConflict, type NewEvent } from "../store/store.ts";
import type { DeskOptions } from "./desk-options.ts";
import { audited, incidentAudit } from "./incident-audit.ts";
import { incidentEvent } from "./incident-events.ts";
import { moveNotes } from "./note-desk.ts";

type Told = NewEvent["data"];
/** Every event: type and what it says. */
type Saying = readonly [type: string, data?: Told];

export class IncidentDesk {
  readonly #options: DeskOptions;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** The incident, or the one it was merged into. @throws ApiError incident_unknown */
  async find(id: string): Promise<Incident> {
    const { store } = this.#options;
    let incident = await store.getIncident(id);
    // No circles: what is merged is never merged into again.
    while (incident !== null && incident.mergedInto !== null) incident = await store.getIncident(incident.mergedInto);
    if (incident) return incident;
    throw new ApiError("incident_unknown");
  }

  async open(environment: string, request: IncidentRequest, actor: string): Promise<Incident> {
    const { engine, clock, newId } = this.#options;
    const now = clock.now();
    const startedAt = Math.min(request.startedAt ?? now, now);
    const incident: Incident = {
      ...newIncident({
        id: newId(),
        environment,
        title: request.title,
        severity: request.severity,
        startedAt,
        detectedAt: now,
        detectedBy: actor,
      }),
      manual: true,
      titleBy: actor,
      severityBy: actor,
      assignee: request.assignee,
      services: [...new Set(request.services)].sort(),
    };
    return engine.inTurn(environment, async () => {
      const opened = incidentEvent(incident, "opened", { at: now, actor, data: { severity: incident.severity } });
      const event = { ...opened, audit: incidentAudit(opened, null, incident) };
      return one(await engine.commit([incident], [event]));
    });
  }

  /** @throws ApiError incident_unknown, incident_merged, incident_conflict */
  change(id: string, change: IncidentChange, actor: string): Promise<Incident> {
    return this.#act(id, change.expectedVersion, actor, (incident, now) => {
      let next = incident;
      const said: Saying[] = [];
      if (change.title !== undefined && change.title !== incident.title) {
        next = { ...next, title: change.title, titleBy: actor };
        said.push(["changed", { what: "title changed", before: incident.title }]);
      }
      if (change.severity !== undefined && change.severity !== incident.severity) {
        const { severity } = change;
        next = { ...next, severity, severityBy: actor, severities: [...next.severities, { at: now, severity, by: actor }] };
        said.push(["changed", { what: `severity ${incident.severity} to ${severity}` }]);
      }
      if (change.assignee !== undefined && change.assignee !== incident.assignee) {
        next = { ...next, assignee: change.assignee };
        said.push(["changed", { what: change.assignee === null ? "assigned to nobody" : `assigned to ${change.assignee}` }]);
      }
      if (change.review !== undefined) {
        const review = { ...EMPTY_REVIEW, ...next.review, ...given(change.review) };
        next = { ...next, review };
        said.push(["changed", { what: `review: ${Object.keys(given(change.review)).join(", ")}` }]);
      }
      const moved = withStatus(next, change.status, { now, actor });
      return { incidents: [moved.incident], said: [...said, ...moved.said] };
    });
  }

  /** @throws ApiError incident_unknown, incident_merged, incident_conflict */
  reopen(id: string, reason: string | undefined, actor: string): Promise<Incident> {
    return this.#act(id, undefined, actor, (incident, now) => {
      if (isOpen(incident)) return { incidents: [incident], said: [] };
      return { incidents: [reopened(incident, now)], said: [["reopened", reason === undefined ? {} : { reason }]] };
    });
  }

  /** The incident that takes the other in. @throws ApiError incident_unknown, incident_merged, incident_conflict, merge_invalid */
  async merge(
    id: string,
    request: { readonly into: string; readonly expectedVersion?: number | undefined },
    actor: string,
  ): Promise<Incident> {
    const { store } = this.#options;
    const home = await store.getIncident(request.into);
    if (!home) throw new ApiError("incident_unknown");
    const guest = await store.getIncident(id);
    if (guest && (guest.environment !== home.environment || guest.id === home.id)) throw new ApiError("merge_invalid");
    await this.#act(id, request.expectedVersion, actor, async (incident, now) => {
      const into = await store.getIncident(request.into);
      if (!into || into.mergedInto !== null) throw merged(into);
      const all = absorb(into, incident);
      const claims = [...new Set([...all.claims, ...incident.claims, ...all.symptoms.map(({ key }) => key)])].sort();
      const stillOpen = isOpen(incident) && !isOpen(into) ? reopened({ ...all, claims }, now) : { ...all, claims };
      return {
        incidents: [stillOpen, mergedInto(incident, into, now, actor)],
        said: [],
        events: [
          incidentEvent(incident, "merged", { at: now, actor, data: { into: into.id } }),
          incidentEvent(into, "absorbed", { at: now, actor, data: { other: incident.number } }),
        ],
      };
    });
    const into = await this.find(home.id);
    await moveNotes(this.#options, id, into, actor);
    return into;
  }

  /** The new incident. @throws ApiError incident_unknown, incident_merged, incident_conflict, symptom_unknown */
  split(
    id: string,
    request: { readonly symptoms: readonly string[]; readonly title?: string | undefined; readonly expectedVersion?: number | undefined },
    actor: string,
  ): Promise<Incident> {
    const { newId, engine } = this.#options;
    return this.#act(id, request.expectedVersion, actor, (incident, now) => {
      const keys = new Set(request.symptoms);
      const leaving = incident.symptoms.filter(({ key }) => keys.has(key));
      const staying = incident.symptoms.filter(({ key }) => !keys.has(key));
      if (leaving.length !== keys.size || staying.length === 0) throw new ApiError("symptom_unknown");
      const startedAt = Math.min(...leaving.map(({ spans }) => spans[0]?.from ?? now));
      const detectedAt = Math.min(...leaving.flatMap(({ spans }) => spans.map((span) => span.openedAt ?? now)));
      const { environment, severity } = incident;
      const fresh: Incident = {
        ...newIncident({ id: newId(), environment, title: "", severity, startedAt, detectedAt, detectedBy: incident.detectedBy }),
        symptoms: leaving,
        services: [...new Set(leaving.map(({ service }) => service))].sort(),
        claims: [...keys].sort(),
        ...(request.title === undefined
          ? { title: leaving.map(symptomTitle).slice(0, 3).join(", ").slice(0, 120) }
          : { title: request.title, titleBy: actor }),
      };
      const around = { edges: engine.edges(environment), now };
      const own = followRuns(fresh, [], around).incident;
      const rest: Incident = {
        ...incident,
        symptoms: staying,
        claims: [...new Set([...incident.claims, ...staying.map(({ key }) => key)])].filter((key) => !keys.has(key)).sort(),
        services: incident.manual ? incident.services : [...new Set(staying.map(({ service }) => service))].sort(),
        startedAt: incident.manual ? incident.startedAt : Math.min(...staying.map(({ spans }) => spans[0]?.from ?? incident.startedAt)),
      };
      return {
        // What still lasts is followed by its runs again at once.
        incidents: [
          {
            ...own,
            status: incident.status,
            symptoms: leaving,
            resolvedAt: incident.resolvedAt,
            resolvedBy: incident.resolvedBy,
            phases: split(incident, detectedAt),
          },
          rest,
        ],
        said: [],
        events: [
          incidentEvent(own, "opened", { at: now, actor, data: { severity, from: incident.number } }),
          incidentEvent(incident, "split", { at: now, actor, data: { symptoms: leaving.map(symptomTitle).join(", ").slice(0, 400) } }),
        ],
      };
    });
  }

  /** @throws ApiError incident_unknown, incident_merged, symptom_unknown */
  mark(
    id: string,
    request: { readonly symptom: string; readonly verdict: CauseMark["verdict"] | "none" },
    actor: string,
  ): Promise<Incident> {
    return this.#act(id, undefined, actor, (incident, now) => {
      const symptom = incident.symptoms.find(({ key }) => key === request.symptom);
      if (!symptom) throw new ApiError("symptom_unknown");
      const others = Object.entries(incident.marks).filter(([key]) => key !== symptom.key);
      const own = request.verdict === "none" ? [] : [[symptom.key, { verdict: request.verdict, by: actor, at: now }] as const];
      const marks = Object.fromEntries([...others, ...own]);
      return { incidents: [{ ...incident, marks }], said: [["marked", { symptom: symptomTitle(symptom), verdict: request.verdict }]] };
    });
  }

  /** Reads in turn, lets `work` decide, writes and tells. The first incident of the outcome is answered. */
  async #act(
    id: string,
    expectedVersion: number | undefined,
    actor: string,
    work: (incident: Incident, now: number) => Outcome | Promise<Outcome>,
  ): Promise<Incident> {
    const { store, engine, clock } = this.#options;
    const first = await store.getIncident(id);
    if (!first) throw new ApiError("incident_unknown");
    return engine.inTurn(first.environment, async () => {
      const incident = await store.getIncident(id);
      if (!incident || incident.mergedInto !== null) throw merged(incident);
      if (expectedVersion !== undefined && expectedVersion !== incident.version) throw conflict(incident.version);
      const now = clock.now();
      const { incidents, said, events = [] } = await work(incident, now);
      const [head] = incidents;
      if (head && said.length === 0 && events.length === 0) return head;
      const spoken = said.map(([type, data = {}]) => incidentEvent(head ?? incident, type, { at: now, actor, data }));
      try {
        return one(await engine.commit(incidents, audited([...spoken, ...events], incident, incidents)));
      } catch (error) {
        if (error instanceof RevisionConflict) throw conflict(error.current);
        throw error;
      }
    });
  }
}

interface Outcome {
  readonly incidents: readonly Incident[];
  /** About the first of them. */
  readonly said: readonly Saying[];
  readonly events?: readonly NewEvent[];
}

function withStatus(
  incident: Incident,
  status: IncidentChange["status"],
  { now, actor }: { readonly now: number; readonly actor: string },
): { readonly incident: Incident; readonly said: readonly Saying[] } {
  if (status === undefined || status === incident.status) return { incident, said: [] };
  if (status === "resolved") {
    const phase = incident.phases.at(-1);
    return { incident: resolved(incident, now, actor), said: [["resolved", phase ? { openMs: now - phase.from } : {}]] };
  }
  const open = isOpen(incident) ? incident : reopened(incident, now);
  const said: Saying[] = isOpen(incident) ? [] : [["reopened"]];
  if (status === "open")
    return {
      incident: { ...open, status, acknowledgedAt: null },
      said: [...said, ...(isOpen(incident) ? [["changed", { what: "no longer acknowledged" }] as const] : [])],
    };
  return { incident: { ...open, status, acknowledgedAt: now }, said: [...said, ["changed", { what: "acknowledged" }]] };
}

/** The incident's phases from the moment on that another begins to be told apart. */
function split({ phases }: Incident, from: number): Incident["phases"] {
  const own = phases.filter(({ to }) => to === null || to > from).map((phase) => ({ ...phase, from: Math.max(phase.from, from) }));
  return own.length > 0 ? own : [{ from, to: phases.at(-1)?.to ?? null }];
}

function given(review: Readonly<Record<string, unknown>>): Partial<Review> {
  return Object.fromEntries(Object.entries(review).filter(([, value]) => value !== undefined));
}

function one<T>([first]: readonly T[]): T {
  if (first === undefined) throw new Error("an incident was not written");
  return first;
}

const merged = (incident: Incident | null): ApiError =>
  incident === null ? new ApiError("incident_unknown") : new ApiError("incident_merged", { conflict: { into: incident.mergedInto } });
const conflict = (current: number): ApiError => new ApiError("incident_conflict", { conflict: { current } });
