/** Draws product pictures in the size asked for; the drawing is queued, since only so many fit on the processor at a time. */
import { setTimeout as delay } from "node:timers/promises";
import PQueue from "p-queue";
import { HttpProblem } from "../kit/http-problem.ts";
import { Router, svg } from "../kit/router.ts";
import type { Service, ServiceContext } from "../kit/service-context.ts";
import { drawProduct } from "../pages/pictures.ts";
import { PRODUCTS } from "../products.ts";
import { latency } from "../random.ts";

const TYPICAL_RESIZE_MS = 15;
const QUEUE_LIMIT = 200;

export function startImages(context: ServiceContext): Service {
  const resize = new PQueue({ concurrency: 4 });
  context.agent.observe(resize, "resize");
  const router = new Router().get("/pictures/:id", async (request) => {
    const product = PRODUCTS.find((each) => each.id === request.params["id"]);
    if (product === undefined) throw new HttpProblem(404, "no such picture");
    if (resize.size >= QUEUE_LIMIT) throw new HttpProblem(503, "too many pictures are waiting", { "retry-after": "2" });
    await resize.add(() => delay(latency(context.random, TYPICAL_RESIZE_MS)));
    return svg(drawProduct(product));
  });
  return { router };
}
