import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Principal } from "./principal.ts";
import { hashToken } from "./token-format.ts";

export const TICKET_VALID_MS = 30_000;
const TICKETS_MOST = 10_000;

export interface IssuedTicket {
  readonly ticket: string;
  readonly expiresAt: number;
  /** Our clock. */
  readonly now: number;
}

/** One-use tickets for the browser socket: a browser cannot send a header there, and a cookie alone would open it to other sites. */
export class Tickets {
  readonly #clock: Clock;
  readonly #open = new Map<string, { readonly principal: Principal; readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(principal: Principal): IssuedTicket {
    this.#sweep();
    const ticket = randomBytes(32).toString("base64url");
    this.#open.set(hashToken(ticket), { principal, until: this.#clock.monotonic() + TICKET_VALID_MS });
    const now = this.#clock.now();
    return { ticket, expiresAt: now + TICKET_VALID_MS, now };
  }

  /** Spends it. */
  redeem(ticket: string): Principal | null {
    const key = hashToken(ticket);
    const held = this.#open.get(key);
    this.#open.delete(key);
    return held && this.#clock.monotonic() < held.until ? held.principal : null;
  }

  #sweep(): void {
    const now = this.#clock.monotonic();
    for (const [key, { until }] of this.#open) {
      if (now < until && this.#open.size < TICKETS_MOST) return;
      this.#open.delete(key);
    }
  }
}
