import type { Clock } from "../clock.ts";

export interface RateLimitOptions {
  readonly clock: Pick<Clock, "monotonic">;
  /** Tries inside the window. */
  readonly max: number;
  readonly windowMs: number;
}

const KEYS_MOST = 10_000;

/** Counts tries for each key in fixed windows. Bounded: when there are too many keys, windows that are over go first, then the oldest. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  readonly #windows = new Map<string, { readonly since: number; tries: number }>();

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** Takes one try. Answers 0 when it is allowed, else the milliseconds until the next one is. */
  take(key: string): number {
    const { clock, max, windowMs } = this.#options;
    const now = clock.monotonic();
    let window = this.#windows.get(key);
    if (!window || now - window.since >= windowMs) {
      this.#windows.delete(key);
      this.#windows.set(key, (window = { since: now, tries: 0 }));
      this.#shrink(now);
    }
    if (window.tries >= max) return windowMs - (now - window.since);
    window.tries++;
    return 0;
  }

  /** The last try was a good one: it does not count. */
  forgive(key: string): void {
    const window = this.#windows.get(key);
    if (window && window.tries > 0) window.tries--;
  }

  #shrink(now: number): void {
    if (this.#windows.size <= KEYS_MOST) return;
    for (const [key, window] of this.#windows) if (now - window.since >= this.#options.windowMs) this.#windows.delete(key);
    for (const key of this.#windows.keys()) {
      if (this.#windows.size <= KEYS_MOST) return;
      this.#windows.delete(key);
    }
  }
}
