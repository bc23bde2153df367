/** Over the rate: `over` for a while, `persistent` once as much again was sent on top of what the limit allows. */
export type RateVerdict = "ok" | "over" | "persistent";

const WINDOW_S = 10;

/** A token bucket that averages over ten seconds. What is refused still counts, so a flood does not calm down by being ignored. */
export class RateGate {
  readonly #perMs: number;
  readonly #capacity: number;
  #level: number;
  #at: number;

  /** @param now monotonic milliseconds */
  constructor(perSecond: number, now: number) {
    this.#perMs = perSecond / 1000;
    this.#capacity = perSecond * WINDOW_S;
    this.#level = this.#capacity;
    this.#at = now;
  }

  take(cost: number, now: number): RateVerdict {
    this.#level = Math.min(this.#capacity, this.#level + (now - this.#at) * this.#perMs) - cost;
    this.#at = now;
    if (this.#level >= 0) return "ok";
    return this.#level >= -this.#capacity ? "over" : "persistent";
  }
}
