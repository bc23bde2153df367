/** Rules that open incidents. */
import { z } from "@hono/zod-openapi";
import {
  ruleAnswerSchema,
  ruleBodySchema,
  rulePageSchema,
  tryAnswerSchema,
  tryRequestSchema,
} from "../../../protocol/incident-rule-api.ts";
import { actorOf } from "../../auth/principal.ts";
import { ApiError } from "../../errors.ts";
import type { ApiDeps } from "../api-deps.ts";
import { accepts, answers, asker, secured, type Api } from "../http.ts";
import { environmentQuery, pageQuery } from "../query-schemas.ts";

const PATH = "/api/v1/incident-rules";
const ruleParam = z.object({ id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "lower case letters, digits and dashes") });

const listRules = secured("viewer", {
  method: "get",
  path: PATH,
  summary: "Rules in force, those that come with the console first",
  request: { query: environmentQuery.extend(pageQuery.shape) },
  responses: { 200: answers("One page", rulePageSchema) },
});
const putRule = secured("operator", {
  method: "put",
  path: `${PATH}/{id}`,
  summary: "Make or change a rule",
  request: { params: ruleParam, query: environmentQuery, ...accepts(ruleBodySchema) },
  responses: { 200: answers("The rule", ruleAnswerSchema) },
});
const deleteRule = secured("operator", {
  method: "delete",
  path: `${PATH}/{id}`,
  summary: "Delete a rule; one that comes with the console is as it was",
  request: { params: ruleParam, query: environmentQuery },
  responses: { 200: answers("Deleted", z.object({ id: z.string() })) },
});
const tryRule = secured("viewer", {
  method: "post",
  path: `${PATH}/try`,
  summary: "What a rule would have opened in the last days; changes nothing",
  request: { query: environmentQuery, ...accepts(tryRequestSchema) },
  responses: { 200: answers("The incidents", tryAnswerSchema) },
});

export function incidentRuleRoutes(app: Api, { incidents: { rules } }: Pick<ApiDeps, "incidents">): void {
  app.openapi(listRules, async (c) => {
    const { environment, cursor, limit } = c.req.valid("query");
    const from = cursor === undefined ? 0 : Number(cursor);
    if (!Number.isSafeInteger(from) || from < 0) throw new ApiError("cursor_invalid");
    const all = await rules.list(environment);
    return c.json({ items: all.slice(from, from + limit), nextCursor: from + limit < all.length ? String(from + limit) : null }, 200);
  });
  app.openapi(tryRule, async (c) => c.json(await rules.try(c.req.valid("query").environment, c.req.valid("json")), 200));
  app.openapi(putRule, async (c) => {
    const rule = { ...c.req.valid("json"), id: c.req.valid("param").id };
    return c.json(await rules.put(c.req.valid("query").environment, rule, actorOf(asker(c).principal)), 200);
  });
  app.openapi(deleteRule, async (c) => {
    const { id } = c.req.valid("param");
    await rules.delete(c.req.valid("query").environment, id, actorOf(asker(c).principal));
    return c.json({ id }, 200);
  });
}
