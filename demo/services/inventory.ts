/**
 * Stock of every product; reservations take from it, releases give back, night deliveries fill it up. Its policies are cockatiel's, under
 * the agent's observation.
 */
import { bulkhead, circuitBreaker, handleAll, SamplingBreaker, timeout, TimeoutStrategy, wrap } from "cockatiel";
import { Database } from "../kit/database.ts";
import { HttpProblem } from "../kit/http-problem.ts";
import { json, jsonBody, Router } from "../kit/router.ts";
import type { Service, ServiceContext } from "../kit/service-context.ts";
import { PRODUCTS } from "../products.ts";
import type { ReservationAnswer, StockAnswer } from "./contracts.ts";
import { oneText, textList } from "./text-list.ts";

const REFILL_BELOW = 3;
const REFILL_TO = 40;
const KEPT_RESERVATIONS = 5_000;

export function startInventory(context: ServiceContext): Service {
  const database = new Database(context, { name: "inventory-db", connections: 8, typicalMs: 6 });
  const policy = wrap(
    bulkhead(8, 40),
    circuitBreaker(handleAll, { halfOpenAfter: 5_000, breaker: new SamplingBreaker({ threshold: 0.5, duration: 10_000 }) }),
    timeout(1_000, TimeoutStrategy.Aggressive),
  );
  context.agent.observe(policy, "inventory-db", { target: "inventory-db" });
  const query = async <T>(work: () => T): Promise<T> => {
    try {
      return await policy.execute(() => database.query(work));
    } catch {
      throw new HttpProblem(503, "the stock cannot be read at the moment", { "retry-after": "2" });
    }
  };

  const shelf = new Shelf(new Map(PRODUCTS.map((product) => [product.id, 5 + Math.floor(context.random() * 35)])));
  const router = new Router()
    .get("/stock", async () => json((await query(() => ({ stock: shelf.stock }))) satisfies StockAnswer))
    .post("/reservations", async (request) => {
      const { id, items } = jsonBody(request);
      const [name, wanted] = [oneText(id), textList(items)];
      const reserved = await query(() => shelf.reserve(name, wanted));
      return json({ reserved } satisfies ReservationAnswer, reserved ? 201 : 200);
    })
    .post("/releases", async (request) => {
      const name = oneText(jsonBody(request)["id"]);
      await query(() => shelf.release(name));
      return json({});
    });
  return { router };
}

/** Both moves happen once for a reservation, however often they are asked for. */
class Shelf {
  readonly #stock: Map<string, number>;
  readonly #reservations = new Map<string, readonly string[]>();

  constructor(stock: Map<string, number>) {
    this.#stock = stock;
  }

  get stock(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#stock);
  }

  /** All or nothing. */
  reserve(id: string, items: readonly string[]): boolean {
    if (this.#reservations.has(id)) return true;
    if (items.some((item) => (this.#stock.get(item) ?? 0) < 1)) return false;
    for (const item of items) {
      const left = (this.#stock.get(item) ?? 1) - 1;
      this.#stock.set(item, left < REFILL_BELOW ? REFILL_TO : left);
    }
    this.#reservations.set(id, items);
    const oldest = this.#reservations.keys().next();
    if (this.#reservations.size > KEPT_RESERVATIONS && !oldest.done) this.#reservations.delete(oldest.value);
    return true;
  }

  release(id: string): void {
    for (const item of this.#reservations.get(id) ?? []) this.#stock.set(item, (this.#stock.get(item) ?? 0) + 1);
    this.#reservations.delete(id);
  }
}
