/** Visitors over a day that is compressed into minutes: quiet nights, a lunch hump, a higher evening hump. */

/** A shop day in real milliseconds. */
export const DAY_MS = 20 * 60_000;
/** The shop opens on the morning slope, so that a new demo is neither asleep nor full. */
const START_HOUR = 10;

/** Hour of the shop's day, 0 to 24. */
export function shopHour(elapsedMs: number): number {
  return ((((elapsedMs / DAY_MS) * 24 + START_HOUR) % 24) + 24) % 24;
}

/** Factor on the mean rate, between 0.5 and 1.6; its mean over a day is close to 1. */
export function dayFactor(elapsedMs: number): number {
  const hour = shopHour(elapsedMs);
  const hump = (at: number, width: number): number => Math.exp(-(((hour - at) / width) ** 2));
  return 0.5 + 0.65 * hump(12.5, 3.2) + 1.05 * hump(19.5, 3);
}
