/** The degraded behaviours of the shop that a person can choose. The first position is the normal one. */
import type { SwitchOptions } from "@holdfast/agent";

export const CATALOG_DATABASE = {
  key: "catalog.database",
  title: "Catalog database",
  whatUsersLose: "Prices and stock come from the last cached copy, under a banner that says they may be stale.",
  positions: ["live", "cached"],
  safeDefault: "live",
} as const satisfies SwitchOptions;

export const SEARCH = {
  key: "search",
  title: "Search",
  whatUsersLose: "No free text search: visitors browse by category instead.",
  positions: ["on", "browse"],
  safeDefault: "on",
} as const satisfies SwitchOptions;

export const RECOMMENDATIONS = {
  key: "recommendations",
  title: "Personal recommendations",
  whatUsersLose: "Everyone sees the same popular items instead of personal picks.",
  positions: ["on", "popular"],
  safeDefault: "on",
} as const satisfies SwitchOptions;

export const IMAGES = {
  key: "images",
  title: "Product pictures",
  whatUsersLose: "Pictures become low-quality placeholders.",
  positions: ["full", "placeholder"],
  safeDefault: "full",
} as const satisfies SwitchOptions;

export const PAYMENTS = {
  key: "payments",
  title: "Card payments",
  whatUsersLose: "Payment is temporarily unavailable: orders are kept and paid later, when it is switched on again.",
  positions: ["on", "queue"],
  safeDefault: "on",
} as const satisfies SwitchOptions;

export const LOW_CLASS = {
  key: "storefront.low-class",
  title: "Prefetch and recommendation refresh",
  whatUsersLose: "Pages feel a little slower and picks refresh less often: low requests get 503 with Retry-After.",
  positions: ["serve", "shed"],
  safeDefault: "serve",
} as const satisfies SwitchOptions;
