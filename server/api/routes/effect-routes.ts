/** What a change did, and whether the next one would arrive. */
import { effectSchema, probeSchema } from "../../../protocol/effect-api.ts";
import { quantileOf } from "../../../core/effect.ts";
import { ApiError } from "../../errors.ts";
import { effectOf } from "../../policy/change-effect.ts";
import type { ApiDeps } from "../api-deps.ts";
import { answers, secured, type Api } from "../http.ts";
import { environmentQuery, idParam } from "../query-schemas.ts";

/** Names an answer carries; the numbers are of all. */
const NAMES_MOST = 100;

const effect = secured("viewer", {
  method: "get",
  path: "/api/v1/changes/{id}/effect",
  summary: "The instances a change hit, a minute before and after it",
  request: { params: idParam },
  responses: { 200: answers("The effect, so far", effectSchema) },
});
const probe = secured("viewer", {
  method: "get",
  path: "/api/v1/probe",
  summary: "Asks every connected agent for a sign of life by the way that policy goes; changes nothing",
  request: { query: environmentQuery },
  responses: { 200: answers("Who answered, and how fast", probeSchema) },
});

export function effectRoutes(app: Api, deps: ApiDeps): void {
  app.openapi(effect, async (c) => {
    const flip = await deps.store.getFlip(c.req.valid("param").id);
    if (!flip) throw new ApiError("flip_unknown");
    return c.json(await effectOf(deps, flip), 200);
  });

  app.openapi(probe, async (c) => {
    const { environment } = c.req.valid("query");
    const { at, asked, answers: times, silent } = await deps.path.probe(environment);
    const sorted = [...times].sort((a, b) => a - b);
    const absent = [...deps.fleet.fleet(environment).instances.values()].filter(({ connectedAt, left }) => connectedAt === null && !left);
    return c.json(
      {
        environment,
        at,
        asked,
        answered: sorted.length,
        p50Ms: quantileOf(sorted, 0.5),
        p99Ms: quantileOf(sorted, 0.99),
        lastMs: sorted.at(-1) ?? null,
        silent: silent.slice(0, NAMES_MOST),
        absent: absent.length,
        absentKeys: absent
          .map(({ key }) => key)
          .sort()
          .slice(0, NAMES_MOST),
      },
      200,
    );
  });
}
