/** The past as it is played: descriptions and events of a window, its packed samples, and what changed around a moment. */
import { z } from "@hono/zod-openapi";
import { framePages } from "../../../core/replay-samples.ts";
import { nearbySchema, REPLAY_WINDOW_MS, replaySamplesQuery, replayStorySchema } from "../../../protocol/replay-api.ts";
import { ApiError } from "../../errors.ts";
import type { ApiDeps } from "../api-deps.ts";
import { answers, secured, type Api } from "../http.ts";
import { environmentQuery, nameParam, pageQuery, timeParam } from "../query-schemas.ts";

const window = environmentQuery.extend({ from: timeParam, to: timeParam });
const NEARBY_MS = 900_000;
const NEARBY_MOST_MS = 21_600_000;

const storyRoute = secured("viewer", {
  method: "get",
  path: "/api/v1/replay/story",
  summary: "Who was there at the beginning of a window of five minutes at most, and all that happened in it except samples",
  request: { query: window },
  responses: { 200: answers("The story", replayStorySchema) },
});

const samplesRoute = secured("viewer", {
  method: "get",
  path: "/api/v1/replay/samples",
  summary: "Packed pages of samples that touch a window of five minutes at most, and the seconds before it, part by part",
  request: { query: replaySamplesQuery.extend({ ...window.shape, service: nameParam.optional(), cursor: pageQuery.shape.cursor }) },
  responses: {
    200: {
      description: "Pages, framed as in core/replay-samples.ts; the header holdfast-next-cursor names the next part, if any",
      content: { "application/octet-stream": { schema: z.string().meta({ format: "binary" }) } },
    },
  },
});

const nearbyRoute = secured("viewer", {
  method: "get",
  path: "/api/v1/replay/nearby",
  summary: "What changed around a moment, most telling first",
  request: {
    query: environmentQuery.extend({
      at: timeParam,
      service: nameParam.optional(),
      /** On either side. */
      windowMs: z.coerce.number().int().min(1_000).max(NEARBY_MOST_MS).default(NEARBY_MS),
    }),
  },
  responses: { 200: answers("Changes", nearbySchema) },
});

export function replayRoutes(app: Api, { replay }: Pick<ApiDeps, "replay">): void {
  app.openapi(storyRoute, async (c) => c.json(await replay.story(checked(c.req.valid("query"))), 200));

  app.openapi(samplesRoute, async (c) => {
    const { environment, from, to, service, cursor } = checked(c.req.valid("query"));
    const { pages, nextCursor } = await replay.samples({
      environment,
      from,
      to,
      ...(service === undefined ? {} : { service }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    const encoder = new TextEncoder();
    const body = Buffer.concat(framePages(pages, (text) => encoder.encode(text)));
    return c.body(body, 200, {
      "content-type": "application/octet-stream",
      ...(nextCursor === null ? {} : { "holdfast-next-cursor": nextCursor }),
    });
  });

  app.openapi(nearbyRoute, async (c) => {
    const { service, ...query } = c.req.valid("query");
    return c.json(await replay.nearby({ ...query, ...(service === undefined ? {} : { service }) }), 200);
  });
}

/** @throws ApiError window_invalid */
function checked<W extends { readonly from: number; readonly to: number }>(window: W): W {
  if (window.from < window.to && window.to - window.from <= REPLAY_WINDOW_MS) return window;
  throw new ApiError("window_invalid", {
    detail: `from must be before to, and a window of replay at most ${REPLAY_WINDOW_MS / 60_000} minutes: read a longer time window by window.`,
  });
}
