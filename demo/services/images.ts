/** Draws product pictures in the size asked for. Only so many drawings fit on the processor at a time; a few may wait. */
import { setTimeout as delay } from "node:timers/promises";
import { bulkhead } from "@holdfast/agent/resilience";
import { HttpProblem } from "../kit/http-problem.ts";
import { Router, svg } from "../kit/router.ts";
import type { Service, ServiceContext } from "../kit/service-context.ts";
import { drawProduct } from "../pages/pictures.ts";
import { PRODUCTS } from "../products.ts";
import { latency } from "../random.ts";

const TYPICAL_RESIZE_MS = 15;

export function startImages(context: ServiceContext): Service {
  const resize = bulkhead("resize", { maxConcurrent: 4, maxQueue: 100, maxWaitMs: 700 });
  const router = new Router().get("/pictures/:id", async (request) => {
    const product = PRODUCTS.find((each) => each.id === request.params["id"]);
    if (product === undefined) throw new HttpProblem(404, "no such picture");
    await resize.run(() => delay(latency(context.random, TYPICAL_RESIZE_MS)));
    return svg(drawProduct(product));
  });
  return { router };
}
