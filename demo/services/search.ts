/** Free text over an index that it builds from the catalog every few seconds. */
import { setTimeout as delay } from "node:timers/promises";
import PQueue from "p-queue";
import { Dependency } from "../kit/dependency.ts";
import { HttpProblem } from "../kit/http-problem.ts";
import { json, Router } from "../kit/router.ts";
import type { Service, ServiceContext } from "../kit/service-context.ts";
import { PRODUCTS, type Product } from "../products.ts";
import { latency } from "../random.ts";
import type { CatalogAnswer, SearchAnswer } from "./contracts.ts";

const REINDEX_MS = 5_000;
const TYPICAL_QUERY_MS = 20;
const QUEUE_LIMIT = 100;

export function startSearch(context: ServiceContext): Service {
  const catalog = new Dependency(context, { target: "catalog", timeoutMs: 2_000, volume: 3 });
  const executor = new PQueue({ concurrency: 8 });
  context.agent.observe(executor, "query-executor");
  let index: readonly Product[] = PRODUCTS;
  const reindex = async (): Promise<void> => {
    const answer = await catalog.json<CatalogAnswer | null>({ path: "/products" }, () => null);
    if (answer !== null) index = answer.products;
  };
  setInterval(() => void reindex().catch(() => undefined), REINDEX_MS).unref();

  const router = new Router().get("/search", async (request) => {
    if (executor.size >= QUEUE_LIMIT) throw new HttpProblem(503, "too many queries are waiting", { "retry-after": "2" });
    const words = (request.query.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean).slice(0, 8);
    await executor.add(() => delay(latency(context.random, TYPICAL_QUERY_MS)));
    return json({ ids: match(index, words) } satisfies SearchAnswer);
  });
  return { router };
}

/** Ids of the products that hold every word, the popular ones first. */
function match(index: readonly Product[], words: readonly string[]): string[] {
  if (words.length === 0) return [];
  return index
    .filter((product) => {
      const text = `${product.name} ${product.category} ${product.blurb}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => b.popularity - a.popularity)
    .map((product) => product.id);
}
