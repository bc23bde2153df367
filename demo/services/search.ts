/** Free text over an index that it builds every few seconds from the catalog, behind an opossum breaker. */
import { setTimeout as delay } from "node:timers/promises";
import PQueue from "p-queue";
import { Breaker } from "../kit/breaker.ts";
import { HttpProblem } from "../kit/http-problem.ts";
import { Peers } from "../kit/peers.ts";
import { json, Router } from "../kit/router.ts";
import type { Service, ServiceContext } from "../kit/service-context.ts";
import { PRODUCTS, type Product } from "../products.ts";
import { latency } from "../random.ts";
import type { CatalogAnswer, SearchAnswer } from "./contracts.ts";

const REINDEX_MS = 3_000;
const CATALOG_TIMEOUT_MS = 2_000;
const TYPICAL_QUERY_MS = 20;
const QUEUE_LIMIT = 100;

export function startSearch(context: ServiceContext): Service {
  const catalog = new Peers(context, "catalog");
  const breaker = new Breaker(context, { name: "catalog", target: "catalog", timeoutMs: CATALOG_TIMEOUT_MS, volume: 3 });
  const executor = new PQueue({ concurrency: 8 });
  context.agent.observe(executor, "query-executor");
  let index: readonly Product[] = PRODUCTS;
  const reindex = async (): Promise<void> => {
    // The breaker gives up on its own; the signal frees the connection.
    const text = await breaker.run(() => catalog.send({ path: "/products" }, AbortSignal.timeout(CATALOG_TIMEOUT_MS)));
    index = (JSON.parse(text) as CatalogAnswer).products;
  };
  // The last index does until the catalog answers again.
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
