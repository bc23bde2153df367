/** The past as it is played: descriptions and events of a window, its packed samples, and what changed around a moment. */
import { z } from "@hono/zod-openapi";
import { framePages, type FramedPage } from "../../../core/replay-samples.ts";
import { nearbySchema, REPLAY_KEYS_MOST, REPLAY_WINDOW_MS, replaySamplesQuery, replayStorySchema } from "../../../protocol/replay-api.ts";
import { ApiError } from "../../errors.ts";
import type { ApiDeps } from "../api-deps.ts";
import { answers, secured, type Api } from "../http.ts";
import { environmentQuery, nameParam, pageQuery, timeParam } from "../query-schemas.ts";

const window = environmentQuery.extend({ from: timeParam, to: timeParam });
/** service/instance, each on a line of its own. */
const keysParam = z
  .string()
  .transform((text) => text.split("\n"))
  .pipe(
    z
      .array(
        z
          .string()
          .regex(/^[^/]+\/.+$/, "service/instance")
          .max(129),
      )
      .max(REPLAY_KEYS_MOST),
  )
  .openapi({ type: "string", description: "service/instance, each on a line of its own, 100 at most" });
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

const lastSamplesRoute = secured("viewer", {
  method: "get",
  path: "/api/v1/replay/last-samples",
  summary: "What instances last said before a moment, if that was within 48 hours: for those of which a window has nothing",
  request: { query: environmentQuery.extend({ at: timeParam, instances: keysParam }) },
  responses: {
    200: {
      description: "Pages of one sample, framed as in core/replay-samples.ts",
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
    return c.body(framed(pages), 200, {
      "content-type": BINARY,
      ...(nextCursor === null ? {} : { "holdfast-next-cursor": nextCursor }),
    });
  });

  app.openapi(lastSamplesRoute, async (c) =>
    c.body(framed(await replay.lastSamples(c.req.valid("query"))), 200, { "content-type": BINARY }),
  );

  app.openapi(nearbyRoute, async (c) => {
    const { service, ...query } = c.req.valid("query");
    return c.json(await replay.nearby({ ...query, ...(service === undefined ? {} : { service }) }), 200);
  });
}

const BINARY = "application/octet-stream";
const encoder = new TextEncoder();
const framed = (pages: readonly FramedPage[]): Buffer<ArrayBuffer> => Buffer.concat(framePages(pages, (text) => encoder.encode(text)));

/** @throws ApiError window_invalid */
function checked<W extends { readonly from: number; readonly to: number }>(window: W): W {
  if (window.from < window.to && window.to - window.from <= REPLAY_WINDOW_MS) return window;
  throw new ApiError("window_invalid", {
    detail: `from must be before to, and a window of replay at most ${REPLAY_WINDOW_MS / 60_000} minutes: read a longer time window by window.`,
  });
}
