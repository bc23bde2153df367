/** What is kept of the past, and what follows from it: tiers, jobs, time in states, latencies. */
import { z } from "@hono/zod-openapi";
import { jobsSchema, latencySchema, statesSchema, tiersSchema } from "../../../protocol/history-api.ts";
import { ApiError } from "../../errors.ts";
import type { WindowQuery } from "../../history/history-reader.ts";
import type { ApiDeps } from "../api-deps.ts";
import { answers, secured, type Api } from "../http.ts";
import { columnsParam, environmentQuery, nameParam, timeParam, WINDOW_MOST_MS } from "../query-schemas.ts";

const tiersRoute = secured("viewer", {
  method: "get",
  path: "/api/v1/history/tiers",
  summary: "How long each tier is kept, what it takes and what it will take",
  responses: { 200: answers("Seconds, minutes, hours", tiersSchema) },
});

const jobsRoute = secured("viewer", {
  method: "get",
  path: "/api/v1/history/jobs",
  summary: "Who leads the jobs of history, and how far they are",
  responses: { 200: answers("The lease and the jobs", jobsSchema) },
});

const window = environmentQuery.extend({
  service: nameParam.optional(),
  /** `service/instance` */
  instance: z.string().min(3).max(129).optional(),
  resource: nameParam.optional(),
  from: timeParam,
  to: timeParam,
});

const statesRoute = secured("viewer", {
  method: "get",
  path: "/api/v1/history/states",
  summary: "Time in each state and number of changes, exact for any window",
  request: { query: window },
  responses: { 200: answers("One entry for each resource with a state", statesSchema) },
});

const latenciesRoute = secured("viewer", {
  method: "get",
  path: "/api/v1/history/latencies",
  summary: "Latencies of all instances together, or of each, by merged histograms",
  request: {
    query: window.extend({ columns: columnsParam.default(["p50Us", "p99Us"]), each: z.enum(["true", "false"]).default("false") }),
  },
  responses: { 200: answers("One entry for each service, resource and column", latencySchema) },
});

export function historyRoutes(app: Api, { history }: ApiDeps): void {
  app.openapi(tiersRoute, async (c) => c.json(await history.tiers(), 200));
  app.openapi(jobsRoute, async (c) => c.json(await history.jobs(), 200));
  app.openapi(statesRoute, async (c) => c.json(await history.states(windowOf({ ...c.req.valid("query"), columns: ["state"] })), 200));
  app.openapi(latenciesRoute, async (c) =>
    c.json(await history.latencies({ ...windowOf(c.req.valid("query")), each: c.req.valid("query").each === "true" }), 200),
  );
}

type Asked = z.infer<typeof window> & { readonly columns: readonly string[] };

function windowOf({ environment, service, instance, resource, columns, from, to }: Asked): WindowQuery {
  if (from >= to || to - from > WINDOW_MOST_MS) throw new ApiError("window_invalid");
  const owner = service ?? instance?.split("/")[0];
  return {
    environment,
    columns,
    from,
    to,
    ...(owner === undefined ? {} : { service: owner }),
    ...(instance === undefined ? {} : { instance }),
    ...(resource === undefined ? {} : { resource }),
  };
}
