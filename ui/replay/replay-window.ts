/** Windows of the past: which one a moment lies in. The same span as the console answers for at once. */

/** Equal to REPLAY_WINDOW_MS of the protocol, whose file would bring a validator into the browser; a test compares the two. */
export const WINDOW_MS = 300_000;

/** Number of the window a moment lies in. A window holds what happened after its beginning, its end included. */
export const windowOf = (at: number): number => Math.ceil(at / WINDOW_MS) - 1;
export const windowStart = (index: number): number => index * WINDOW_MS;
export const windowEnd = (index: number): number => (index + 1) * WINDOW_MS;

/** First place in an ascending list whose value is greater than `at`. */
export function placeAfter(count: number, valueAt: (index: number) => number, at: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (valueAt(middle) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
