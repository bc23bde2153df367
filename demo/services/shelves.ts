/**
 * Everything the storefront shows, each with what it shows instead: the switch decides first (the call is not even tried), then the
 * pipeline of the service that is asked, whose fallback answers when that service cannot.
 */
import type { SwitchHandle } from "@holdfast/agent";
import { withPriority } from "@holdfast/agent/http";
import { retryBudget } from "@holdfast/agent/resilience";
import { Dependency } from "../kit/dependency.ts";
import { HttpProblem, whenDown } from "../kit/http-problem.ts";
import type { ServiceContext } from "../kit/service-context.ts";
import { drawPlaceholder } from "../pages/pictures.ts";
import type { Quality, Recommended } from "../pages/product-views.ts";
import { isCategory, PRODUCTS, type Product } from "../products.ts";
import { IMAGES, RECOMMENDATIONS, SEARCH } from "../switches.ts";
import type { CatalogAnswer, ListedProduct, OrderAnswer, PicksAnswer, SearchAnswer } from "./contracts.ts";

const POPULAR = 4;
const STALE_MS = 30 * 60_000;

export interface Picture {
  readonly svg: string;
  readonly quality: Quality;
}

export class Shelves {
  readonly #catalog: Dependency;
  readonly #search: Dependency;
  readonly #recommendations: Dependency;
  readonly #images: Dependency;
  readonly #orders: Dependency;
  readonly #searchSwitch: SwitchHandle;
  readonly #recommendationsSwitch: SwitchHandle;
  readonly #imagesSwitch: SwitchHandle;

  constructor(context: ServiceContext) {
    // What all calls together may add to the load by trying again.
    const budget = retryBudget("storefront");
    const shipped: CatalogAnswer = { products: PRODUCTS.map((product) => ({ ...product, stock: null })), stale: true, asOf: Date.now() };
    this.#catalog = new Dependency(context, "catalog", {
      budget,
      timeout: { attemptMs: 1_500, totalMs: 2_000 },
      bulkhead: { maxConcurrent: 12, maxQueue: 40, maxWaitMs: 800 },
      fallback: { staleMs: STALE_MS, default: whenDown(() => shipped) },
    });
    this.#search = new Dependency(context, "search", {
      budget,
      timeout: { attemptMs: 800, totalMs: 1_200 },
      bulkhead: { maxConcurrent: 12, maxQueue: 12, maxWaitMs: 300 },
      fallback: { default: () => null },
    });
    this.#recommendations = new Dependency(context, "recommendations", {
      budget,
      timeout: { attemptMs: 500, totalMs: 700 },
      bulkhead: { maxConcurrent: 8, maxQueue: 8, maxWaitMs: 100 },
      fallback: { default: () => null },
    });
    this.#images = new Dependency(context, "images", {
      budget,
      timeout: { attemptMs: 800, totalMs: 1_200 },
      bulkhead: { maxConcurrent: 10, maxQueue: 30, maxWaitMs: 400 },
      fallback: { default: () => null },
    });
    this.#orders = new Dependency(context, "orders", {
      budget,
      timeout: { attemptMs: 3_000, totalMs: 3_500 },
      bulkhead: { maxConcurrent: 20, maxQueue: 20, maxWaitMs: 1_000 },
      // Null is said in words by the page and by the API.
      fallback: { message: whenDown(() => null) },
    });
    this.#searchSwitch = context.agent.switch(SEARCH);
    this.#recommendationsSwitch = context.agent.switch(RECOMMENDATIONS);
    this.#imagesSwitch = context.agent.switch(IMAGES);
  }

  /** False while visitors browse by category instead of searching. */
  get searchable(): boolean {
    return this.#searchSwitch.is("on") && !this.#search.open;
  }

  get pictureQuality(): Quality {
    return this.#imagesSwitch.is("full") && !this.#images.open ? "full" : "placeholder";
  }

  products(category?: string): Promise<CatalogAnswer> {
    if (category === undefined) return this.#list("/products", () => true);
    if (!isCategory(category)) throw new HttpProblem(404, "There is no such category.");
    return this.#list(`/products?category=${category}`, (product) => product.category === category);
  }

  async product(id: string): Promise<{ readonly product: ListedProduct; readonly stale: boolean; readonly asOf: number }> {
    const { products, stale, asOf } = await this.#list(`/products/${encodeURIComponent(id)}`, (product) => product.id === id);
    const product = products[0];
    if (product === undefined) throw new HttpProblem(404, "There is no such product.");
    return { product, stale, asOf };
  }

  /** Personal picks of the visitor out of the list, or the popular items. */
  async recommended(visitor: string, list: readonly ListedProduct[]): Promise<Recommended> {
    const popular: Recommended = { source: "popular", products: [...list].sort((a, b) => b.popularity - a.popularity).slice(0, POPULAR) };
    if (this.#recommendationsSwitch.is("popular")) return popular;
    const path = `/picks?visitor=${encodeURIComponent(visitor)}`;
    // The page matters more than the picks on it.
    const { answer: picks } = await withPriority("low", () => this.#recommendations.json<PicksAnswer | null>({ path }));
    if (picks === null) return popular;
    return { source: "personal", products: list.filter((product) => picks.ids.includes(product.id)) };
  }

  /** Ids that match, best first; null: browse by category instead. */
  async search(words: string): Promise<readonly string[] | null> {
    if (this.#searchSwitch.is("browse")) return null;
    const { answer } = await this.#search.json<SearchAnswer | null>({ path: `/search?q=${encodeURIComponent(words)}` });
    return answer?.ids ?? null;
  }

  async picture(id: string): Promise<Picture> {
    const product = knownProduct(id);
    const drawn = this.#imagesSwitch.is("full") ? await this.#images.text({ path: `/pictures/${encodeURIComponent(id)}` }) : null;
    return drawn === null ? { svg: drawPlaceholder(product), quality: "placeholder" } : { svg: drawn, quality: "full" };
  }

  /** Null: orders cannot be taken at the moment. Throws HttpProblem 400 and 409. */
  async placeOrder(items: readonly string[], key: string): Promise<OrderAnswer | null> {
    return (await this.#orders.json<OrderAnswer | null>({ path: "/orders", body: { items }, key })).answer;
  }

  /** Null: those who keep it do not answer. Throws HttpProblem 404. */
  async order(id: string): Promise<OrderAnswer | null> {
    if (!/^orders-\d+-[0-9a-z]{1,32}$/.test(id)) throw new HttpProblem(404, "There is no such order.");
    return (await this.#orders.json<OrderAnswer | null>({ path: `/orders/${id}` })).answer;
  }

  async #list(path: string, wanted: (product: Product) => boolean): Promise<CatalogAnswer> {
    const { answer, live } = await this.#catalog.json<CatalogAnswer>({ path });
    return live ? answer : { ...answer, products: answer.products.filter(wanted), stale: true };
  }
}

export function knownProduct(id: string): Product {
  const product = PRODUCTS.find((each) => each.id === id);
  if (product === undefined) throw new HttpProblem(404, "There is no such product.");
  return product;
}
