/**
 * Everything the storefront shows, each with what it shows instead: the switch decides first (the call is not even tried), then the
 * breaker, then the failed call itself.
 */
import type { SwitchHandle } from "@holdfast/agent";
import { Dependency } from "../kit/dependency.ts";
import { HttpProblem } from "../kit/http-problem.ts";
import type { ServiceContext } from "../kit/service-context.ts";
import { drawPlaceholder } from "../pages/pictures.ts";
import type { Quality, Recommended } from "../pages/product-views.ts";
import { isCategory, PRODUCTS, type Product } from "../products.ts";
import { IMAGES, RECOMMENDATIONS, SEARCH } from "../switches.ts";
import type { CatalogAnswer, ListedProduct, OrderAnswer, PicksAnswer, SearchAnswer } from "./contracts.ts";

const POPULAR = 4;

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
  /** The last whole list that the catalog gave. */
  #lastList: CatalogAnswer = { products: PRODUCTS.map((product) => ({ ...product, stock: null })), stale: true, asOf: Date.now() };

  constructor(context: ServiceContext) {
    this.#catalog = new Dependency(context, { target: "catalog", timeoutMs: 2_000 });
    this.#search = new Dependency(context, { target: "search", timeoutMs: 800, volume: 3 });
    this.#recommendations = new Dependency(context, { target: "recommendations", timeoutMs: 500, volume: 4 });
    this.#images = new Dependency(context, { target: "images", timeoutMs: 800, volume: 4 });
    this.#orders = new Dependency(context, { target: "orders", timeoutMs: 3_000 });
    this.#searchSwitch = context.agent.switch(SEARCH);
    this.#recommendationsSwitch = context.agent.switch(RECOMMENDATIONS);
    this.#imagesSwitch = context.agent.switch(IMAGES);
  }

  /** False while visitors browse by category instead of searching. */
  get searchable(): boolean {
    return this.#searchSwitch.is("on") && !this.#search.breaker.opened;
  }

  get pictureQuality(): Quality {
    return this.#imagesSwitch.is("full") && !this.#images.breaker.opened ? "full" : "placeholder";
  }

  async products(category?: string): Promise<CatalogAnswer> {
    if (category !== undefined && !isCategory(category)) throw new HttpProblem(404, "There is no such category.");
    const query = category === undefined ? "" : `?category=${category}`;
    const answer = await this.#catalog.json<CatalogAnswer | null>({ path: `/products${query}` }, () => null);
    if (answer === null) return this.#remembered((product) => category === undefined || product.category === category);
    if (category === undefined) this.#lastList = answer;
    return answer;
  }

  async product(id: string): Promise<{ readonly product: ListedProduct; readonly stale: boolean; readonly asOf: number }> {
    const path = `/products/${encodeURIComponent(id)}`;
    const answer =
      (await this.#catalog.json<CatalogAnswer | null>({ path }, () => null)) ?? this.#remembered((product) => product.id === id);
    const product = answer.products[0];
    if (product === undefined) throw new HttpProblem(404, "There is no such product.");
    return { product, stale: answer.stale, asOf: answer.asOf };
  }

  /** Personal picks of the visitor out of the list, or the popular items. */
  async recommended(visitor: string, list: readonly ListedProduct[]): Promise<Recommended> {
    const popular: Recommended = { source: "popular", products: [...list].sort((a, b) => b.popularity - a.popularity).slice(0, POPULAR) };
    if (this.#recommendationsSwitch.is("popular")) return popular;
    const path = `/picks?visitor=${encodeURIComponent(visitor)}`;
    const picks = await this.#recommendations.json<PicksAnswer | null>({ path }, () => null);
    if (picks === null) return popular;
    return { source: "personal", products: list.filter((product) => picks.ids.includes(product.id)) };
  }

  /** Ids that match, best first; null: browse by category instead. */
  async search(words: string): Promise<readonly string[] | null> {
    if (this.#searchSwitch.is("browse")) return null;
    const answer = await this.#search.json<SearchAnswer | null>({ path: `/search?q=${encodeURIComponent(words)}` }, () => null);
    return answer?.ids ?? null;
  }

  async picture(id: string): Promise<Picture> {
    const product = knownProduct(id);
    if (this.#imagesSwitch.is("placeholder")) return { svg: drawPlaceholder(product), quality: "placeholder" };
    const drawn = await this.#images.text({ path: `/pictures/${encodeURIComponent(id)}` }, () => "");
    return drawn === "" ? { svg: drawPlaceholder(product), quality: "placeholder" } : { svg: drawn, quality: "full" };
  }

  /** Null: orders cannot be taken at the moment. Throws HttpProblem 400 and 409. */
  placeOrder(items: readonly string[]): Promise<OrderAnswer | null> {
    return this.#orders.json<OrderAnswer | null>({ path: "/orders", body: { items } }, () => null);
  }

  /** Null: the one who keeps it does not answer. Throws HttpProblem 404. */
  order(id: string): Promise<OrderAnswer | null> {
    const instance = /^(orders-\d+)-[0-9a-z]{1,32}$/.exec(id)?.[1];
    if (instance === undefined) throw new HttpProblem(404, "There is no such order.");
    return this.#orders.json<OrderAnswer | null>({ path: `/orders/${id}`, instance }, () => null);
  }

  #remembered(wanted: (product: Product) => boolean): CatalogAnswer {
    return { products: this.#lastList.products.filter(wanted), stale: true, asOf: this.#lastList.asOf };
  }
}

export function knownProduct(id: string): Product {
  const product = PRODUCTS.find((each) => each.id === id);
  if (product === undefined) throw new HttpProblem(404, "There is no such product.");
  return product;
}
