/**
 * Admission by the number of requests in flight: each class may use a share of the limit, so the least important goes first.
 * Critical requests are always let in.
 */
export type Priority = "low" | "medium" | "high" | "critical";

const SHARE: Readonly<Record<Priority, number>> = { low: 0.5, medium: 0.75, high: 0.9, critical: Infinity };

export class Admission {
  readonly limit: number;
  #inFlight = 0;
  #admitted = 0;
  readonly #shed: Record<Priority, number> = { low: 0, medium: 0, high: 0, critical: 0 };

  constructor(limit: number) {
    this.limit = limit;
  }

  /** What to call when the request ends (once counts), or null when it is turned away. */
  enter(priority: Priority): (() => void) | null {
    if (this.#inFlight >= this.limit * SHARE[priority]) {
      this.refuse(priority);
      return null;
    }
    this.#inFlight++;
    this.#admitted++;
    let inside = true;
    return () => {
      if (inside) this.#inFlight--;
      inside = false;
    };
  }

  /** Counts a request that was turned away for another reason than the limit. */
  refuse(priority: Priority): void {
    this.#shed[priority]++;
  }

  /** Columns of the kind `shedder`; counters since the start. */
  reading(): {
    admitted: number;
    shedLow: number;
    shedMedium: number;
    shedHigh: number;
    shedCritical: number;
    inFlight: number;
    limit: number;
  } {
    const { low, medium, high, critical } = this.#shed;
    return {
      admitted: this.#admitted,
      shedLow: low,
      shedMedium: medium,
      shedHigh: high,
      shedCritical: critical,
      inFlight: this.#inFlight,
      limit: this.limit,
    };
  }
}
