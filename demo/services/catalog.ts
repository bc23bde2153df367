/**
 * Products with their stock. Every successful read of the database refreshes a cached copy; the copy is served, and said to be stale,
 * when the database does not answer or the switch says not to ask it.
 */
import { fallback, pipeline } from "@holdfast/agent/resilience";
import { Database } from "../kit/database.ts";
import { Dependency } from "../kit/dependency.ts";
import { HttpProblem } from "../kit/http-problem.ts";
import { json, Router } from "../kit/router.ts";
import type { Service, ServiceContext } from "../kit/service-context.ts";
import { isCategory, PRODUCTS, type Product } from "../products.ts";
import { CATALOG_DATABASE } from "../switches.ts";
import type { CatalogAnswer, ListedProduct, StockAnswer } from "./contracts.ts";

interface Copy {
  readonly products: readonly Product[];
  readonly asOf: number;
}

interface Read extends Copy {
  readonly stale: boolean;
}

/** Prices older than this are not shown: then those that were shipped with the process are. */
const STALE_MS = 30 * 60_000;
const STOCK_STALE_MS = 60_000;

export function startCatalog(context: ServiceContext): Service {
  const live = context.agent.switch(CATALOG_DATABASE);
  const database = new Database(context, { name: "catalog-db", connections: 5, typicalMs: 22, control: true });
  const shipped: Copy = { products: PRODUCTS, asOf: Date.now() };
  const copy = fallback<Copy>("catalog-db", { target: "catalog-db", staleMs: STALE_MS, default: () => shipped });
  const queries = pipeline("catalog-db", {
    target: "catalog-db",
    timeout: { attemptMs: 1_000, totalMs: 1_500 },
    breaker: { minimumCalls: 6, openMs: 5_000, probes: 2 },
    bulkhead: { maxConcurrent: 8, maxQueue: 24, maxWaitMs: 600 },
    fallback: copy,
  });
  const inventory = new Dependency(context, "inventory", {
    timeout: { attemptMs: 400, totalMs: 600 },
    bulkhead: { maxConcurrent: 12 },
    fallback: { staleMs: STOCK_STALE_MS, default: (): StockAnswer => ({ stock: {} }) },
  });

  const read = async (): Promise<Read> => {
    if (live.is("cached")) return { ...(await copy.answer(new Error("switched to the cache"))), stale: true };
    let stale = true;
    const answer = await queries.run<Copy>(async () => {
      const products = await database.query(() => PRODUCTS);
      stale = false;
      return { products, asOf: Date.now() };
    });
    return { ...answer, stale };
  };
  const list = async (wanted: (product: Product) => boolean): Promise<CatalogAnswer> => {
    const [{ products, stale, asOf }, inStock] = await Promise.all([read(), inventory.json<StockAnswer>({ path: "/stock" })]);
    const listed = products
      .filter(wanted)
      .map((product): ListedProduct => ({ ...product, stock: inStock.answer.stock[product.id] ?? null }));
    return { products: listed, stale, asOf };
  };

  const router = new Router()
    .get("/products", async (request) => {
      const category = request.query.get("category");
      if (category !== null && !isCategory(category)) throw new HttpProblem(404, "no such category");
      return json(await list((product) => category === null || product.category === category));
    })
    .get("/products/:id", async (request) => {
      const answer = await list((product) => product.id === request.params["id"]);
      if (answer.products.length === 0) throw new HttpProblem(404, "no such product");
      return json(answer);
    });
  return { router };
}
