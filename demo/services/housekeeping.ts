/** What one of the instances does for all of them: the leader of the moment, and another when it dies. */
import { leader, sqlLeases, type Leader, type Saga, type SqlClient, type SqlJournal } from "@holdfast/agent/coordination";
import type { Cashier } from "./cashier.ts";
import type { Basket } from "./checkout.ts";
import type { OrderBook } from "./order-book.ts";

const ROUND_MS = 10_000;
const ORPHANED_MS = 20_000;
const AT_ONCE = 50;
const JOURNAL_MS = 10 * 60_000;

export interface HousekeepingOptions {
  readonly sql: SqlClient;
  readonly journal: SqlJournal;
  readonly checkout: Saga<Basket>;
  readonly cashier: Cashier;
  readonly book: OrderBook;
}

export function startHousekeeping(options: HousekeepingOptions): Leader {
  return leader("housekeeping", sqlLeases(options.sql, { dialect: "sqlite" }), {
    ttlMs: 6_000,
    onElected: ({ signal }) => {
      // A round that fails is made again.
      const timer = setInterval(() => void round(options).catch(() => undefined), ROUND_MS);
      signal.addEventListener("abort", () => clearInterval(timer));
    },
  });
}

async function round({ journal, checkout, cashier, book }: HousekeepingOptions): Promise<void> {
  await book.trim();
  await journal.purge(JOURNAL_MS);
  // In a shop with people, one of them would look at it first.
  for (const { id } of await checkout.stuck()) await checkout.retry(id);
  // Orders whose process died while they waited to be paid.
  if (cashier.available && cashier.waiting === 0) for (const id of await book.pendingFor(ORPHANED_MS, AT_ONCE)) await cashier.collect(id);
}
