/** What is and what was: fleet, events, series. */
import { z } from "@hono/zod-openapi";
import { eventPageSchema, fleetSchema, seriesSchema } from "../../../protocol/api.ts";
import { ApiError } from "../../errors.ts";
import { seriesJson } from "../../history/series-json.ts";
import { fleetAnswer } from "../answers.ts";
import type { ApiDeps } from "../api-deps.ts";
import { answerBytes, answers, secured, type Api } from "../http.ts";
import { anyOf, columnsParam, environmentQuery, nameParam, pageQuery, timeParam, WINDOW_MOST_MS } from "../query-schemas.ts";

const fleetRoute = secured("viewer", {
  method: "get",
  path: "/api/v1/fleet",
  summary: "Services, instances and resources as they are now",
  request: { query: environmentQuery.extend({ service: nameParam.optional() }) },
  responses: { 200: answers("The fleet", fleetSchema) },
});

/** Each service and each kind is read as a list of its own. */
const SERVICES_MOST = 20;
const KINDS_MOST = 10;

const eventsRoute = secured("viewer", {
  method: "get",
  path: "/api/v1/events",
  summary: "What happened; newest first unless order=asc",
  request: {
    query: z.object({
      ...environmentQuery.shape,
      ...pageQuery.shape,
      service: anyOf(nameParam, SERVICES_MOST).openapi({ description: "Given again: of any of them" }),
      instance: nameParam.optional(),
      kind: anyOf(z.string().max(64), KINDS_MOST).openapi({
        description: "Exact type, or a prefix that ends in a dot; given again: any of them",
      }),
      since: timeParam.optional(),
      until: timeParam.optional(),
      order: z.enum(["asc", "desc"]).default("desc"),
    }),
  },
  responses: { 200: answers("One page", eventPageSchema) },
});

const seriesRoute = secured("viewer", {
  method: "get",
  path: "/api/v1/series",
  summary: "History of columns, from the packed pages",
  request: {
    query: z.object({
      ...environmentQuery.shape,
      service: nameParam.optional(),
      /** `service/instance` */
      instance: z.string().min(3).max(129).optional(),
      resource: nameParam.optional(),
      columns: columnsParam,
      from: timeParam,
      to: timeParam,
      /** Milliseconds; absent: about 300 points. */
      step: z.coerce.number().int().min(1_000).max(86_400_000).optional(),
    }),
  },
  responses: { 200: answers("One entry for each instance, resource and column", seriesSchema) },
});

export function fleetRoutes(app: Api, deps: ApiDeps): void {
  app.openapi(fleetRoute, (c) => {
    const { environment, service } = c.req.valid("query");
    return c.json(fleetAnswer(deps, environment, service), 200);
  });

  app.openapi(eventsRoute, async (c) => {
    const { environment, limit, order, ...rest } = c.req.valid("query");
    const { service, instance, kind, since, until, cursor } = rest;
    const { items, nextCursor } = await deps.store.listEvents({
      environment,
      limit,
      order,
      ...(service === undefined ? {} : { service }),
      ...(instance === undefined ? {} : { instance }),
      ...(kind === undefined || kind === "" ? {} : { kind }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    return c.json({ items: [...items], nextCursor }, 200);
  });

  app.openapi(seriesRoute, async (c) => {
    const { environment, service, instance, resource, columns, from, to, step } = c.req.valid("query");
    if (from >= to || to - from > WINDOW_MOST_MS) throw new ApiError("window_invalid");
    const owner = service ?? instance?.split("/")[0];
    const answer = await deps.history.columns({
      environment,
      columns,
      from,
      to,
      stepMs: step ?? Math.max(1_000, Math.ceil((to - from) / 300 / 1_000) * 1_000),
      ...(owner === undefined ? {} : { service: owner }),
      ...(instance === undefined ? {} : { instance }),
      ...(resource === undefined ? {} : { resource }),
    });
    return answerBytes(c, seriesJson(answer));
  });
}
