/** What operators prepare: places of switches on the ladder, and presets. Applying them is a set of changes like any other. */
import { z } from "@hono/zod-openapi";
import { placePageSchema, placeRequestSchema, placeSchema } from "../../../protocol/ladder-api.ts";
import {
  presetChangeSchema,
  presetPageSchema,
  presetRequestSchema,
  presetSchema,
  type PresetAnswer,
} from "../../../protocol/preset-api.ts";
import { actorOf } from "../../auth/principal.ts";
import { PlanBook } from "../../policy/plan-book.ts";
import { Proofs } from "../../policy/proofs.ts";
import type { Preset } from "../../store/plan-store.ts";
import type { ApiDeps } from "../api-deps.ts";
import { accepts, answers, asker, secured, type Api } from "../http.ts";
import { environmentQuery, idParam, pageQuery } from "../query-schemas.ts";

const listPlaces = secured("viewer", {
  method: "get",
  path: "/api/v1/ladder",
  summary: "Each switch's capability, its steps on the ladder, and when it was last proven, by key",
  request: { query: environmentQuery.extend(pageQuery.shape) },
  responses: { 200: answers("One page", placePageSchema) },
});
const putPlace = secured("operator", {
  method: "put",
  path: "/api/v1/ladder/{key}",
  summary: "Say which capability a switch is part of, and at which level it goes to which position",
  request: { params: z.object({ key: z.string().min(1).max(64) }), query: environmentQuery, ...accepts(placeRequestSchema) },
  responses: { 200: answers("The place", placeSchema) },
});
const listPresets = secured("viewer", {
  method: "get",
  path: "/api/v1/presets",
  summary: "Presets, by name",
  request: { query: environmentQuery.extend(pageQuery.shape) },
  responses: { 200: answers("One page", presetPageSchema) },
});
const getPreset = secured("viewer", {
  method: "get",
  path: "/api/v1/presets/{id}",
  summary: "One preset; its items are those of a change set",
  request: { params: idParam },
  responses: { 200: answers("The preset", presetSchema) },
});
const postPreset = secured("operator", {
  method: "post",
  path: "/api/v1/presets",
  summary: "Keep a set of changes under a name; makes none of them",
  request: { query: environmentQuery, ...accepts(presetRequestSchema) },
  responses: { 201: answers("The preset", presetSchema) },
});
const putPreset = secured("operator", {
  method: "put",
  path: "/api/v1/presets/{id}",
  summary: "Edit a preset",
  request: { params: idParam, ...accepts(presetChangeSchema) },
  responses: { 200: answers("The preset", presetSchema) },
});
const deletePreset = secured("operator", {
  method: "delete",
  path: "/api/v1/presets/{id}",
  summary: "Delete a preset; what it made stays in force",
  request: { params: idParam, query: z.object({ version: z.coerce.number().int().min(1) }) },
  responses: { 200: answers("Deleted", z.object({ id: z.string() })) },
});

export function presetRoutes(app: Api, { store, policy, fleet, clock }: ApiDeps): void {
  const { catalog, receipts, history } = policy;
  const plans = new PlanBook({ store, catalog, clock, newId: () => policy.newFlipId(), proofs: new Proofs({ store, receipts, history }) });

  app.openapi(listPlaces, async (c) => {
    const { environment, cursor, limit } = c.req.valid("query");
    const all = [...fleet.switches(environment)].sort((a, b) => (a.key < b.key ? -1 : 1));
    const { shown, nextCursor } = after(all, ({ key }) => key, { cursor, limit });
    return c.json({ items: await plans.places(environment, shown), nextCursor }, 200);
  });
  app.openapi(putPlace, async (c) => {
    const edit = { ...c.req.valid("json"), ...c.req.valid("query"), ...c.req.valid("param") };
    return c.json(await plans.place(edit, actorOf(asker(c).principal)), 200);
  });

  app.openapi(listPresets, async (c) => {
    const { environment, cursor, limit } = c.req.valid("query");
    const { shown, nextCursor } = after(await plans.presets(environment), ({ name }) => name, { cursor, limit });
    return c.json({ items: shown.map(answerOf), nextCursor }, 200);
  });
  app.openapi(getPreset, async (c) => c.json(answerOf(await plans.preset(c.req.valid("param").id)), 200));
  app.openapi(postPreset, async (c) => {
    const preset = await plans.create(c.req.valid("query").environment, c.req.valid("json"), actorOf(asker(c).principal));
    return c.json(answerOf(preset), 201, { location: `/api/v1/presets/${preset.id}` });
  });
  app.openapi(putPreset, async (c) =>
    c.json(answerOf(await plans.change(c.req.valid("param").id, c.req.valid("json"), actorOf(asker(c).principal))), 200),
  );
  app.openapi(deletePreset, async (c) => {
    const { id } = c.req.valid("param");
    await plans.delete(id, c.req.valid("query").version, actorOf(asker(c).principal));
    return c.json({ id }, 200);
  });
}

const answerOf = ({ items, ...preset }: Preset): PresetAnswer => ({ ...preset, items: [...items] });

/** A page of a list that is sorted by a text: what comes after the cursor. */
function after<T>(
  all: readonly T[],
  textOf: (item: T) => string,
  { cursor, limit }: { readonly cursor: string | undefined; readonly limit: number },
): { readonly shown: readonly T[]; readonly nextCursor: string | null } {
  const rest = cursor === undefined ? all : all.filter((item) => textOf(item) > cursor);
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  return { shown, nextCursor: rest.length > limit && last !== undefined ? textOf(last) : null };
}
