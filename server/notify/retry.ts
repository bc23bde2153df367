/** When a failed delivery is tried again, and when it is given up. */

/** A delivery is given up after so long. */
export const KEEP_TRYING_MS = 24 * 3_600_000;
/** A sink to which nothing arrived for so long is paused. */
export const PAUSE_AFTER_MS = 24 * 3_600_000;

const BASE_MS = 5_000;
/** A sink that is back hears of it within this. */
const CAP_MS = 300_000;
const LEAST_MS = 1_000;

export interface Answered {
  /** Null: there was no answer. */
  readonly code: number | null;
  readonly retryAfterMs: number | null;
}

/** Sent again it could fare better. Other refusals are about the message or the address, and stay. */
export function mayRetry({ code }: Answered): boolean {
  return code === null || code >= 500 || code === 408 || code === 425 || code === 429;
}

/**
 * Exponential backoff with full jitter, never sooner than the receiver asked for. @param failures including this one, from 1
 * @param chance from 0 to 1
 */
export function retryDelay(failures: number, { retryAfterMs }: Answered, chance: number): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(30, failures - 1));
  return Math.max(LEAST_MS, Math.round(ceiling * chance), retryAfterMs ?? 0);
}

/** `Retry-After`: seconds or a date. */
export function retryAfterOf(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, KEEP_TRYING_MS) : null;
}
