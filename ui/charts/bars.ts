/** Geometry of the horizontal bars: what part of the width each piece takes, 0 to 1. */

export type WindowPart = "ok" | "failure" | "timeout" | "rejected";

export interface CallRates {
  /** Calls a second, all outcomes; the others are parts of it. */
  readonly calls: number | null;
  /** Failed, time-outs among them. */
  readonly failures: number | null;
  readonly timeouts: number | null;
  /** Short-circuited: never reached the far side. */
  readonly rejected: number | null;
  /** Answered by the fallback: a second line, for they are failures or rejections already. */
  readonly fallbacks: number | null;
}

export interface WindowBar {
  readonly parts: readonly { readonly part: WindowPart; readonly count: number; readonly share: number }[];
  readonly fallback: { readonly count: number; readonly share: number };
  readonly total: number;
}

/** Outcomes of a window in fixed order. The parts add up to the whole even when the sources count a call in two places. */
export function windowBar(rates: CallRates, windowSeconds: number): WindowBar {
  const times = (value: number | null) => Math.max(0, (value ?? 0) * windowSeconds);
  const rejected = times(rates.rejected);
  const failures = times(rates.failures);
  const timeout = Math.min(times(rates.timeouts), failures > 0 ? failures : Infinity);
  const failure = Math.max(0, failures - timeout);
  const ok = Math.max(0, times(rates.calls) - failure - timeout - rejected);
  const total = ok + failure + timeout + rejected;
  const share = (count: number) => (total > 0 ? count / total : 0);
  const fallback = times(rates.fallbacks);
  const order: readonly [WindowPart, number][] = [
    ["ok", ok],
    ["failure", failure],
    ["timeout", timeout],
    ["rejected", rejected],
  ];
  return {
    parts: order.map(([part, count]) => ({ part, count: Math.round(count), share: share(count) })),
    fallback: { count: Math.round(fallback), share: Math.min(1, share(fallback)) },
    total: Math.round(total),
  };
}

export interface PoolBar {
  /** Ends of the pieces on a scale where 1 is the whole width. */
  readonly inUse: number;
  readonly idle: number;
  /** Where the limit stands. */
  readonly max: number;
  /** End of the waiters, drawn beyond the limit. */
  readonly waiting: number;
  readonly saturation: number | null;
}

/** A bullet bar with room beyond the limit for those who wait; at most three quarters as many waiters as the limit are drawn. */
export function poolBar(pool: {
  readonly inUse: number | null;
  readonly idle: number | null;
  readonly waiting: number | null;
  readonly max: number | null;
}): PoolBar {
  const inUse = Math.max(0, pool.inUse ?? 0);
  const limit = pool.max !== null && pool.max > 0 ? pool.max : Math.max(1, inUse + (pool.idle ?? 0));
  const room = 0.25;
  const unit = (1 - room) / limit;
  const busy = Math.min(inUse, limit) * unit;
  const idle = Math.min(limit, inUse + Math.max(0, pool.idle ?? 0)) * unit;
  const max = 1 - room;
  const waiting = pool.waiting !== null && pool.waiting > 0 ? Math.min(1, max + Math.max(0.02, (pool.waiting / limit) * room)) : max;
  return {
    inUse: busy,
    idle,
    max,
    waiting,
    saturation: pool.inUse === null || pool.max === null || pool.max === 0 ? null : inUse / pool.max,
  };
}
