/** What a replay steps to: changes of breakers, switches, policies and instances. Pure. */

const TRANSITION =
  /^(breaker|pool|shed|shedder|switch|flip|policy|override|fault|incident|saga|leader|lock)\.|^agent\.(joined|left|started)$|^deploy$/;

export const isTransition = (type: string): boolean => TRANSITION.test(type);

/** Transitions closer together than this are one step: three instances open the same breaker within the same moment. */
const TOGETHER_MS = 500;
/** A step lands this long after: the samples that show the change come once a second. */
export const SETTLE_MS = 1000;

/** Moments to land on, ascending: a second after the last of each cluster. `times` must be ascending. */
export function landings(times: readonly number[]): readonly number[] {
  return times.filter((at, i) => (times[i + 1] ?? Infinity) - at > TOGETHER_MS).map((at) => Math.ceil(at) + SETTLE_MS);
}

/** The landing after or before a moment; null when there is none among these. */
export function landingFrom(times: readonly number[], at: number, direction: 1 | -1): number | null {
  const all = landings(times);
  return (direction === 1 ? all.find((landing) => landing > at) : all.filter((landing) => landing < at).at(-1)) ?? null;
}

export interface Cluster<T> {
  readonly at: number;
  readonly items: readonly T[];
}

/** Neighbours closer than `withinMs` as one mark, at the time of the first. `items` must be in order of time. */
export function clustered<T extends { readonly at: number }>(items: readonly T[], withinMs: number): readonly Cluster<T>[] {
  const clusters: { at: number; items: T[] }[] = [];
  for (const item of items) {
    const last = clusters.at(-1);
    if (last && item.at - last.at < withinMs) last.items.push(item);
    else clusters.push({ at: item.at, items: [item] });
  }
  return clusters;
}
