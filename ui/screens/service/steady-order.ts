/** Worst first, without jitter: a new ranking is taken only when it has held. */
export interface SteadyOrder {
  /** What is shown. */
  readonly shown: readonly string[];
  /** A different ranking and since when it holds; null when the shown one is right. */
  readonly waiting: { readonly order: readonly string[]; readonly since: number } | null;
}

export const HOLD_MS = 5000;

export function steadyOrder(before: SteadyOrder | null, ranked: readonly string[], now: number): SteadyOrder {
  if (before === null) return { shown: ranked, waiting: null };
  const present = new Set(ranked);
  const known = new Set(before.shown);
  // Newcomers go to the end at once, and what has gone leaves at once: neither moves what is being read.
  const kept = [...before.shown.filter((id) => present.has(id)), ...ranked.filter((id) => !known.has(id))];
  if (same(kept, ranked)) return same(kept, before.shown) && before.waiting === null ? before : { shown: kept, waiting: null };
  const since = before.waiting !== null && same(before.waiting.order, ranked) ? before.waiting.since : now;
  if (now - since >= HOLD_MS) return { shown: ranked, waiting: null };
  if (before.waiting?.since === since && same(kept, before.shown)) return before;
  return { shown: kept, waiting: { order: ranked, since } };
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
