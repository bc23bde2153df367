/** How the console itself is doing, for people. Machines read /metrics. */
import { selfHealthSchema } from "../../../protocol/health-api.ts";
import { selfHealth } from "../../self-health.ts";
import type { ApiDeps } from "../api-deps.ts";
import { answers, secured, type Api } from "../http.ts";

const selfRoute = secured("viewer", {
  method: "get",
  path: "/api/v1/health/self",
  summary: "The console's own measurements; counters since its start",
  responses: { 200: answers("Now", selfHealthSchema) },
});

export function selfRoutes(app: Api, deps: ApiDeps): void {
  app.openapi(selfRoute, async (c) => c.json(await selfHealth(deps), 200));
}
