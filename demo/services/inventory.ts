/** Stock of every product; reservations take from it and night deliveries fill it up. */
import { Database } from "../kit/database.ts";
import { json, jsonBody, Router } from "../kit/router.ts";
import type { Service, ServiceContext } from "../kit/service-context.ts";
import { PRODUCTS } from "../products.ts";
import type { ReservationAnswer, StockAnswer } from "./contracts.ts";
import { textList } from "./text-list.ts";

const REFILL_BELOW = 3;
const REFILL_TO = 40;

export function startInventory(context: ServiceContext): Service {
  const database = new Database(context, { name: "inventory-db", connections: 8, typicalMs: 6 });
  const stock = new Map(PRODUCTS.map((product) => [product.id, 5 + Math.floor(context.random() * 35)]));
  const router = new Router()
    .get("/stock", async () => {
      const answer: StockAnswer = await database.query(() => ({ stock: Object.fromEntries(stock) }));
      return json(answer);
    })
    .post("/reservations", async (request) => {
      const items = textList(jsonBody(request)["items"]);
      const reserved = await database.query(() => reserve(stock, items));
      return json({ reserved } satisfies ReservationAnswer, reserved ? 201 : 200);
    });
  return { router };
}

/** All or nothing. */
function reserve(stock: Map<string, number>, items: readonly string[]): boolean {
  if (items.some((id) => (stock.get(id) ?? 0) < 1)) return false;
  for (const id of items) {
    const left = (stock.get(id) ?? 1) - 1;
    stock.set(id, left < REFILL_BELOW ? REFILL_TO : left);
  }
  return true;
}
