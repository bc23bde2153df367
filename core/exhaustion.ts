/** When a pool will be full if it goes on like this. Pure. */
export interface UsePoint {
  readonly at: number;
  readonly inUse: number;
}

export type PoolOutlook =
  { readonly kind: "full" } | { readonly kind: "fills"; readonly ms: number } | { readonly kind: "steady" } | { readonly kind: "unknown" };

/** Fewer seconds than this show no direction. */
const POINTS_LEAST = 10;
/** A line that explains less than half of the movement is no direction. */
const FIT_LEAST = 0.5;
/** A forecast beyond an hour says nothing that "steady" does not. */
const HORIZON_MS = 3_600_000;

/** By the line of least squares through the points, oldest first; from where it stands at the last of them. */
export function poolOutlook(points: readonly UsePoint[], max: number | null): PoolOutlook {
  const last = points.at(-1);
  if (last === undefined || max === null || max <= 0) return { kind: "unknown" };
  if (last.inUse >= max) return { kind: "full" };
  if (points.length < POINTS_LEAST) return { kind: "unknown" };
  const meanAt = points.reduce((sum, { at }) => sum + at, 0) / points.length;
  const mean = points.reduce((sum, { inUse }) => sum + inUse, 0) / points.length;
  let both = 0;
  let time = 0;
  let use = 0;
  for (const { at, inUse } of points) {
    both += (at - meanAt) * (inUse - mean);
    time += (at - meanAt) ** 2;
    use += (inUse - mean) ** 2;
  }
  if (both <= 0 || both ** 2 < FIT_LEAST * time * use) return { kind: "steady" };
  const slope = both / time;
  const ms = Math.max(0, (max - (mean + slope * (last.at - meanAt))) / slope);
  return ms > HORIZON_MS ? { kind: "steady" } : { kind: "fills", ms };
}
