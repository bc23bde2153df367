/** Incidents as they stood at a moment that is past, folded from the log. */
import type { Incident } from "../../core/incidents/incident.ts";
import { incidentAt, type IncidentEvent } from "../../core/replay-incident.ts";
import { ApiError } from "../errors.ts";
import { readEvents } from "../incidents/read-events.ts";
import type { IncidentQuery } from "../store/incident-store.ts";
import type { Page, Store } from "../store/store.ts";

export interface PastIncidentParts {
  readonly store: Pick<Store, "getIncident" | "listIncidents" | "listEvents">;
  readonly at: number;
}

/** Events read for one page of incidents; what comes behind them is not folded. */
const EVENTS_MOST = 20_000;
/** Pages looked at for one page that is full; a page may be short and still have a next one. */
const PAGES_MOST = 20;
/** How long after an incident was last written something of it may still have been logged. */
const SLACK_MS = 60_000;

/** The incident, or the one it had been merged into by then. @throws ApiError incident_unknown, also when it was not known yet */
export async function findIncidentAt(parts: PastIncidentParts, id: string): Promise<Incident> {
  for (let next = id; ;) {
    const stored = await parts.store.getIncident(next);
    const [incident] = stored ? await asOf(parts, [stored]) : [];
    if (!incident) throw new ApiError("incident_unknown");
    if (incident.mergedInto === null) return incident;
    next = incident.mergedInto;
  }
}

/** Latest beginning first. What is asked of status, severity and assignee is asked of then. */
export async function listIncidentsAt(parts: PastIncidentParts, query: IncidentQuery): Promise<Page<Incident>> {
  const { statuses, severity, assignee, until, limit, ...rest } = query;
  const wanted = (incident: Incident): boolean =>
    (statuses?.includes(incident.status) ?? (query.number !== undefined || incident.status !== "merged")) &&
    (severity === undefined || incident.severity <= severity) &&
    (assignee === undefined || incident.assignee === assignee);
  const items: Incident[] = [];
  let cursor: string | null | undefined = query.cursor;
  for (let pages = 0; pages < PAGES_MOST; pages++) {
    const page: Page<Incident> = await parts.store.listIncidents({
      ...rest,
      statuses: ["open", "acknowledged", "resolved", "merged"],
      until: Math.min(until ?? Infinity, parts.at),
      limit: limit - items.length,
      ...(cursor == null ? {} : { cursor }),
    });
    items.push(...(await asOf(parts, page.items)).filter(wanted));
    cursor = page.nextCursor;
    if (cursor === null || items.length >= limit) break;
  }
  return { items, nextCursor: cursor ?? null };
}

/** Those that were known by then. */
async function asOf({ store, at }: PastIncidentParts, incidents: readonly Incident[]): Promise<Incident[]> {
  const [first] = incidents;
  if (!first) return [];
  const events = new Map<unknown, IncidentEvent[]>(incidents.map(({ id }) => [id, []]));
  const since = Math.min(...incidents.map(({ startedAt, detectedAt }) => Math.min(startedAt, detectedAt)));
  const until = Math.max(...incidents.map(({ updatedAt }) => updatedAt)) + SLACK_MS;
  const query = { environment: first.environment, kinds: ["incident."], since, until, most: EVENTS_MOST };
  await readEvents(store, query, (event) => events.get(event.data["incidentId"])?.push(event));
  return incidents.flatMap((incident) => incidentAt(incident, events.get(incident.id) ?? [], at) ?? []);
}
