import { randomUUID } from "node:crypto";
import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { JSONValue } from "hono/utils/types";
import { serving } from "../audit/asking.ts";
import { ApiError } from "../errors.ts";
import type { ApiDeps } from "./api-deps.ts";
import { bodyLimit } from "./body-limit.ts";
import { accessTable, guard, type AccessTable } from "./guard.ts";
import { answers, callerOf, secured, type Api, type ApiEnv } from "./http.ts";
import { idempotency } from "./idempotency.ts";
import { errorHandler, refuseInvalid } from "./problems.ts";
import { accessRoutes } from "./routes/access-routes.ts";
import { auditRoutes } from "./routes/audit-routes.ts";
import { fleetRoutes } from "./routes/fleet-routes.ts";
import { historyRoutes } from "./routes/history-routes.ts";
import { incidentRoutes } from "./routes/incident-routes.ts";
import { incidentRuleRoutes } from "./routes/incident-rule-routes.ts";
import { notificationRoutes } from "./routes/notification-routes.ts";
import { policyRoutes } from "./routes/policy-routes.ts";
import { presetRoutes } from "./routes/preset-routes.ts";
import { replayRoutes } from "./routes/replay-routes.ts";
import { changeSetRoutes } from "./routes/change-set-routes.ts";
import { effectRoutes } from "./routes/effect-routes.ts";
import { selfRoutes } from "./routes/self-routes.ts";
import { sessionRoutes } from "./routes/session-routes.ts";
import { switchRoutes } from "./routes/switch-routes.ts";
import { send, setHeaders } from "./send.ts";

export const OPENAPI_PATH = "/api/v1/openapi.json";
const BODY_MOST = 64 * 1_024;

const openapiRoute = secured("public", {
  method: "get",
  path: OPENAPI_PATH,
  summary: "This document",
  responses: { 200: answers("OpenAPI 3.1", z.record(z.string(), z.unknown())) },
});

/** The HTTP API under /api/v1. */
export function createApi(deps: ApiDeps): Api {
  const app: Api = new OpenAPIHono<ApiEnv>({ defaultHook: refuseInvalid });
  let table: AccessTable = new Map();
  app.onError(errorHandler(deps.log));
  app.notFound(() => {
    throw new ApiError("not_found");
  });

  app.use(async (c, next) => {
    const started = deps.clock.monotonic();
    const requestId = randomUUID();
    c.set("requestId", requestId);
    c.set("authenticated", null);
    setHeaders(c, { "x-request-id": requestId, "cache-control": "no-store" });
    await serving({ address: callerOf(c).address, requestId }, next);
    const { status } = c.res;
    await send(c);
    deps.metrics.observeRequest(c.req.method, status, deps.clock.monotonic() - started);
  });
  app.use(bodyLimit(BODY_MOST));
  app.use(guard(deps, () => table));
  app.use(idempotency(deps));

  fleetRoutes(app, deps);
  historyRoutes(app, deps);
  replayRoutes(app, deps);
  switchRoutes(app, deps);
  policyRoutes(app, deps);
  incidentRoutes(app, deps);
  incidentRuleRoutes(app, deps);
  notificationRoutes(app, deps);
  accessRoutes(app, deps);
  auditRoutes(app, deps);
  sessionRoutes(app, deps);
  selfRoutes(app, deps);
  changeSetRoutes(app, deps);
  presetRoutes(app, deps);
  effectRoutes(app, deps);
  let document: Record<string, JSONValue> | null = null;
  app.openapi(openapiRoute, (c) => c.json((document ??= openapiDocument(app)), 200));
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "An API token: hfp_...",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: "holdfast",
    description: "Set by signing in; __Host-holdfast over https.",
  });
  table = accessTable(app);
  return app;
}

/** Some hundred milliseconds of work, so it is done for the first who asks, not at the start. */
function openapiDocument(app: Api): Record<string, JSONValue> {
  const generated = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Holdfast",
      version: "1",
      description:
        "Lists answer { items, nextCursor }. Times are milliseconds since the epoch. Errors are problems of docs/errors.md. Writes take Idempotency-Key.",
    },
    servers: [{ url: "/" }],
  });
  return JSON.parse(JSON.stringify(generated)) as Record<string, JSONValue>;
}
