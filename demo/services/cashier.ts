/**
 * Payments as orders see them. While they cannot be had, or are switched to the queue, a charge is put off: the customer is told that the
 * order waits to be paid, and it is charged later. A charge is made once for an order, so it may be asked for as often as need be.
 */
import { fallback, type FallbackChain } from "@holdfast/agent/resilience";
import type { SwitchHandle } from "@holdfast/agent";
import { Dependency } from "../kit/dependency.ts";
import type { ServiceContext } from "../kit/service-context.ts";
import { PAYMENTS } from "../switches.ts";
import type { ChargeAnswer, OrderStatus } from "./contracts.ts";

const CAPACITY = 500;
const DRAIN_MS = 500;

export interface CashierOptions {
  /** False: the order is not known, or was settled elsewhere. */
  readonly isPending: (order: string) => Promise<boolean>;
  /** A charge that had been put off is through. */
  readonly settle: (order: string, status: OrderStatus) => Promise<void>;
}

export class Cashier {
  readonly #options: CashierOptions;
  readonly #switch: SwitchHandle;
  readonly #payments: Dependency;
  readonly #later: FallbackChain<ChargeAnswer>;

  constructor(context: ServiceContext, options: CashierOptions) {
    this.#options = options;
    this.#switch = context.agent.switch(PAYMENTS);
    this.#later = fallback<ChargeAnswer>("payments", {
      target: "payments",
      queue: { capacity: CAPACITY, send: (order) => this.collect(order), answer: () => ({ outcome: "payment-pending" }) },
    });
    this.#payments = new Dependency(context, "payments", {
      timeout: { attemptMs: 800, totalMs: 1_800 },
      bulkhead: { maxConcurrent: 20, maxQueue: 20, maxWaitMs: 500 },
      fallback: this.#later,
      // A drill from the console fails calls for real; nobody loses an order by it.
      faults: true,
      bounds: { timeout: { attemptMs: [100, 3_000] }, bulkhead: { maxConcurrent: [2, 50] } },
    });
    context.agent.resource("queue", "pending-payments", () => ({ depth: this.waiting, capacity: CAPACITY }), { target: "payments" });
    setInterval(() => {
      if (this.available) void this.#later.drain();
    }, DRAIN_MS).unref();
  }

  /** Orders that wait here to be charged. */
  get waiting(): number {
    return this.#later.waiting;
  }

  /** Charges may be tried. */
  get available(): boolean {
    return this.#switch.is("on") && !this.#payments.open;
  }

  /** Rejects when it can neither be made nor put off. */
  async charge(order: string): Promise<OrderStatus> {
    const { outcome } = this.#switch.is("queue")
      ? await this.#later.answer(new Error("payments are switched to the queue"), order)
      : (await this.#payments.json<ChargeAnswer>({ path: "/charges", body: { order }, key: order })).answer;
    return outcome;
  }

  /** Gives the money back, if any was taken. Without a key it is not put off: the saga tries again. */
  async refund(order: string): Promise<void> {
    await this.#payments.json({ path: "/refunds", body: { order } });
  }

  /** Charges an order that waits. Rejects when it still cannot be. */
  async collect(order: string): Promise<void> {
    if (!(await this.#options.isPending(order))) return;
    const status = await this.charge(order);
    if (status === "payment-pending") throw new Error("payments are not back yet");
    await this.#options.settle(order, status);
  }
}
