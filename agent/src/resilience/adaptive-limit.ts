/**
 * How many calls at once are healthy, found from their latency: Netflix's Gradient2, calibrated once a window, with a baseline that a long
 * incident cannot drag along. What is slow with few in flight is slow by itself and moves the baseline; what is slow with many in flight
 * may be our own doing and moves it by at most a doubling an hour.
 */
export interface LimitSettings {
  readonly minLimit: number;
  readonly maxLimit: number;
  /** Latency that is too high whatever the baseline says; 0: none is. */
  readonly maxLatencyMs: number;
}

/** Latency this many times the baseline is still normal. */
const TOLERANCE = 1.5;
/** Share of a new limit that is taken over at once. */
const SMOOTHING = 0.5;
/** The limit is not cut faster than this in one window. */
const MIN_GRADIENT = 0.5;
/** First windows, of which the baseline is the plain mean. */
const WARM_UP = 10;
const RISE = 1 / 30;
const FALL = 1 / 10;
/** By so much the baseline may rise in a window while many are in flight: it doubles in an hour of seconds. */
const DRIFT = Math.LN2 / 3_600;
const START = 200;

export class AdaptiveLimit {
  /** Latency that counts as healthy, in milliseconds; NaN before the first window with calls. */
  baselineMs = NaN;
  #limit = NaN;
  #windows = 0;

  /** Calls at once, a whole number. */
  get limit(): number {
    return Math.round(this.#limit);
  }

  constructor(settings: LimitSettings) {
    this.clamp(settings, START);
  }

  /** Settings changed: only the limit is brought within them. */
  clamp({ minLimit, maxLimit }: LimitSettings, limit = this.#limit): void {
    this.#limit = Math.min(maxLimit, Math.max(minLimit, limit));
  }

  /**
   * A window has passed. `latencyMs`: mean of the calls that ended in it, NaN when none did; `peak`: most in flight in it. The limit grows
   * only when it was near to being used, because else nothing is learnt about more.
   */
  calibrate(latencyMs: number, peak: number, settings: LimitSettings): void {
    if (!(latencyMs >= 0)) return;
    const { maxLatencyMs } = settings;
    const unused = peak < this.#limit / 2;
    const tooSlow = maxLatencyMs > 0 && latencyMs > maxLatencyMs;
    if (!tooSlow) this.#learn(latencyMs, unused);
    const healthyMs = Math.max(this.baselineMs, Number.MIN_VALUE) * TOLERANCE;
    const trend = latencyMs > 0 && healthyMs >= 0 ? Math.min(1, healthyMs / latencyMs) : 1;
    const gradient = Math.max(MIN_GRADIENT, tooSlow ? Math.min(trend, maxLatencyMs / latencyMs) : trend);
    if (unused && !tooSlow) return;
    const next = tooSlow ? this.#limit * gradient : this.#limit * gradient + Math.sqrt(this.#limit);
    this.clamp(settings, this.#limit + (next - this.#limit) * SMOOTHING);
  }

  #learn(latencyMs: number, unused: boolean): void {
    const baseline = this.baselineMs;
    if (++this.#windows <= WARM_UP || !(baseline >= 0)) {
      this.baselineMs = baseline >= 0 ? baseline + (latencyMs - baseline) / this.#windows : latencyMs;
    } else if (latencyMs < baseline) {
      this.baselineMs = baseline + (latencyMs - baseline) * FALL;
    } else {
      const rise = (latencyMs - baseline) * RISE;
      this.baselineMs = baseline + (unused ? rise : Math.min(rise, baseline * DRIFT));
    }
  }
}
