/**
 * Products with their stock. Every successful read of the database refreshes a cached copy; the copy is served, and said to be stale,
 * when the database does not answer or the switch says not to ask it.
 */
import { Breaker } from "../kit/breaker.ts";
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

export function startCatalog(context: ServiceContext): Service {
  const live = context.agent.switch(CATALOG_DATABASE);
  const database = new Database(context, { name: "catalog-db", connections: 5, typicalMs: 22 });
  const breaker = new Breaker(context, { name: "catalog-db", target: "catalog-db", timeoutMs: 1_000 });
  const inventory = new Dependency(context, { target: "inventory", timeoutMs: 400 });
  // The copy a new process starts with was shipped with it.
  let copy: Copy = { products: PRODUCTS, asOf: Date.now() };

  const fromCopy = (): Read => ({ ...copy, stale: true });
  const read = (): Promise<Read> => {
    if (live.is("cached")) return Promise.resolve(fromCopy());
    return breaker.run(async () => {
      copy = await database.query(() => ({ products: PRODUCTS, asOf: Date.now() }));
      return { ...copy, stale: false };
    }, fromCopy);
  };
  const list = async (wanted: (product: Product) => boolean): Promise<CatalogAnswer> => {
    const [{ products, stale, asOf }, stock] = await Promise.all([
      read(),
      inventory.json<StockAnswer | null>({ path: "/stock" }, () => null),
    ]);
    const listed = products.filter(wanted).map((product): ListedProduct => ({ ...product, stock: stock?.stock[product.id] ?? null }));
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
