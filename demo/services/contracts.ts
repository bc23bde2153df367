/** What the services of the shop answer each other. */
import type { Product } from "../products.ts";

export interface ListedProduct extends Product {
  /** Pieces in stock; null when inventory did not say. */
  readonly stock: number | null;
}

export interface CatalogAnswer {
  readonly products: readonly ListedProduct[];
  /** True: a cached copy; `asOf` says from when. */
  readonly stale: boolean;
  readonly asOf: number;
}

export interface StockAnswer {
  readonly stock: Readonly<Record<string, number>>;
}

export interface SearchAnswer {
  readonly ids: readonly string[];
}

export interface PicksAnswer {
  readonly ids: readonly string[];
}

export interface ReservationAnswer {
  readonly reserved: boolean;
}

export type OrderStatus = "paid" | "declined" | "payment-pending";

export interface ChargeAnswer {
  readonly outcome: OrderStatus;
}

export interface OrderAnswer {
  readonly id: string;
  readonly status: OrderStatus;
  readonly items: readonly string[];
  readonly totalCents: number;
}
