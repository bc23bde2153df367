/** Policies that the fleet declares: look, preview, change their settings, override them, inject faults; and changes of any kind. */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { changeDetailSchema, changePageSchema, changeSchema, revertRequestSchema } from "../../../protocol/api.ts";
import {
  changePreviewRequestSchema,
  changePreviewSchema,
  faultRequestSchema,
  overrideRequestSchema,
  policyPageSchema,
  settingsRequestSchema,
} from "../../../protocol/policy-api.ts";
import { POLICY_KINDS } from "../../../protocol/policy.ts";
import { policyDifferenceSchema } from "../../../protocol/replay-api.ts";
import { POLICY_NAMES } from "../../../protocol/settings.ts";
import { actorOf } from "../../auth/principal.ts";
import { ApiError } from "../../errors.ts";
import type { PolicyDecision } from "../../policy/change-rules.ts";
import { policyAsOf } from "../../policy/policy-as-of.ts";
import type { ChangeOrder } from "../../policy/change-order.ts";
import { changeAnswer } from "../answers.ts";
import type { ApiDeps } from "../api-deps.ts";
import { accepts, answers, asker, secured, type Api, type ApiEnv } from "../http.ts";
import { policyAnswer } from "../policy-answers.ts";
import { policyDifference } from "../policy-difference.ts";
import { environmentQuery, idParam, momentParam, nameParam, pageQuery, timeParam } from "../query-schemas.ts";
import { readChange, revertChange, scopeOf } from "./change-calls.ts";

const policyName = z.enum(POLICY_NAMES);
const committed = { 201: answers("Committed; agents are being told", changeSchema) };

const listPolicies = secured("viewer", {
  method: "get",
  path: "/api/v1/policies",
  summary:
    "Every policy the fleet declares, by name: settings of the code, settings in force, overrides and faults; now, or as of a moment",
  request: {
    query: environmentQuery.extend({
      ...pageQuery.shape,
      service: nameParam.optional(),
      name: nameParam.optional(),
      policy: policyName.optional(),
      at: momentParam,
    }),
  },
  responses: { 200: answers("One page", policyPageSchema) },
});
const difference = secured("viewer", {
  method: "get",
  path: "/api/v1/policies/difference",
  summary: "What of switches, settings, overrides and faults differs from a moment, and the steps that would bring it back",
  request: { query: environmentQuery.extend({ at: timeParam }) },
  responses: { 200: answers("The difference", policyDifferenceSchema) },
});
const preview = secured("viewer", {
  method: "post",
  path: "/api/v1/policies/preview",
  summary: "What a change of settings, an override or a fault would do; changes nothing",
  request: { query: environmentQuery, ...accepts(changePreviewRequestSchema) },
  responses: { 200: answers("Who would be hit, who would refuse, and what would move", changePreviewSchema) },
});
const putSettings = secured("operator", {
  method: "put",
  path: "/api/v1/policies/{name}/{policy}",
  summary: "Change settings of a policy",
  request: { params: z.object({ name: nameParam, policy: policyName }), query: environmentQuery, ...accepts(settingsRequestSchema) },
  responses: committed,
});
const postOverride = secured("operator", {
  method: "post",
  path: "/api/v1/overrides",
  summary: "Force a breaker open or closed, or disable a policy",
  request: { query: environmentQuery, ...accepts(overrideRequestSchema) },
  responses: committed,
});
const postFault = secured("operator", {
  method: "post",
  path: "/api/v1/faults",
  summary: "Inject faults into a pipeline whose service allows it",
  request: { query: environmentQuery, ...accepts(faultRequestSchema) },
  responses: committed,
});
const listChanges = secured("viewer", {
  method: "get",
  path: "/api/v1/changes",
  summary: "Changes of policy, flips included, newest first",
  request: {
    query: environmentQuery.extend({
      ...pageQuery.shape,
      kind: z.enum(POLICY_KINDS).optional(),
      status: changeSchema.shape.status.optional(),
    }),
  },
  responses: { 200: answers("One page", changePageSchema) },
});
const getChange = secured("viewer", {
  method: "get",
  path: "/api/v1/changes/{id}",
  summary: "A change with the receipt of every instance",
  request: { params: idParam },
  responses: { 200: answers("The change", changeDetailSchema) },
});
const revert = secured("operator", {
  method: "post",
  path: "/api/v1/changes/{id}/revert",
  summary: "End a change before its time",
  request: { params: idParam, ...accepts(revertRequestSchema) },
  responses: { 200: answers("The change, ended", changeSchema) },
});

type Wish = Omit<ChangeOrder, "environment" | "decision" | "author" | "scope"> & { readonly scope?: Parameters<typeof scopeOf>[0] };

export function policyRoutes(app: Api, deps: ApiDeps): void {
  const { policy: service, store } = deps;

  async function decide(c: Context<ApiEnv>, environment: string, decision: PolicyDecision, wish: Wish) {
    const { scope, reason, expiresInSeconds, expectedRevision, flipId } = wish;
    const flip = await service.create({
      environment,
      decision,
      scope: scopeOf(scope),
      reason,
      expiresInSeconds,
      expectedRevision,
      flipId,
      author: actorOf(asker(c).principal),
    });
    return c.json(await changeAnswer(deps, flip), 201, { location: `/api/v1/changes/${flip.id}` });
  }

  app.openapi(listPolicies, async (c) => {
    const { environment, cursor, limit, service: owner, name, policy, at } = c.req.valid("query");
    const seen = at === undefined ? deps : await policyAsOf(deps, environment, at);
    const wanted = seen.policy.policies
      .list(environment, owner)
      .filter((known) => (name === undefined || known.name === name) && (policy === undefined || known.policy === policy));
    const after = cursor === undefined ? null : readCursor(cursor);
    const rest = after === null ? wanted : wanted.filter((known) => idOf(known) > after);
    const shown = rest.slice(0, limit);
    const last = shown.at(-1);
    const items = await Promise.all(shown.map((known) => policyAnswer(seen, environment, known)));
    return c.json({ items, nextCursor: rest.length > limit && last !== undefined ? writeCursor(idOf(last)) : null }, 200);
  });

  app.openapi(difference, async (c) => {
    const { environment, at } = c.req.valid("query");
    return c.json(await policyDifference(deps, environment, at), 200);
  });

  app.openapi(preview, async (c) => {
    const { environment } = c.req.valid("query");
    const body = c.req.valid("json");
    const { flipId = service.newFlipId(), expiresInSeconds, scope } = body;
    const decision = decisionOf(body);
    const radius = service.previewChange({ environment, decision, id: flipId, expiresInSeconds, scope: scopeOf(scope) });
    const { services, refusals, instances, ...rest } = radius;
    return c.json(
      {
        ...rest,
        flipId,
        revision: await service.history.revision(environment, decision),
        services: [...services],
        refusals: [...refusals],
        instances: [...instances],
      },
      200,
    );
  });

  app.openapi(putSettings, (c) => {
    const { values, ...wish } = c.req.valid("json");
    const decision = decisionOf({ kind: "settings", ...c.req.valid("param"), values });
    return decide(c, c.req.valid("query").environment, decision, wish);
  });
  app.openapi(postOverride, (c) => {
    const { name, policy, state, ...wish } = c.req.valid("json");
    return decide(c, c.req.valid("query").environment, decisionOf({ kind: "override", name, policy, state }), wish);
  });
  app.openapi(postFault, (c) => {
    const { name, values, ...wish } = c.req.valid("json");
    return decide(c, c.req.valid("query").environment, decisionOf({ kind: "fault", name, values }), wish);
  });

  app.openapi(listChanges, async (c) => {
    const { environment, cursor, limit, kind, status } = c.req.valid("query");
    const found = await store.listFlips({
      environment,
      limit,
      ...(kind === undefined ? {} : { kind }),
      ...(status === undefined ? {} : { status }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    return c.json({ items: await Promise.all(found.items.map((flip) => changeAnswer(deps, flip))), nextCursor: found.nextCursor }, 200);
  });
  app.openapi(getChange, async (c) => c.json(await readChange(deps, c.req.valid("param").id), 200));
  app.openapi(revert, async (c) =>
    c.json(await revertChange(deps, c.req.valid("param").id, { actor: actorOf(asker(c).principal), ...c.req.valid("json") }), 200),
  );
}

type Said =
  | Pick<Extract<z.infer<typeof changePreviewRequestSchema>, { kind: "settings" }>, "kind" | "name" | "policy" | "values">
  | Pick<Extract<z.infer<typeof changePreviewRequestSchema>, { kind: "override" }>, "kind" | "name" | "policy" | "state">
  | Pick<Extract<z.infer<typeof changePreviewRequestSchema>, { kind: "fault" }>, "kind" | "name" | "values">;

export function decisionOf(said: Said): PolicyDecision {
  const { name: key } = said;
  switch (said.kind) {
    case "settings":
      return { kind: "settings", key, policy: said.policy, body: { policy: said.policy, values: said.values } };
    case "override":
      return { kind: "override", key, policy: said.policy, body: { policy: said.policy, state: said.state } };
    case "fault":
      return { kind: "fault", key, policy: null, body: { values: said.values } };
  }
}

/** In the order of the list. */
const idOf = ({ name, policy }: { readonly name: string; readonly policy: string }): string => `${name}\n${policy}`;
const writeCursor = (id: string): string => Buffer.from(id).toString("base64url");

/** @throws ApiError cursor_invalid */
function readCursor(cursor: string): string {
  const id = Buffer.from(cursor, "base64url").toString();
  if (!id.includes("\n")) throw new ApiError("cursor_invalid");
  return id;
}
