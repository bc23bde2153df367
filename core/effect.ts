/** What a change did: readings of the same instances before and after it. Pure. */
import type { EffectMeasure } from "../protocol/effect-api.ts";
import type { Kind } from "../protocol/kinds.ts";
import type { SeriesPoint } from "../protocol/api.ts";

interface Source {
  readonly measure: EffectMeasure;
  readonly kind: Kind;
  readonly column: string;
}

const from = (measure: EffectMeasure, kind: Kind, ...columns: readonly string[]): Source[] =>
  columns.map((column) => ({ measure, kind, column }));

/** Opens are events, everything else is samples. */
export const EFFECT_SOURCES: readonly Source[] = [
  ...from("requests", "server", "requests"),
  ...from("errors", "server", "errors"),
  ...from("shed", "shedder", "shedLow", "shedMedium", "shedHigh", "shedCritical"),
  ...from("shed", "limiter", "limited"),
  ...from("rejected", "breaker", "rejected"),
  ...from("rejected", "bulkhead", "rejected"),
  ...from("queued", "queue", "depth"),
  ...from("waiting", "pool", "waiting"),
  ...from("waiting", "bulkhead", "waiting"),
];
export const EFFECT_COLUMNS: readonly string[] = [...new Set(EFFECT_SOURCES.map(({ column }) => column))];

/** What one series says: [from, low or rate, high or rate] a step. */
interface EffectSeries {
  readonly kind: Kind;
  readonly column: string;
  readonly points: readonly (readonly [number, number | null, number | null] | SeriesPoint)[];
}

/** The mean of each measure over the steps, added up over series. A measure that no series has is absent. */
export function meanOf(series: readonly EffectSeries[]): ReadonlyMap<EffectMeasure, number> {
  const sums = new Map<EffectMeasure, number>();
  for (const { kind, column, points } of series) {
    const source = EFFECT_SOURCES.find((one) => one.kind === kind && one.column === column);
    if (source === undefined) continue;
    let sum = 0;
    let steps = 0;
    for (const [, low, high] of points) {
      if (low === null) continue;
      sum += (low + (high ?? low)) / 2;
      steps++;
    }
    if (steps > 0) sums.set(source.measure, (sums.get(source.measure) ?? 0) + sum / steps);
  }
  return sums;
}

/** The value at or above which the rest lies; null for none. @param sorted ascending @param quantile 0 to 1 */
export function quantileOf(sorted: readonly number[], quantile: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.ceil(quantile * sorted.length) - 1)] ?? null;
}
