/** Personal picks: a feature store read behind an opossum breaker, then a score for each product that is the visitor's own. */
import { Breaker } from "../kit/breaker.ts";
import { Database } from "../kit/database.ts";
import { HttpProblem } from "../kit/http-problem.ts";
import { json, Router } from "../kit/router.ts";
import type { Service, ServiceContext } from "../kit/service-context.ts";
import { PRODUCTS } from "../products.ts";
import { hashText } from "../random.ts";
import type { PicksAnswer } from "./contracts.ts";

const PICKS = 4;

export function startRecommendations(context: ServiceContext): Service {
  const features = new Database(context, { name: "feature-store", connections: 8, typicalMs: 18 });
  const breaker = new Breaker(context, { name: "feature-store", target: "feature-store", timeoutMs: 400, volume: 10 });
  const router = new Router().get("/picks", async (request) => {
    const visitor = (request.query.get("visitor") ?? "guest").slice(0, 64);
    try {
      const answer: PicksAnswer = await breaker.run(() => features.query(() => ({ ids: picksFor(visitor) })));
      return json(answer);
    } catch {
      throw new HttpProblem(503, "no picks at the moment", { "retry-after": "2" });
    }
  });
  return { router };
}

function picksFor(visitor: string): string[] {
  const score = (id: string): number => hashText(`${visitor} ${id}`);
  return PRODUCTS.map((product) => product.id)
    .sort((a, b) => score(a) - score(b))
    .slice(0, PICKS);
}
