/**
 * Takes orders: reserves stock, writes the order, charges the card, and tells the customer through the outbox. When payments cannot be
 * had, or are switched to the queue, the order is kept and paid later.
 */
import { setTimeout as delay } from "node:timers/promises";
import PQueue from "p-queue";
import { Database } from "../kit/database.ts";
import { Dependency } from "../kit/dependency.ts";
import { HttpProblem } from "../kit/http-problem.ts";
import { json, jsonBody, Router } from "../kit/router.ts";
import type { Service, ServiceContext } from "../kit/service-context.ts";
import { PRODUCTS } from "../products.ts";
import { latency } from "../random.ts";
import { PAYMENTS } from "../switches.ts";
import type { ChargeAnswer, OrderAnswer, OrderStatus, ReservationAnswer } from "./contracts.ts";
import { PendingPayments } from "./pending-payments.ts";
import { textList } from "./text-list.ts";

const KEPT_ORDERS = 2_000;
const TYPICAL_MAIL_MS = 40;
const OUTBOX_CONCURRENCY = 3;
/** Mails beyond this are not queued: an outbox that only grows helps nobody. */
const OUTBOX_LIMIT = 2_000;

export function startOrders(context: ServiceContext): Service {
  const desk = new OrderDesk(context);
  const router = new Router()
    .post("/orders", async (request) => {
      const order = await desk.take(textList(jsonBody(request)["items"]));
      return json(order, order.status === "payment-pending" ? 202 : 201);
    })
    .get("/orders/:id", async (request) => json(await desk.find(request.params["id"] ?? "")))
    .get("/pending", () => json({ pending: desk.pending }));
  return { router };
}

class OrderDesk {
  readonly #context: ServiceContext;
  readonly #database: Database;
  readonly #inventory: Dependency;
  readonly #payments: Dependency;
  readonly #pending: PendingPayments;
  readonly #outbox = new PQueue({ concurrency: OUTBOX_CONCURRENCY });
  readonly #orders = new Map<string, OrderAnswer>();
  readonly #switch;
  #count = 0;

  constructor(context: ServiceContext) {
    this.#context = context;
    this.#switch = context.agent.switch(PAYMENTS);
    this.#database = new Database(context, { name: "orders-db", connections: 10, typicalMs: 10 });
    this.#inventory = new Dependency(context, { target: "inventory", timeoutMs: 400 });
    this.#payments = new Dependency(context, { target: "payments", timeoutMs: 800, volume: 3 });
    this.#pending = new PendingPayments(context, {
      payments: this.#switch,
      breaker: this.#payments.breaker,
      collect: (order) => this.#collect(order),
    });
    context.agent.observe(this.#outbox, "outbox", { target: "mail" });
  }

  get pending(): number {
    return this.#pending.size;
  }

  async take(items: readonly string[]): Promise<OrderAnswer> {
    const bought = items.map((id) => PRODUCTS.find((product) => product.id === id));
    if (bought.includes(undefined)) throw new HttpProblem(400, "there is no such product");
    if (this.#pending.full) throw new HttpProblem(503, "too many orders wait to be paid", { "retry-after": "30" });
    const totalCents = bought.reduce((sum, product) => sum + (product?.priceCents ?? 0), 0);
    // Inventory away: the order is taken on trust and checked when it is packed.
    const { reserved } = await this.#inventory.json<ReservationAnswer>({ path: "/reservations", body: { items } }, () => ({
      reserved: true,
    }));
    if (!reserved) throw new HttpProblem(409, "sold out");
    const id = `${this.#context.plan.instance}-${Date.now().toString(36)}${(++this.#count).toString(36)}`;
    await this.#database.query(() => this.#keep({ id, status: "payment-pending", items, totalCents }));
    const order = this.#settle(id, await this.#charge(id));
    if (order.status === "payment-pending") this.#pending.add(id);
    return order;
  }

  async find(id: string): Promise<OrderAnswer> {
    const order = await this.#database.query(() => this.#orders.get(id));
    if (order === undefined) throw new HttpProblem(404, "no such order");
    return order;
  }

  /** With the switch on `queue` the call is not even tried. */
  #charge(id: string): Promise<OrderStatus> {
    if (this.#switch.is("queue")) return Promise.resolve("payment-pending");
    return this.#payments
      .json<ChargeAnswer | null>({ path: "/charges", body: { order: id } }, () => null)
      .then((answer) => answer?.outcome ?? "payment-pending");
  }

  async #collect(id: string): Promise<boolean> {
    const status = await this.#charge(id);
    if (status === "payment-pending") return false;
    this.#settle(id, status);
    return true;
  }

  #keep(order: OrderAnswer): void {
    this.#orders.set(order.id, order);
    const oldest = this.#orders.keys().next();
    if (this.#orders.size > KEPT_ORDERS && !oldest.done) this.#orders.delete(oldest.value);
  }

  /** Notes what became of the order and tells the customer. */
  #settle(id: string, status: OrderStatus): OrderAnswer {
    const order: OrderAnswer = { ...(this.#orders.get(id) ?? { id, items: [], totalCents: 0 }), status };
    this.#keep(order);
    if (this.#outbox.size < OUTBOX_LIMIT) void this.#outbox.add(() => this.#mail());
    return order;
  }

  /** The mail provider takes the message; how long that lasts is its business. */
  async #mail(): Promise<void> {
    await delay(latency(this.#context.random, TYPICAL_MAIL_MS) + this.#context.faults.slowJobMs);
  }
}
