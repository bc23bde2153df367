/** Visitors: requests that arrive by chance at a rate that follows the day, whatever the shop answers. */
import { randomUUID } from "node:crypto";
import { Pool } from "undici";
import type { PriorityClass } from "@holdfast/agent/http";
import { CATEGORIES, PRODUCTS, SEARCH_TERMS } from "./products.ts";
import { dayFactor } from "./day-curve.ts";
import { pickWeighted, type Random } from "./random.ts";

export interface LoadOptions {
  readonly url: string;
  /** Mean over a day. */
  readonly requestsPerSecond: number;
  readonly random: Random;
}

/** Counts by class of request since the start. */
export interface LoadCounts {
  sent: number;
  /** Answered below 500. */
  served: number;
  /** Answered 429: this client asks too often. */
  limited: number;
  /** Answered 503 with Retry-After. */
  shed: number;
  /** Any other answer of 500 or more, or none. */
  failed: number;
}

interface Visit {
  readonly priority: PriorityClass;
  readonly weight: number;
  readonly request: (random: Random) => Request;
}

interface Request {
  readonly path: string;
  readonly body?: unknown;
  /** Idempotency-Key. */
  readonly key?: string;
}

const CONNECTIONS = 120;
/** Requests on the way at a time; beyond it visitors stay away, as this process must stay small. */
const IN_FLIGHT_LIMIT = 200;
const TIMEOUT_MS = 5_000;
/** Visitors known to the recommendations. */
const VISITORS = 200;
/** Share of checkouts that are sent twice: an impatient click, an app that tries again. */
const REPEATED_SHARE = 0.05;

const oneOf = (random: Random, list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? "";
const anyProduct = (random: Random): string => PRODUCTS[Math.floor(random() * PRODUCTS.length)]?.id ?? "";
const anyVisitor = (random: Random): string => `visitor-${Math.floor(random() * VISITORS)}`;

const checkout = (random: Random): Request => ({ path: "/api/checkout", body: { items: [anyProduct(random)] }, key: randomUUID() });

const VISITS: readonly [Visit, ...Visit[]] = [
  { priority: "critical", weight: 8, request: checkout },
  { priority: "high", weight: 12, request: (random) => ({ path: "/api/cart", body: { item: anyProduct(random) } }) },
  { priority: "medium", weight: 5, request: () => ({ path: "/" }) },
  { priority: "medium", weight: 9, request: () => ({ path: "/api/home" }) },
  { priority: "medium", weight: 17, request: (random) => ({ path: `/api/products/${anyProduct(random)}` }) },
  { priority: "medium", weight: 7, request: (random) => ({ path: `/api/products?category=${oneOf(random, CATEGORIES)}` }) },
  { priority: "medium", weight: 12, request: (random) => ({ path: `/api/search?q=${oneOf(random, SEARCH_TERMS)}` }) },
  { priority: "low", weight: 12, request: (random) => ({ path: `/pictures/${anyProduct(random)}` }) },
  { priority: "low", weight: 11, request: (random) => ({ path: `/api/recommendations?visitor=${anyVisitor(random)}` }) },
  { priority: "low", weight: 7, request: (random) => ({ path: `/api/prefetch/${anyProduct(random)}` }) },
];

export class LoadGenerator {
  readonly #options: LoadOptions;
  readonly #pool: Pool;
  readonly #counts: Record<PriorityClass, LoadCounts> = { low: none(), medium: none(), high: none(), critical: none() };
  readonly #startedAt = performance.now();
  #surge = 1;
  #inFlight = 0;
  #timer: NodeJS.Timeout | null = null;
  #scraper: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#pool = new Pool(options.url, { connections: CONNECTIONS, pipelining: 1 });
  }

  start(): void {
    this.#next();
  }

  /** Multiplies the visitors; 1 is a normal day. */
  surge(factor: number): void {
    this.#surge = factor;
  }

  /** One client asks so many times a second, beside all others; 0 for none. */
  scrape(rate: number): void {
    clearInterval(this.#scraper);
    if (rate === 0) return;
    const request: Request = { path: "/api/products" };
    this.#scraper = setInterval(() => void this.#send("medium", request, "scraper"), 1_000 / rate);
  }

  /** Requests a second that are meant to arrive now. */
  get rate(): number {
    return this.#options.requestsPerSecond * dayFactor(performance.now() - this.#startedAt) * this.#surge;
  }

  get counts(): Readonly<Record<PriorityClass, Readonly<LoadCounts>>> {
    return this.#counts;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    clearInterval(this.#scraper);
    await this.#pool.destroy();
  }

  /** Gaps between arrivals are exponential: visitors do not queue up neatly. */
  #next(): void {
    if (this.#stopped) return;
    const gapMs = (-Math.log(1 - this.#options.random()) * 1_000) / this.rate;
    this.#timer = setTimeout(() => {
      void this.#visit();
      this.#next();
    }, gapMs);
  }

  async #visit(): Promise<void> {
    const { random } = this.#options;
    const { priority, request } = pickWeighted(random, VISITS);
    const made = request(random);
    const visitor = anyVisitor(random);
    await this.#send(priority, made, visitor);
    if (made.key !== undefined && random() < REPEATED_SHARE) await this.#send(priority, made, visitor);
  }

  async #send(priority: PriorityClass, { path, body, key }: Request, visitor: string): Promise<void> {
    if (this.#stopped || this.#inFlight >= IN_FLIGHT_LIMIT) return;
    const counts = this.#counts[priority];
    counts.sent++;
    this.#inFlight++;
    try {
      const answer = await this.#pool.request({
        path,
        method: body === undefined ? "GET" : "POST",
        headers: {
          cookie: `visitor=${visitor}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(key === undefined ? {} : { "idempotency-key": key }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await answer.body.dump();
      if (answer.statusCode === 429) counts.limited++;
      else if (answer.statusCode < 500) counts.served++;
      else if (answer.statusCode === 503 && answer.headers["retry-after"] !== undefined) counts.shed++;
      else counts.failed++;
    } catch {
      counts.failed++;
    } finally {
      this.#inFlight--;
    }
  }
}

function none(): LoadCounts {
  return { sent: 0, served: 0, limited: 0, shed: 0, failed: 0 };
}
