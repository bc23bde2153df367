/** The shop's face for people: HTML pages, each of which can lose any of its parts and still be a page. */
import { HttpProblem } from "../kit/http-problem.ts";
import { html, svg, type Handler, type Reply, type ShopRequest, Router } from "../kit/router.ts";
import type { Service, ServiceContext } from "../kit/service-context.ts";
import { cartView, messageView, orderTitle, orderView, PAYMENTS_BANNER } from "../pages/checkout-views.ts";
import { page, type Banner, type PageFrame } from "../pages/layout.ts";
import { grid, productHero, recommendationBlock } from "../pages/product-views.ts";
import { CATEGORIES } from "../products.ts";
import { orderKey } from "./order-key.ts";
import { knownProduct, Shelves } from "./shelves.ts";
import { addApi } from "./storefront-api.ts";
import { storefrontDoor } from "./storefront-door.ts";
import { cartCookie, GUEST, visitorCookie, visitorOf } from "./visitor.ts";

export function startStorefront(context: ServiceContext): Service {
  const shelves = new Shelves(context);
  const pages = new Pages(context, shelves);
  const router = new Router()
    .get(
      "/",
      pages.guarded((request) => pages.home(request)),
    )
    .get(
      "/c/:category",
      pages.guarded((request) => pages.category(request)),
    )
    .get(
      "/products/:id",
      pages.guarded((request) => pages.product(request)),
    )
    .get(
      "/search",
      pages.guarded((request) => pages.search(request)),
    )
    .get(
      "/cart",
      pages.guarded((request) => pages.cart(request)),
    )
    .post(
      "/cart",
      pages.guarded((request) => addToCart(request)),
    )
    .post(
      "/checkout",
      pages.guarded((request) => pages.checkout(request)),
    )
    .get(
      "/orders/:id",
      pages.guarded((request) => pages.order(request)),
    )
    .get("/pictures/:id", async (request) => {
      const picture = await shelves.picture(request.params["id"] ?? "");
      return svg(picture.svg, {
        "x-image-quality": picture.quality,
        "cache-control": picture.quality === "full" ? "max-age=30" : "no-store",
      });
    });
  return { router: addApi(router, shelves), guard: storefrontDoor(context) };
}

class Pages {
  readonly #context: ServiceContext;
  readonly #shelves: Shelves;

  constructor(context: ServiceContext, shelves: Shelves) {
    this.#context = context;
    this.#shelves = shelves;
  }

  /** Problems as pages. */
  guarded(handler: Handler): Handler {
    return async (request) => {
      try {
        return await handler(request);
      } catch (error) {
        if (!(error instanceof HttpProblem)) throw error;
        const text = error.message === "sold out" ? "Somebody was faster: it is sold out." : error.message;
        const shown = this.#page(request, { title: "Not possible", banners: [] }, messageView("That did not work", text));
        return { ...shown, status: error.status };
      }
    };
  }

  async home(request: ShopRequest): Promise<Reply> {
    const list = await this.#shelves.products();
    const known = visitorOf(request).id;
    const visitor = known === GUEST ? `v${Math.floor(this.#context.random() * 2 ** 40).toString(36)}` : known;
    const recommended = await this.#shelves.recommended(visitor, list.products);
    const quality = this.#shelves.pictureQuality;
    const body = `<h1>Things that last outdoors</h1><p class="lead">Twenty-four of them. We tried them all in the rain.</p>${recommendationBlock(recommended, quality)}<h2>Everything</h2>${grid(list.products, quality)}`;
    const shown = this.#page(request, { title: "Outdoor things", banners: staleBanner(list) }, body);
    return known === GUEST ? { ...shown, headers: { ...shown.headers, "set-cookie": visitorCookie(visitor) } } : shown;
  }

  async category(request: ShopRequest): Promise<Reply> {
    const category = request.params["category"] ?? "";
    const list = await this.#shelves.products(category);
    return this.#page(
      request,
      { title: category, category, banners: staleBanner(list) },
      `<h1>${category}</h1>${grid(list.products, this.#shelves.pictureQuality)}`,
    );
  }

  async product(request: ShopRequest): Promise<Reply> {
    const answer = await this.#shelves.product(request.params["id"] ?? "");
    const list = await this.#shelves.products(answer.product.category);
    const others = list.products.filter((product) => product.id !== answer.product.id);
    const quality = this.#shelves.pictureQuality;
    const body = `${productHero(answer.product, quality)}<h2>More ${answer.product.category.toLowerCase()}</h2>${grid(others, quality)}`;
    return this.#page(request, { title: answer.product.name, category: answer.product.category, banners: staleBanner(answer) }, body);
  }

  async search(request: ShopRequest): Promise<Reply> {
    const query = (request.query.get("q") ?? "").slice(0, 100);
    const [found, list] = await Promise.all([this.#shelves.search(query), this.#shelves.products()]);
    const quality = this.#shelves.pictureQuality;
    if (found === null) {
      const banners: Banner[] = [
        { name: "search", text: "Search is not available at the moment. Browse by category instead." },
        ...staleBanner(list),
      ];
      const shelves = CATEGORIES.map((category) => {
        const best = list.products.filter((product) => product.category === category).slice(0, 2);
        return `<h2><a href="/c/${category}">${category}</a></h2>${grid(best, quality)}`;
      });
      return this.#page(
        request,
        { title: "Browse", banners },
        `<div data-search-mode="browse"><h1>Browse by category</h1>${shelves.join("")}</div>`,
      );
    }
    const hits = found.flatMap((id) => list.products.filter((product) => product.id === id));
    const heading = hits.length === 0 ? "Nothing found" : `${hits.length} found`;
    return this.#page(
      request,
      { title: "Search", query, banners: staleBanner(list) },
      `<div data-search-mode="results"><h1>${heading}</h1>${grid(hits, quality)}</div>`,
    );
  }

  cart(request: ShopRequest): Reply {
    return this.#page(request, { title: "Cart", banners: [] }, cartView(visitorOf(request).cart.map(knownProduct)));
  }

  async checkout(request: ShopRequest): Promise<Reply> {
    const items = formItems(request);
    const order = await this.#shelves.placeOrder(items, orderKey(request));
    if (order === null) {
      const shown = this.#page(
        request,
        { title: "Try again", banners: [] },
        messageView("We could not take your order", "Nothing was charged and your cart is kept. Try again in a minute."),
      );
      return { ...shown, status: 503, headers: { ...shown.headers, "retry-after": "30" } };
    }
    return { status: 303, type: "text/plain", body: "", headers: { location: `/orders/${order.id}`, "set-cookie": cartCookie([]) } };
  }

  async order(request: ShopRequest): Promise<Reply> {
    const order = await this.#shelves.order(request.params["id"] ?? "");
    if (order === null) {
      return this.#page(
        request,
        { title: "Order", banners: [] },
        messageView("Your order is safe", "We cannot show it at the moment. Look again in a minute."),
      );
    }
    const banners: Banner[] = order.status === "payment-pending" ? [{ name: "payments", text: PAYMENTS_BANNER }] : [];
    return this.#page(request, { title: orderTitle(order), banners }, orderView(order));
  }

  #page(request: ShopRequest, frame: Omit<PageFrame, "servedBy" | "cartCount" | "searchable">, body: string): Reply {
    const whole: PageFrame = {
      ...frame,
      servedBy: this.#context.plan.instance,
      cartCount: visitorOf(request).cart.length,
      searchable: this.#shelves.searchable,
    };
    return html(page(whole, body), 200, { "cache-control": "no-store" });
  }
}

function staleBanner({ stale, asOf }: { readonly stale: boolean; readonly asOf: number }): Banner[] {
  if (!stale) return [];
  const time = new Date(asOf).toISOString().slice(11, 16);
  return [{ name: "stale", text: `Prices and stock may be stale: this is our copy from ${time} UTC.` }];
}

function formItems(request: ShopRequest): string[] {
  const items = new URLSearchParams(request.body).getAll("item");
  if (items.length === 0 || items.length > 20) throw new HttpProblem(400, "Choose something first.");
  return items.map((item) => knownProduct(item).id);
}

function addToCart(request: ShopRequest): Reply {
  const cart = [...visitorOf(request).cart, ...formItems(request)];
  return { status: 303, type: "text/plain", body: "", headers: { location: "/cart", "set-cookie": cartCookie(cart) } };
}
