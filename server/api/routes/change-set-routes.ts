/** Several changes of policy as one: preview, make, undo. */
import type { z } from "@hono/zod-openapi";
import {
  changeSetPageSchema,
  changeSetPreviewRequestSchema,
  changeSetPreviewSchema,
  changeSetRequestSchema,
  changeSetSchema,
  undoneSetSchema,
  type ChangeSetAnswer,
  type ChangeSetItem,
  type ChangeSetPreview,
} from "../../../protocol/change-set-api.ts";
import { revertRequestSchema } from "../../../protocol/api.ts";
import { actorOf } from "../../auth/principal.ts";
import { ApiError } from "../../errors.ts";
import type { BlastRadius, Decision } from "../../../core/policy.ts";
import type { ChangeRadius } from "../../policy/change-preview.ts";
import { countValues } from "../../policy/change-rules.ts";
import type { ChangeSetOrder } from "../../policy/change-sets.ts";
import type { ChangeSet } from "../../store/change-set.ts";
import type { Flip } from "../../store/store.ts";
import { changeAnswer } from "../answers.ts";
import type { ApiDeps } from "../api-deps.ts";
import { accepts, answers, asker, secured, type Api } from "../http.ts";
import { environmentQuery, idParam, pageQuery } from "../query-schemas.ts";
import { scopeOf } from "./change-calls.ts";
import { decisionOf } from "./policy-routes.ts";

const preview = secured("viewer", {
  method: "post",
  path: "/api/v1/change-sets/preview",
  summary: "What several changes would hit, each and together; changes nothing",
  request: { query: environmentQuery, ...accepts(changeSetPreviewRequestSchema) },
  responses: { 200: answers("Each change, and what stands in its way", changeSetPreviewSchema) },
});
const apply = secured("operator", {
  method: "post",
  path: "/api/v1/change-sets",
  summary: "Make and end several changes, all or none",
  request: { query: environmentQuery, ...accepts(changeSetRequestSchema) },
  responses: { 201: answers("Committed; agents are being told", changeSetSchema) },
});
const list = secured("viewer", {
  method: "get",
  path: "/api/v1/change-sets",
  summary: "Sets of changes, newest first",
  request: { query: environmentQuery.extend(pageQuery.shape) },
  responses: { 200: answers("One page", changeSetPageSchema) },
});
const get = secured("viewer", {
  method: "get",
  path: "/api/v1/change-sets/{id}",
  summary: "A set of changes, each as it is now",
  request: { params: idParam },
  responses: { 200: answers("The set", changeSetSchema) },
});
const undo = secured("operator", {
  method: "post",
  path: "/api/v1/change-sets/{id}/undo",
  summary: "Take a set back: end what it made, make again what it ended",
  request: { params: idParam, ...accepts(revertRequestSchema) },
  responses: { 201: answers("The set that took it back, and what it left", undoneSetSchema) },
});

export function changeSetRoutes(app: Api, deps: ApiDeps): void {
  const { policy, store } = deps;

  const changes = async (ids: readonly string[]): Promise<ChangeSetAnswer["made"]> => {
    const found = (await Promise.all(ids.map((id) => store.getFlip(id)))).filter((flip): flip is Flip => flip !== null);
    return Promise.all(found.map((flip) => changeAnswer(deps, flip)));
  };
  const answerOf = async ({ made, ended, ...set }: ChangeSet): Promise<ChangeSetAnswer> => ({
    ...set,
    made: await changes(made),
    ended: await changes(ended),
  });

  app.openapi(preview, async (c) => {
    const { environment } = c.req.valid("query");
    const { items, ends } = c.req.valid("json");
    const known = await changes(ends);
    if (known.length < ends.length) throw new ApiError("flip_unknown");
    return c.json({ items: await Promise.all(items.map((item) => look(deps, environment, item))), ends: known }, 200);
  });

  app.openapi(apply, async (c) => {
    const { environment } = c.req.valid("query");
    const { title, reason, items, ends, purpose } = c.req.valid("json");
    const orders = items.map((item) => ({ ...orderOf(item), purpose }));
    const { set } = await policy.sets.apply({ environment, title, reason, ends, orders, author: actorOf(asker(c).principal) });
    return c.json(await answerOf(set), 201, { location: `/api/v1/change-sets/${set.id}` });
  });

  app.openapi(list, async (c) => {
    const { environment, cursor, limit } = c.req.valid("query");
    const found = await store.listChangeSets({ environment, limit, ...(cursor === undefined ? {} : { cursor }) });
    return c.json({ items: await Promise.all(found.items.map(answerOf)), nextCursor: found.nextCursor }, 200);
  });

  app.openapi(get, async (c) => {
    const set = await store.getChangeSet(c.req.valid("param").id);
    if (!set) throw new ApiError("change_set_unknown");
    return c.json(await answerOf(set), 200);
  });

  app.openapi(undo, async (c) => {
    const by = { actor: actorOf(asker(c).principal), ...c.req.valid("json") };
    const { set, left } = await policy.sets.undo(c.req.valid("param").id, by);
    const told = await Promise.all(left.map(async ({ flip, why }) => ({ change: await changeAnswer(deps, flip), why })));
    return c.json({ ...(await answerOf(set)), left: told }, 201, { location: `/api/v1/change-sets/${set.id}` });
  });
}

function orderOf(item: z.output<typeof changeSetRequestSchema>["items"][number]): ChangeSetOrder["orders"][number] {
  const { expiresInSeconds, expectedRevision, flipId } = item;
  return { decision: decisionIn(item), scope: scopeOf(item.scope), expiresInSeconds, expectedRevision, flipId };
}

const decisionIn = (item: ChangeSetItem): ChangeSetOrder["orders"][number]["decision"] =>
  item.kind === "switch" ? { kind: "switch", key: item.key, policy: null, body: { position: item.position } } : decisionOf(item);

/** One change of a set as it would be made alone; what is wrong with it is part of the answer. */
async function look({ policy }: ApiDeps, environment: string, item: ChangeSetItem): Promise<ChangeSetPreview["items"][number]> {
  const { flipId = policy.newFlipId(), expiresInSeconds } = item;
  const decision = decisionIn(item);
  const subject = {
    kind: item.kind,
    key: decision.key,
    policy: decision.policy,
    flipId,
    revision: await policy.history.revision(environment, decision),
  };
  const wish = { environment, id: flipId, scope: scopeOf(item.scope), expiresInSeconds };
  try {
    const radius =
      decision.kind === "switch"
        ? policy.previewFlip({ ...wish, switchKey: decision.key, position: decision.body.position })
        : policy.previewChange({ ...wish, decision });
    const { targeted, live, absent, refusals } = radius;
    const nobody = targeted === 0 ? new ApiError("scope_empty") : null;
    const counts = { targeted, live, absent, refusals: refusals.length };
    return { ...subject, ...counts, ...heldNow(radius, decision), problem: nobody && problemOf(nobody) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { ...subject, targeted: 0, live: 0, absent: 0, refusals: 0, already: false, now: "", problem: problemOf(error) };
  }
}

/** What the instances of a change hold now, and whether it is what the change says. */
function heldNow(radius: BlastRadius | ChangeRadius, decision: Decision): { readonly already: boolean; readonly now: string } {
  if (!("moves" in radius)) {
    const held = countValues(radius.instances.map(({ position }) => [position ?? "unknown", 1]));
    const [only] = held;
    const already = decision.kind === "switch" && held.length === 1 && only?.value === decision.body.position;
    return { already, now: held.map(({ value }) => value).join(", ") };
  }
  return {
    already: radius.targeted > 0 && radius.moves.every(({ from, to }) => from.length === 1 && from[0]?.value === to),
    now: radius.moves.map(({ key, from }) => `${key} ${from.map(({ value }) => String(value)).join(" or ")}`).join(", "),
  };
}

const problemOf = (error: ApiError): { code: string; detail: string } => ({ code: error.code, detail: error.message });
