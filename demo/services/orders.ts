/** Takes orders, each once for its Idempotency-Key, and tells the customer through the outbox. */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import PQueue from "p-queue";
import { idempotencyTable, idempotent, leaseTable, sagaTable, sqlIdempotency, sqlJournal, type Saga } from "@holdfast/agent/coordination";
import { Database } from "../kit/database.ts";
import { Dependency } from "../kit/dependency.ts";
import { HttpProblem } from "../kit/http-problem.ts";
import { json, jsonBody, Router } from "../kit/router.ts";
import type { Service, ServiceContext } from "../kit/service-context.ts";
import { openSharedDatabase } from "../kit/shared-database.ts";
import { PRODUCTS } from "../products.ts";
import { latency } from "../random.ts";
import { Cashier } from "./cashier.ts";
import { checkoutSaga, DECLINED, release, SOLD_OUT, type Basket } from "./checkout.ts";
import type { OrderAnswer, OrderStatus } from "./contracts.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { ORDER_TABLE, OrderBook } from "./order-book.ts";
import { textList } from "./text-list.ts";

const TYPICAL_MAIL_MS = 40;
const OUTBOX_CONCURRENCY = 3;
/** Mails beyond this are not queued: an outbox that only grows helps nobody. */
const OUTBOX_LIMIT = 2_000;
const dialect = "sqlite";

export async function startOrders(context: ServiceContext): Promise<Service> {
  const tables = [ORDER_TABLE, idempotencyTable(dialect), leaseTable(), ...sagaTable(dialect)];
  const sql = await openSharedDatabase(join(context.stateDir, "orders.db"), tables);
  const journal = sqlJournal(sql, { dialect });
  const book = new OrderBook(new Database(context, { name: "orders-db", connections: 10, typicalMs: 10 }), sql);
  const outbox = new Outbox(context);
  const inventory = new Dependency(context, "inventory", {
    timeout: { attemptMs: 400, totalMs: 900 },
    bulkhead: { maxConcurrent: 12 },
  });
  const cashier = new Cashier(context, {
    isPending: async (id) => (await book.find(id))?.status === "payment-pending",
    settle: async (id, status) => {
      await book.settle(id, status);
      outbox.mail();
      // Nobody waits, and the stock is counted every night.
      if (status === "declined") await release(inventory, id).catch(() => undefined);
    },
  });
  const checkout = checkoutSaga({ journal, inventory, cashier, book });
  const desk = new OrderDesk(context, { checkout, book, outbox });
  const idempotency = idempotent(sqlIdempotency(sql, { dialect }), { name: "orders", scope: () => "storefront" });
  const housekeeping = startHousekeeping({ sql, journal, checkout, cashier, book });

  const router = new Router()
    .post("/orders", async (request) => {
      const order = await desk.take(textList(jsonBody(request)["items"]));
      return json(order, order.status === "payment-pending" ? 202 : 201);
    })
    .get("/orders/:id", async (request) => {
      const order = await book.find(request.params["id"] ?? "");
      if (order === null) throw new HttpProblem(404, "no such order");
      return json(order);
    });
  return { router, idempotency, close: () => housekeeping.close() };
}

interface DeskOptions {
  readonly checkout: Saga<Basket>;
  readonly book: OrderBook;
  readonly outbox: Outbox;
}

class OrderDesk {
  readonly #context: ServiceContext;
  readonly #options: DeskOptions;
  #count = 0;

  constructor(context: ServiceContext, options: DeskOptions) {
    this.#context = context;
    this.#options = options;
  }

  async take(items: readonly string[]): Promise<OrderAnswer> {
    const { checkout, book, outbox } = this.#options;
    const bought = items.map((id) => PRODUCTS.find((product) => product.id === id));
    if (bought.includes(undefined)) throw new HttpProblem(400, "there is no such product");
    const basket = { items, totalCents: bought.reduce((sum, product) => sum + (product?.priceCents ?? 0), 0) };
    const id = `${this.#context.plan.instance}-${Date.now().toString(36)}${(++this.#count).toString(36)}`;
    const { status, results, error } = await checkout.start(basket, { id });
    const order: OrderAnswer = { id, ...basket, status: status === "completed" ? (results["charge"] as OrderStatus) : "declined" };
    if (status !== "completed") {
      if (error === SOLD_OUT) throw new HttpProblem(409, SOLD_OUT);
      if (error !== DECLINED) throw new HttpProblem(503, "the order cannot be taken at the moment", { "retry-after": "30" });
      await book.keep(order);
    }
    outbox.mail();
    return order;
  }
}

/** Mails to customers. The provider takes each; how long that lasts is its business. */
class Outbox {
  readonly #context: ServiceContext;
  readonly #queue = new PQueue({ concurrency: OUTBOX_CONCURRENCY });

  constructor(context: ServiceContext) {
    this.#context = context;
    context.agent.observe(this.#queue, "outbox", { target: "mail", control: true });
  }

  mail(): void {
    const { random, faults } = this.#context;
    if (this.#queue.size < OUTBOX_LIMIT) void this.#queue.add(() => delay(latency(random, TYPICAL_MAIL_MS) + faults.slowJobMs));
  }
}
