/** What the log says about incidents. */
import type { Incident } from "../../core/incidents/incident.ts";
import { isOpen, type Happened } from "../../core/incidents/incident.ts";
import type { Step } from "../../core/incidents/reconcile.ts";
import type { NewEvent } from "../store/store.ts";

/** Of a new incident the store adds the `number`. */
export function incidentEvent(
  incident: Pick<Incident, "id" | "environment" | "number" | "title">,
  type: string,
  { at, actor, data = {} }: { readonly at: number; readonly actor: string; readonly data?: NewEvent["data"] },
): NewEvent {
  const { id, environment, number, title } = incident;
  return {
    environment,
    at,
    receivedAt: at,
    type: `incident.${type}`,
    service: null,
    instance: null,
    resource: null,
    actor,
    data: { incidentId: id, ...(number === 0 ? {} : { number }), title, ...data },
  };
}

/** Of what the engine found. */
export function stepEvents({ before, incident, happened }: Step, at: number): NewEvent[] {
  const { severity, phases } = incident;
  const phase = phases.at(-1);
  const data: Readonly<Record<Happened, NewEvent["data"]>> = {
    opened: { severity },
    grew: { severity, symptoms: incident.symptoms.length },
    resolved: phase?.to == null ? {} : { openMs: phase.to - phase.from },
    reopened: { severity },
    merged: { into: incident.mergedInto },
  };
  const events = happened.map((type) => incidentEvent(incident, type, { at, actor: "system", data: data[type] }));
  if (before && isOpen(incident) && severity < before.severity)
    events.push(incidentEvent(incident, "changed", { at, actor: "system", data: { what: `severity ${before.severity} to ${severity}` } }));
  return events;
}
