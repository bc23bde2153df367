/** What can go wrong in the shop, by name. Each failure is a set of faults in services, a surge of visitors or a lost instance. */
import type { Role } from "./shop-plan.ts";

/** One thing wrong inside a service process. */
export type Fault =
  /** Everything behind the service's connections takes this much longer. */
  | { readonly kind: "latency"; readonly ms: number }
  /** Every request is answered 503; with a path, those beneath it. */
  | { readonly kind: "refuse"; readonly path?: string }
  /** A runaway job keeps all database connections for itself. */
  | { readonly kind: "hold-connections" }
  /** Each job of the outbox takes this long. */
  | { readonly kind: "slow-jobs"; readonly ms: number };

export interface Failure {
  readonly title: string;
  /** Where to look, for the person who asked for it. */
  readonly watch: string;
  /** How long it lasts when nobody says. */
  readonly seconds: number;
  readonly faults?: Readonly<Partial<Record<Role, readonly Fault[]>>>;
  /** Multiplies the visitors. */
  readonly surge?: number;
  /** Requests a second of one client that asks without end. */
  readonly scraper?: number;
  /** An instance that dies and stays away. */
  readonly lost?: string;
}

export const FAILURES = {
  "payments-slow": {
    title: "Payments answer slowly",
    watch: "The payments breaker of orders opens; checkouts are kept and paid later.",
    seconds: 60,
    faults: { payments: [{ kind: "latency", ms: 4_000 }] },
  },
  "pool-exhausted": {
    title: "A report job holds every catalog database connection",
    watch: "Pool catalog-db of catalog is full with callers waiting; products come from the cache and may be stale.",
    seconds: 45,
    faults: { catalog: [{ kind: "hold-connections" }] },
  },
  "queue-backlog": {
    title: "The mail provider is slow and the orders outbox fills",
    watch: "Queue outbox of orders grows, then drains when the provider is back.",
    seconds: 60,
    faults: { orders: [{ kind: "slow-jobs", ms: 6_000 }] },
  },
  "search-down": {
    title: "Search is down",
    watch: "The search breaker of both storefronts opens; visitors browse by category.",
    seconds: 45,
    faults: { search: [{ kind: "refuse" }] },
  },
  "flash-sale": {
    title: "A flash sale brings a crowd",
    watch: "The storefronts shed low requests first, then medium; checkouts are never shed.",
    seconds: 45,
    surge: 4,
    // Everybody looks at the same few things: their rows are contended.
    faults: { catalog: [{ kind: "latency", ms: 40 }] },
  },
  "images-down": {
    title: "The image service is down",
    watch: "The images breaker of both storefronts opens; pictures are placeholders.",
    seconds: 45,
    faults: { images: [{ kind: "refuse" }] },
  },
  "recommendations-down": {
    title: "Recommendations are down",
    watch: "The recommendations breaker of both storefronts opens; everyone sees popular items.",
    seconds: 45,
    faults: { recommendations: [{ kind: "refuse" }] },
  },
  scraper: {
    title: "One client asks without end",
    watch: "Limiter clients of the storefronts turns that client away with 429; everybody else is served.",
    seconds: 45,
    scraper: 100,
  },
  "releases-refused": {
    title: "Inventory takes nothing back",
    watch: "Saga checkout of orders: what a declined card leaves to be undone is stuck, and is undone when inventory is back.",
    seconds: 60,
    faults: { inventory: [{ kind: "refuse", path: "/releases" }] },
  },
  "instance-lost": {
    title: "The machine of orders-2 is lost",
    watch: "orders-2 goes offline; orders-1 carries on alone, leads the housekeeping and ends what orders-2 had begun.",
    seconds: 30,
    lost: "orders-2",
  },
} as const satisfies Record<string, Failure>;

export type FailureName = keyof typeof FAILURES;
export const FAILURE_NAMES = Object.keys(FAILURES) as FailureName[];

export function isFailureName(text: string): text is FailureName {
  return Object.hasOwn(FAILURES, text);
}

/** The failure under its general type. */
export function failure(name: FailureName): Failure {
  return FAILURES[name];
}
