/** Notifications: sinks, deliveries, and where they may go. For administrators. */
import { z } from "@hono/zod-openapi";
import {
  deliveryPageSchema,
  deliverySchema,
  newSinkSchema,
  notifySettingsSchema,
  sinkChangeSchema,
  sinkPageSchema,
  sinkRequestSchema,
  sinkSchema,
} from "../../../protocol/notify-api.ts";
import type { ApiDeps } from "../api-deps.ts";
import { accepts, answers, asker, secured, type Api } from "../http.ts";
import { idParam, pageQuery } from "../query-schemas.ts";

const SINKS = "/api/v1/notify-sinks";
const DELIVERIES = "/api/v1/notify-deliveries";

const readSettings = secured("admin", {
  method: "get",
  path: "/api/v1/notify-settings",
  summary: "Where notifications may go",
  responses: { 200: answers("As the console was started", notifySettingsSchema) },
});
const listSinks = secured("admin", {
  method: "get",
  path: SINKS,
  summary: "Notification sinks with their health, oldest first",
  request: { query: pageQuery },
  responses: { 200: answers("One page", sinkPageSchema) },
});
const createSink = secured("admin", {
  method: "post",
  path: SINKS,
  summary: "Make a sink; the signing secret is shown only here",
  request: accepts(sinkRequestSchema),
  responses: { 201: answers("The sink", newSinkSchema) },
});
const changeSink = secured("admin", {
  method: "patch",
  path: `${SINKS}/{id}`,
  summary: "Change a sink; enabled: true also ends a pause",
  request: { params: idParam, ...accepts(sinkChangeSchema) },
  responses: { 200: answers("The sink", sinkSchema) },
});
const deleteSink = secured("admin", {
  method: "delete",
  path: `${SINKS}/{id}`,
  summary: "Delete a sink and its deliveries",
  request: { params: idParam },
  responses: { 200: answers("Deleted", z.object({ id: z.string() })) },
});
const rotateSecret = secured("admin", {
  method: "post",
  path: `${SINKS}/{id}/rotate`,
  summary: "A new signing secret, shown only here; the one before signs too for a day",
  request: { params: idParam },
  responses: { 200: answers("The sink", newSinkSchema) },
});
const testSink = secured("admin", {
  method: "post",
  path: `${SINKS}/{id}/test`,
  summary: "Send a test now and say what was answered",
  request: { params: idParam },
  responses: { 200: answers("The delivery, arrived or not", deliverySchema) },
});
const listDeliveries = secured("admin", {
  method: "get",
  path: DELIVERIES,
  summary: "Deliveries, newest first",
  request: { query: pageQuery.extend({ sink: z.string().min(1).max(64).optional() }) },
  responses: { 200: answers("One page", deliveryPageSchema) },
});
const repeatDelivery = secured("admin", {
  method: "post",
  path: `${DELIVERIES}/{id}/repeat`,
  summary: "Send again, under the same id",
  request: { params: idParam },
  responses: { 200: answers("The delivery, waiting", deliverySchema) },
});

export function notificationRoutes(app: Api, { notifications }: Pick<ApiDeps, "notifications">): void {
  app.openapi(readSettings, (c) => c.json({ hosts: [...notifications.hosts] }, 200));
  app.openapi(listSinks, async (c) => {
    const { items, nextCursor } = await notifications.list(c.req.valid("query"));
    return c.json({ items: [...items], nextCursor }, 200);
  });
  app.openapi(createSink, async (c) => c.json(await notifications.create(c.req.valid("json"), asker(c).principal), 201));
  app.openapi(changeSink, async (c) =>
    c.json(await notifications.change(c.req.valid("param").id, c.req.valid("json"), asker(c).principal), 200),
  );
  app.openapi(deleteSink, async (c) => {
    const { id } = c.req.valid("param");
    await notifications.delete(id, asker(c).principal);
    return c.json({ id }, 200);
  });
  app.openapi(rotateSecret, async (c) => c.json(await notifications.rotate(c.req.valid("param").id, asker(c).principal), 200));
  app.openapi(testSink, async (c) => c.json(await notifications.test(c.req.valid("param").id, asker(c).principal), 200));
  app.openapi(listDeliveries, async (c) => {
    const { sink, ...page } = c.req.valid("query");
    const { items, nextCursor } = await notifications.deliveries({ ...page, sinkId: sink });
    return c.json({ items: [...items], nextCursor }, 200);
  });
  app.openapi(repeatDelivery, async (c) => c.json(await notifications.repeat(c.req.valid("param").id, asker(c).principal), 200));
}
