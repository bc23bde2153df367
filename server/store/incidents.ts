/** Incidents, what people added to their timelines, and rules. */
import type { Incident } from "../../core/incidents/incident.ts";
import { searchText, searchWords, serviceMark, servicesText } from "../../core/incidents/search.ts";
import type { IncidentStatus } from "../../protocol/incident-api.ts";
import type { IncidentRule } from "../../protocol/incident-rule-api.ts";
import { clampLimit, decodeCursor, encodeCursor, pageOf } from "./cursor.ts";
import type { Db, Tx } from "./db.ts";
import type { Dialect } from "./dialect.ts";
import { appendRows, consoleRow } from "./event-log.ts";
import type { Incident as IncidentRow } from "./generated/sqlite/client.ts";
import type { IncidentCommit, IncidentEntry, IncidentQuery, StoredRule } from "./incident-store.ts";
import { type LoggedEventIn, type NewEvent, type Page, RevisionConflict } from "./store.ts";

const ENTRIES_MOST = 2_000;

/** What is there to be searched is left to the body. */
function incidentOf({ body, severity: _s, assignee: _a, services: _v, words: _w, ...row }: IncidentRow): Incident {
  return { ...(JSON.parse(body) as Incident), ...row, ...timesOf(row), status: row.status as IncidentStatus };
}

const timesOf = ({ startedAt, updatedAt }: Pick<IncidentRow, "startedAt" | "updatedAt">) => ({
  startedAt: Number(startedAt),
  updatedAt: Number(updatedAt),
});

function rowOf(incident: Incident): IncidentRow {
  const { id, environment, number, status, startedAt, updatedAt, mergedInto, version, ...rest } = incident;
  return {
    ...{ id, environment, number, status, mergedInto, version },
    startedAt: BigInt(startedAt),
    updatedAt: BigInt(updatedAt),
    severity: incident.severity,
    assignee: incident.assignee,
    services: servicesText(incident.services),
    words: searchText(incident),
    body: JSON.stringify(rest),
  };
}

export async function commitIncidents(
  tx: Tx,
  dialect: Dialect,
  incidents: readonly Incident[],
  events: readonly NewEvent[],
): Promise<IncidentCommit> {
  // The same lock gives out numbers and ids of events.
  await dialect.lockLog(tx);
  const saved: Incident[] = [];
  for (const incident of incidents) saved.push(await commitOne(tx, incident));
  const numbers = new Map(saved.map(({ id, number }) => [id, number]));
  const rows = events.map((event) => {
    const number = numbers.get(String(event.data["incidentId"]));
    if (number === undefined) return consoleRow(event);
    const audit = event.audit && { audit: { ...event.audit, incident: number } };
    return consoleRow({ ...event, data: { ...event.data, number }, ...audit });
  });
  const [logged = []] = await appendRows(tx, dialect, [rows]);
  return { incidents: saved, events: logged };
}

async function commitOne(tx: Tx, incident: Incident): Promise<Incident> {
  const { id, environment, version } = incident;
  if (version === 0) {
    const last = await tx.incident.findFirst({ where: { environment }, orderBy: { number: "desc" }, select: { number: true } });
    return incidentOf(await tx.incident.create({ data: rowOf({ ...incident, number: (last?.number ?? 0) + 1, version: 1 }) }));
  }
  const next = { ...incident, version: version + 1 };
  const { count } = await tx.incident.updateMany({ where: { id, version }, data: rowOf(next) });
  if (count === 1) return next;
  const stored = await tx.incident.findUnique({ where: { id }, select: { version: true } });
  throw new RevisionConflict(stored?.version ?? 0);
}

export async function getIncident(db: Db, id: string): Promise<Incident | null> {
  const row = await db.incident.findUnique({ where: { id } });
  return row === null ? null : incidentOf(row);
}

export async function listIncidents(db: Db, query: IncidentQuery): Promise<Page<Incident>> {
  const limit = clampLimit(query.limit);
  const [at, number] = query.cursor === undefined ? [] : decodeCursor("incidents", query.cursor, 2);
  const rows = await db.incident.findMany({
    where: {
      AND: [
        filterOf(query),
        ...(at === undefined || number === undefined
          ? []
          : [{ OR: [{ startedAt: { lt: BigInt(at) } }, { startedAt: BigInt(at), number: { lt: number } }] }]),
      ],
    },
    orderBy: [{ startedAt: "desc" }, { number: "desc" }],
    take: limit + 1,
  });
  return pageOf(rows.map(incidentOf), limit, (last) => encodeCursor("incidents", [last.startedAt, last.number]));
}

function filterOf({ environment, statuses, number, severity, service, assignee, text, since, until }: IncidentQuery) {
  const status = statuses === undefined ? (number === undefined ? { not: "merged" } : undefined) : { in: [...statuses] };
  return {
    environment,
    ...(status && { status }),
    ...(number === undefined ? {} : { number }),
    ...(severity === undefined ? {} : { severity: { lte: severity } }),
    ...(assignee === undefined ? {} : { assignee }),
    startedAt: { gte: BigInt(since ?? 0), ...(until === undefined ? {} : { lte: BigInt(until) }) },
    ...(service === undefined ? {} : { services: { contains: serviceMark(service) } }),
    AND: searchWords(text ?? "").map((word) => ({ words: { contains: word } })),
  };
}

export async function listRecentIncidents(db: Db, environment: string, changedSince: number): Promise<readonly Incident[]> {
  const rows = await db.incident.findMany({
    where: {
      environment,
      status: { not: "merged" },
      OR: [{ status: { in: ["open", "acknowledged"] } }, { updatedAt: { gte: BigInt(changedSince) } }],
    },
    orderBy: [{ startedAt: "asc" }, { number: "asc" }],
  });
  return rows.map(incidentOf);
}

export async function putIncidentEntry(
  tx: Tx,
  dialect: Dialect,
  entry: IncidentEntry,
  event: NewEvent,
): Promise<{ readonly entry: IncidentEntry; readonly event: LoggedEventIn }> {
  const { id, incidentId, at, eventId, ...rest } = entry;
  const row = { incidentId, at: BigInt(at), eventId: eventId === null ? null : BigInt(eventId), body: JSON.stringify(rest) };
  const known = eventId === null ? null : await tx.incidentEntry.findFirst({ where: { incidentId, eventId: BigInt(eventId) } });
  const own = known?.id ?? id;
  await tx.incidentEntry.upsert({ where: { id: own }, create: { id: own, ...row }, update: row });
  return { entry: { ...entry, id: own }, event: await logOne(tx, dialect, event) };
}

export async function listIncidentEntries(db: Db, incidentId: string): Promise<readonly IncidentEntry[]> {
  const rows = await db.incidentEntry.findMany({ where: { incidentId }, orderBy: [{ at: "asc" }, { id: "asc" }], take: ENTRIES_MOST });
  return rows.map(({ body, at, eventId, ...row }) => ({
    ...(JSON.parse(body) as IncidentEntry),
    ...row,
    at: Number(at),
    eventId: eventId === null ? null : Number(eventId),
  }));
}

export async function listIncidentRules(db: Db, environment: string): Promise<readonly StoredRule[]> {
  const rows = await db.incidentRule.findMany({ where: { environment }, orderBy: { id: "asc" } });
  return rows.map(({ id, body, updatedAt, updatedBy }) => ({
    ...(JSON.parse(body) as IncidentRule),
    id,
    updatedAt: Number(updatedAt),
    updatedBy,
  }));
}

export async function putIncidentRule(
  tx: Tx,
  dialect: Dialect,
  { environment, rule: { id, updatedAt, updatedBy, ...body } }: { readonly environment: string; readonly rule: StoredRule },
  event: NewEvent,
): Promise<LoggedEventIn> {
  const row = { body: JSON.stringify(body), updatedAt: BigInt(updatedAt), updatedBy };
  await tx.incidentRule.upsert({
    where: { environment_id: { environment, id } },
    create: { environment, id, ...row },
    update: row,
  });
  return logOne(tx, dialect, event);
}

export async function deleteIncidentRule(
  tx: Tx,
  dialect: Dialect,
  { environment, id }: { readonly environment: string; readonly id: string },
  event: NewEvent,
): Promise<LoggedEventIn | null> {
  const { count } = await tx.incidentRule.deleteMany({ where: { environment, id } });
  return count === 0 ? null : logOne(tx, dialect, event);
}

async function logOne(tx: Tx, dialect: Dialect, event: NewEvent): Promise<LoggedEventIn> {
  const [[logged] = []] = await appendRows(tx, dialect, [[consoleRow(event)]]);
  if (logged === undefined) throw new Error("an event was not written");
  return logged;
}
