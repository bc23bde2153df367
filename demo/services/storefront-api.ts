/** The same shop as JSON, for apps and for what pages ask for in advance. */
import { HttpProblem } from "../kit/http-problem.ts";
import { json, jsonBody, type Router } from "../kit/router.ts";
import { CATEGORIES } from "../products.ts";
import type { Shelves } from "./shelves.ts";
import { orderKey } from "./order-key.ts";
import { textList } from "./text-list.ts";
import { visitorOf } from "./visitor.ts";

export function addApi(router: Router, shelves: Shelves): Router {
  return router
    .get("/api/home", async (request) => {
      const list = await shelves.products();
      const recommendations = await shelves.recommended(visitorOf(request).id, list.products);
      return json({ ...list, recommendations, search: shelves.searchable ? "on" : "browse", pictures: shelves.pictureQuality });
    })
    .get("/api/products", async (request) => json(await shelves.products(request.query.get("category") ?? undefined)))
    .get("/api/products/:id", async (request) => json(await shelves.product(request.params["id"] ?? "")))
    .get("/api/search", async (request) => {
      const ids = await shelves.search((request.query.get("q") ?? "").slice(0, 100));
      return json(ids === null ? { mode: "browse", categories: CATEGORIES } : { mode: "results", ids });
    })
    .get("/api/recommendations", async (request) => {
      const { products } = await shelves.products();
      return json(await shelves.recommended(request.query.get("visitor") ?? visitorOf(request).id, products));
    })
    .get("/api/prefetch/:id", async (request) => json(await shelves.product(request.params["id"] ?? "")))
    .post("/api/cart", async (request) => {
      const item = jsonBody(request)["item"];
      if (typeof item !== "string") throw new HttpProblem(400, "a product id is needed");
      return json(await shelves.product(item), 201);
    })
    .post("/api/checkout", async (request) => {
      const order = await shelves.placeOrder(textList(jsonBody(request)["items"]), orderKey(request));
      if (order === null) throw new HttpProblem(503, "orders cannot be taken at the moment", { "retry-after": "30" });
      return json(order, order.status === "payment-pending" ? 202 : 201);
    })
    .get("/api/orders/:id", async (request) => {
      const order = await shelves.order(request.params["id"] ?? "");
      if (order === null) throw new HttpProblem(503, "the order cannot be shown at the moment", { "retry-after": "5" });
      return json(order);
    });
}
