/** Incidents: look, open, change, merge, split, reopen, mark; timelines, write-ups and accounting. */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import {
  accountingSchema,
  additionSchema,
  ENTRY_KINDS,
  entryChangeSchema,
  entryPageSchema,
  incidentChangeSchema,
  incidentPageSchema,
  incidentRequestSchema,
  incidentSchema,
  INCIDENT_STATUSES,
  markRequestSchema,
  mergeRequestSchema,
  noteRequestSchema,
  reopenRequestSchema,
  splitRequestSchema,
  writeUpSchema,
} from "../../../protocol/incident-api.ts";
import type { Incident } from "../../../core/incidents/incident.ts";
import { actorOf } from "../../auth/principal.ts";
import { ApiError } from "../../errors.ts";
import type { IncidentEntry } from "../../store/incident-store.ts";
import type { ApiDeps } from "../api-deps.ts";
import { accepts, answers, asker, secured, type Api, type ApiEnv } from "../http.ts";
import { environmentQuery, idParam, momentParam, nameParam, pageQuery, timeParam } from "../query-schemas.ts";

const PATH = "/api/v1/incidents";
const DAY_MS = 86_400_000;
const flag = z.enum(["true", "false"]).default("false");
/** `a,b`: any of some. */
const someOf = <const T extends readonly [string, ...string[]]>(names: T) =>
  z
    .string()
    .max(200)
    .transform((text) => text.split(","))
    .pipe(z.array(z.enum(names)))
    .optional();
const asOfParam = momentParam.openapi({ description: "As it stood then: nothing that came later" });
const theIncident = { 200: answers("The incident", incidentSchema) };
const theAddition = { 200: answers("What was added", additionSchema) };

const listIncidents = secured("viewer", {
  method: "get",
  path: PATH,
  summary: "Incidents, latest beginning first; merged ones only when asked for",
  request: {
    query: environmentQuery.extend({
      ...pageQuery.shape,
      status: someOf(INCIDENT_STATUSES),
      number: z.coerce.number().int().min(1).max(999_999_999).optional().openapi({ description: "Finds merged ones, too" }),
      severity: z.coerce.number().int().min(1).max(5).optional().openapi({ description: "This one or worse" }),
      service: nameParam.optional(),
      assignee: z.string().min(1).max(120).optional(),
      unassigned: flag,
      text: z
        .string()
        .max(200)
        .optional()
        .openapi({ description: "Words that are all in its number, title, symptoms, services or assignee" }),
      since: timeParam.optional().openapi({ description: "Began then or later" }),
      until: timeParam.optional(),
      at: asOfParam,
    }),
  },
  responses: { 200: answers("One page", incidentPageSchema) },
});
const openIncident = secured("operator", {
  method: "post",
  path: PATH,
  summary: "Open an incident by hand",
  request: { query: environmentQuery, ...accepts(incidentRequestSchema) },
  responses: { 201: answers("The incident", incidentSchema) },
});
const getIncident = secured("viewer", {
  method: "get",
  path: `${PATH}/{id}`,
  summary: "An incident with its causes in order; one that was merged redirects to the one that took it in",
  request: { params: idParam, query: z.object({ at: asOfParam }) },
  responses: { ...theIncident, 308: { description: "It was merged: Location has the other" } },
});
const changeIncident = secured("operator", {
  method: "patch",
  path: `${PATH}/{id}`,
  summary: "Change title, severity, status, assignee or review",
  request: { params: idParam, ...accepts(incidentChangeSchema) },
  responses: theIncident,
});
const postNote = secured("operator", {
  method: "post",
  path: `${PATH}/{id}/notes`,
  summary: "Write a note on the timeline",
  request: { params: idParam, ...accepts(noteRequestSchema) },
  responses: { 201: answers("The note", additionSchema) },
});
const changeEntry = secured("operator", {
  method: "patch",
  path: `${PATH}/{id}/entries/{key}`,
  summary: "Pin an entry, or tell it with another title or at another time; the original is kept",
  request: { params: idParam.extend({ key: z.string().min(2).max(80) }), ...accepts(entryChangeSchema) },
  responses: theAddition,
});
const mergeIncident = secured("operator", {
  method: "post",
  path: `${PATH}/{id}/merge`,
  summary: "Merge it into another; links to it lead there",
  request: { params: idParam, ...accepts(mergeRequestSchema) },
  responses: { 200: answers("The other, with this one in it", incidentSchema) },
});
const splitIncident = secured("operator", {
  method: "post",
  path: `${PATH}/{id}/split`,
  summary: "Make some of its symptoms an incident of their own",
  request: { params: idParam, ...accepts(splitRequestSchema) },
  responses: { 201: answers("The new incident", incidentSchema) },
});
const reopenIncident = secured("operator", {
  method: "post",
  path: `${PATH}/{id}/reopen`,
  summary: "Open it again",
  request: { params: idParam, ...accepts(reopenRequestSchema) },
  responses: theIncident,
});
const markCause = secured("operator", {
  method: "post",
  path: `${PATH}/{id}/marks`,
  summary: "Say of a symptom that it is the cause, or is not",
  request: { params: idParam, ...accepts(markRequestSchema) },
  responses: theIncident,
});
const getTimeline = secured("viewer", {
  method: "get",
  path: `${PATH}/{id}/timeline`,
  summary: "Entries of its timeline, oldest first. A page may be short and still have a next one",
  request: {
    params: idParam,
    query: z.object({ ...pageQuery.shape, kind: someOf(ENTRY_KINDS), noise: flag, pinned: flag, at: asOfParam }),
  },
  responses: { 200: answers("One page", entryPageSchema) },
});
const getWriteUp = secured("viewer", {
  method: "get",
  path: `${PATH}/{id}/write-up`,
  summary: "The whole story, as Markdown or JSON",
  request: { params: idParam, query: z.object({ format: z.enum(["json", "markdown"]).default("json"), at: asOfParam }) },
  responses: {
    200: {
      description: "The story",
      content: { "application/json": { schema: writeUpSchema }, "text/markdown": { schema: z.string() } },
    },
  },
});
const getAccounting = secured("viewer", {
  method: "get",
  path: "/api/v1/accounting",
  summary: "Open minutes of each breaker, shed load, incidents, and what protection saved; a week up to now unless said otherwise",
  request: { query: environmentQuery.extend({ from: timeParam.optional(), to: timeParam.optional() }) },
  responses: { 200: answers("The account", accountingSchema) },
});

export function incidentRoutes(app: Api, deps: ApiDeps): void {
  const { incidents, clock } = deps;
  const { desk, notes } = incidents;
  const actor = (c: Context<ApiEnv>): string => actorOf(asker(c).principal);
  const shown = (incident: Incident) => incidents.answer(incident);
  const seen = (at: number | undefined) => (at === undefined ? incidents : incidents.asOf(at));
  const find = (id: string, at: number | undefined) => (at === undefined ? desk.find(id) : incidents.asOf(at).find(id));

  app.openapi(listIncidents, async (c) => {
    const { status, unassigned, assignee, at, ...rest } = c.req.valid("query");
    const query = { ...rest, statuses: status, assignee: unassigned === "true" ? null : assignee };
    const { items, nextCursor } = await seen(at).list(query);
    return c.json({ items: [...items], nextCursor }, 200);
  });
  app.openapi(openIncident, async (c) => {
    const incident = await desk.open(c.req.valid("query").environment, c.req.valid("json"), actor(c));
    return c.json(await shown(incident), 201, { location: `${PATH}/${incident.id}` });
  });
  app.openapi(getIncident, async (c) => {
    const { id } = c.req.valid("param");
    const { at } = c.req.valid("query");
    const incident = await find(id, at);
    const asOf = at === undefined ? "" : `?at=${at}`;
    if (incident.id !== id) return c.redirect(`${PATH}/${encodeURIComponent(incident.id)}${asOf}`, 308);
    return c.json(await seen(at).answer(incident), 200);
  });
  app.openapi(changeIncident, async (c) =>
    c.json(await shown(await desk.change(c.req.valid("param").id, c.req.valid("json"), actor(c))), 200),
  );
  app.openapi(postNote, async (c) => c.json(additionOf(await notes.note(c.req.valid("param").id, c.req.valid("json"), actor(c))), 201));
  app.openapi(changeEntry, async (c) => {
    const { id, key } = c.req.valid("param");
    return c.json(additionOf(await notes.edit(id, key, c.req.valid("json"), actor(c))), 200);
  });
  app.openapi(mergeIncident, async (c) =>
    c.json(await shown(await desk.merge(c.req.valid("param").id, c.req.valid("json"), actor(c))), 200),
  );
  app.openapi(splitIncident, async (c) => {
    const incident = await desk.split(c.req.valid("param").id, c.req.valid("json"), actor(c));
    return c.json(await shown(incident), 201, { location: `${PATH}/${incident.id}` });
  });
  app.openapi(reopenIncident, async (c) =>
    c.json(await shown(await desk.reopen(c.req.valid("param").id, c.req.valid("json").reason, actor(c))), 200),
  );
  app.openapi(markCause, async (c) => c.json(await shown(await desk.mark(c.req.valid("param").id, c.req.valid("json"), actor(c))), 200));

  app.openapi(getTimeline, async (c) => {
    const { cursor, limit, kind, noise, pinned, at } = c.req.valid("query");
    const incident = await find(c.req.valid("param").id, at);
    const query = { limit, cursor, kinds: kind, noise: noise === "true", pinnedOnly: pinned === "true" };
    const { items, nextCursor } = await seen(at).timeline(incident, query);
    return c.json({ items: [...items], nextCursor }, 200);
  });
  app.openapi(getWriteUp, async (c) => {
    const { at, format } = c.req.valid("query");
    const incident = await find(c.req.valid("param").id, at);
    const story = await seen(at).writeUp(incident);
    if (format === "json") return c.json(story, 200);
    return c.body(incidents.markdown(story), 200, {
      "content-type": "text/markdown; charset=utf-8",
      "content-disposition": `attachment; filename="incident-${incident.number}.md"`,
    });
  });

  app.openapi(getAccounting, async (c) => {
    const { environment, to = clock.now(), from = Math.max(0, to - 7 * DAY_MS) } = c.req.valid("query");
    if (from >= to || to - from > 31 * DAY_MS) throw new ApiError("window_invalid");
    return c.json(await incidents.accounting(environment, { from, to }), 200);
  });
}

function additionOf({ id, eventId, at, title, text, pinned, by, original }: IncidentEntry) {
  return { key: eventId === null ? `n${id}` : `e${eventId}`, at, title, text, pinned, actor: by, original };
}
