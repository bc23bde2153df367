/** Switches and flips: look, preview, flip, revert. */
import { z } from "@hono/zod-openapi";
import {
  changeDetailSchema,
  changeSchema,
  flipDetailSchema,
  flipPageSchema,
  flipRequestSchema,
  flipSchema,
  previewRequestSchema,
  previewSchema,
  revertRequestSchema,
  switchPageSchema,
  switchSchema,
} from "../../../protocol/api.ts";
import { actorOf } from "../../auth/principal.ts";
import { flipAnswer, switchAnswer } from "../answers.ts";
import { ApiError } from "../../errors.ts";
import type { ApiDeps } from "../api-deps.ts";
import { accepts, answers, asker, secured, type Api } from "../http.ts";
import { policyAsOf } from "../../policy/policy-as-of.ts";
import { environmentQuery, idParam, momentParam, pageQuery } from "../query-schemas.ts";
import { readChange, revertChange, scopeOf } from "./change-calls.ts";

/** A drill proves something and is over. */
const DRILL_MOST_SECONDS = 600;

const keyParam = z.object({ key: z.string().min(1).max(64) });

const listSwitches = secured("viewer", {
  method: "get",
  path: "/api/v1/switches",
  summary: "Every switch the fleet has declared, by key; now, or as of a moment",
  request: { query: environmentQuery.extend({ ...pageQuery.shape, at: momentParam }) },
  responses: { 200: answers("One page", switchPageSchema) },
});
const getSwitch = secured("viewer", {
  method: "get",
  path: "/api/v1/switches/{key}",
  summary: "One switch, now or as of a moment",
  request: { params: keyParam, query: environmentQuery.extend({ at: momentParam }) },
  responses: { 200: answers("The switch", switchSchema) },
});
const preview = secured("viewer", {
  method: "post",
  path: "/api/v1/switches/{key}/preview",
  summary: "What a flip would hit; changes nothing",
  request: { params: keyParam, query: environmentQuery, ...accepts(previewRequestSchema) },
  responses: { 200: answers("The blast radius", previewSchema) },
});
const createFlip = secured("operator", {
  method: "post",
  path: "/api/v1/switches/{key}/flips",
  summary: "Flip a switch",
  request: { params: keyParam, query: environmentQuery, ...accepts(flipRequestSchema) },
  responses: { 201: answers("Committed; agents are being told", flipSchema) },
});
const listFlips = secured("viewer", {
  method: "get",
  path: "/api/v1/flips",
  summary: "Flips, newest first",
  request: { query: environmentQuery.extend({ ...pageQuery.shape, switch: z.string().max(64).optional() }) },
  responses: { 200: answers("One page", flipPageSchema) },
});
const getFlip = secured("viewer", {
  method: "get",
  path: "/api/v1/flips/{id}",
  summary: "A flip, or any other change, with the receipt of every instance",
  request: { params: idParam },
  responses: { 200: answers("The flip", z.union([flipDetailSchema, changeDetailSchema])) },
});
const revertFlip = secured("operator", {
  method: "post",
  path: "/api/v1/flips/{id}/revert",
  summary: "End a flip, or any other change, before its time",
  request: { params: idParam, ...accepts(revertRequestSchema) },
  responses: { 200: answers("The flip, ended", z.union([flipSchema, changeSchema])) },
});

export function switchRoutes(app: Api, deps: ApiDeps): void {
  const { policy, store } = deps;

  app.openapi(listSwitches, async (c) => {
    const { environment, cursor, limit, at } = c.req.valid("query");
    const seen = at === undefined ? deps : await policyAsOf(deps, environment, at);
    const all = [...seen.fleet.switches(environment)].sort((a, b) => (a.key < b.key ? -1 : 1));
    const rest = cursor === undefined ? all : all.filter((known) => known.key > cursor);
    const items = await Promise.all(rest.slice(0, limit).map((known) => switchAnswer(seen, known)));
    return c.json({ items, nextCursor: rest.length > limit ? (items.at(-1)?.key ?? null) : null }, 200);
  });

  app.openapi(getSwitch, async (c) => {
    const { environment, at } = c.req.valid("query");
    const seen = at === undefined ? deps : await policyAsOf(deps, environment, at);
    return c.json(await switchAnswer(seen, seen.policy.catalog.find(environment, c.req.valid("param").key)), 200);
  });

  app.openapi(preview, async (c) => {
    const { environment } = c.req.valid("query");
    const { key } = c.req.valid("param");
    const { position, scope, expiresInSeconds, flipId = policy.newFlipId() } = c.req.valid("json");
    const radius = policy.previewFlip({ environment, switchKey: key, position, scope: scopeOf(scope), id: flipId, expiresInSeconds });
    const { services, refusals, instances, ...counts } = radius;
    return c.json(
      {
        ...counts,
        flipId,
        revision: await policy.history.revision(environment, { kind: "switch", key, policy: null }),
        services: [...services],
        refusals: [...refusals],
        instances: [...instances],
      },
      200,
    );
  });

  app.openapi(createFlip, async (c) => {
    const { environment } = c.req.valid("query");
    const { scope, position, ...order } = c.req.valid("json");
    const { principal } = asker(c);
    if (order.purpose === "drill" && (order.expiresInSeconds ?? Infinity) > DRILL_MOST_SECONDS) throw new ApiError("drill_too_long");
    const flip = await policy.create({
      ...order,
      environment,
      decision: { kind: "switch", key: c.req.valid("param").key, policy: null, body: { position } },
      scope: scopeOf(scope),
      author: actorOf(principal),
    });
    return c.json(await flipAnswer(deps, flip), 201, { location: `/api/v1/flips/${flip.id}` });
  });

  app.openapi(listFlips, async (c) => {
    const { environment, cursor, limit, switch: switchKey } = c.req.valid("query");
    const { items, nextCursor } = await store.listFlips({
      environment,
      limit,
      kind: "switch",
      ...(switchKey === undefined ? {} : { subject: { kind: "switch", key: switchKey, policy: null } }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    return c.json({ items: await Promise.all(items.map((flip) => flipAnswer(deps, flip))), nextCursor }, 200);
  });

  app.openapi(getFlip, async (c) => c.json(await readChange(deps, c.req.valid("param").id), 200));
  app.openapi(revertFlip, async (c) =>
    c.json(await revertChange(deps, c.req.valid("param").id, { actor: actorOf(asker(c).principal), ...c.req.valid("json") }), 200),
  );
}
