/** A token bucket: at most `burst` at once and `perSecond` after. Keeps the agent inside the limits the console enforces. */
export class Rate {
  readonly #burst: number;
  readonly #perMs: number;
  #tokens: number;
  #at: number;

  constructor(burst: number, perSecond: number, now: number) {
    this.#burst = burst;
    this.#perMs = perSecond / 1000;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Whole tokens there are now. */
  available(now: number): number {
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, now - this.#at) * this.#perMs);
    this.#at = now;
    return Math.floor(this.#tokens);
  }

  spend(tokens: number): void {
    this.#tokens -= tokens;
  }
}
