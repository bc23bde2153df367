/** A checkout as a saga: stock, payment, order. What cannot be finished is taken back, in reverse, also by another process. */
import { saga, type Saga, type SagaJournal } from "@holdfast/agent/coordination";
import { inBackground } from "../kit/background.ts";
import type { Dependency } from "../kit/dependency.ts";
import { whenDown } from "../kit/http-problem.ts";
import type { Cashier } from "./cashier.ts";
import type { OrderStatus, ReservationAnswer } from "./contracts.ts";
import type { OrderBook } from "./order-book.ts";

export interface Basket {
  readonly items: readonly string[];
  readonly totalCents: number;
}

export interface CheckoutOptions {
  readonly journal: SagaJournal;
  readonly inventory: Dependency;
  readonly cashier: Cashier;
  readonly book: OrderBook;
}

export const SOLD_OUT = "sold out";
export const DECLINED = "the card was declined";

/** Compensations run in the background: they are due even when the customer has long stopped waiting. */
export function checkoutSaga({ journal, inventory, cashier, book }: CheckoutOptions): Saga<Basket> {
  return saga<Basket>(
    "checkout",
    [
      {
        name: "reserve",
        run: async ({ sagaId, input, key }) => {
          const call = { path: "/reservations", body: { id: sagaId, items: input.items }, key };
          // Inventory away: the order is taken on trust and checked when it is packed.
          const { answer } = await inventory.json<ReservationAnswer>(call).catch(whenDown(() => ({ answer: { reserved: true } })));
          if (!answer.reserved) throw new Error(SOLD_OUT);
        },
        compensate: ({ sagaId }) => inBackground(() => release(inventory, sagaId)),
      },
      {
        name: "charge",
        run: async ({ sagaId }) => {
          const status = await cashier.charge(sagaId);
          if (status === "declined") throw new Error(DECLINED);
          return status;
        },
        compensate: ({ sagaId }) => inBackground(() => cashier.refund(sagaId)),
      },
      {
        name: "confirm",
        run: ({ sagaId, input, results }) => book.keep({ id: sagaId, ...input, status: results["charge"] as OrderStatus }),
      },
    ],
    { journal, maxAttempts: 3, baseMs: 200, maxDelayMs: 1_000, lockMs: 10_000, resumeEveryMs: 5_000 },
  );
}

/** Puts reserved goods back on the shelf. Rejects when inventory does not take them. */
export async function release(inventory: Dependency, order: string): Promise<void> {
  await inventory.json({ path: "/releases", body: { id: order }, key: order });
}
