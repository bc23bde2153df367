/**
 * Orders that wait to be paid. A p-queue that is paused while payments are switched to the queue or their breaker is open; while the
 * breaker is half open the first order waiting is its probe. Held in memory: an order that waits is lost with its process.
 */
import PQueue from "p-queue";
import type { SwitchHandle } from "@holdfast/agent";
import type { Breaker } from "../kit/breaker.ts";
import type { ServiceContext } from "../kit/service-context.ts";

const PENDING_LIMIT = 500;

export interface PendingPaymentsOptions {
  readonly payments: SwitchHandle;
  readonly breaker: Breaker;
  /** Tries once. False: still not paid, keep it. */
  readonly collect: (order: string) => Promise<boolean>;
}

export class PendingPayments {
  readonly #queue = new PQueue({ concurrency: 1 });
  readonly #options: PendingPaymentsOptions;

  constructor(context: ServiceContext, options: PendingPaymentsOptions) {
    this.#options = options;
    context.agent.observe(this.#queue, "pending-payments", { target: "payments" });
    options.payments.onChange(() => this.#settle());
    options.breaker.onChange(() => this.#settle());
    this.#settle();
  }

  get full(): boolean {
    return this.#queue.size >= PENDING_LIMIT;
  }

  get size(): number {
    return this.#queue.size + this.#queue.pending;
  }

  add(order: string): void {
    void this.#queue.add(async () => {
      const paid = await this.#options.collect(order).catch(() => false);
      if (!paid) this.add(order);
    });
  }

  /** Runs exactly while payments may be tried. */
  #settle(): void {
    if (this.#options.payments.is("on") && !this.#options.breaker.opened) this.#queue.start();
    else this.#queue.pause();
  }
}
