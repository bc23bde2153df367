/** Where a queue is heading at its present rates. */
export type QueueOutlook =
  | { readonly kind: "fills"; readonly ms: number }
  | { readonly kind: "drains"; readonly ms: number }
  | { readonly kind: "full" }
  | { readonly kind: "grows" }
  | { readonly kind: "steady" }
  | { readonly kind: "empty" }
  | { readonly kind: "unknown" };

export interface QueueFlow {
  readonly depth: number | null;
  /** Null or 0: unbounded, or not told. */
  readonly capacity: number | null;
  readonly inPerSecond: number | null;
  readonly outPerSecond: number | null;
}

/** Slower than one item in twenty seconds is noise, not a direction. */
const STILL = 0.05;
/** A forecast beyond an hour says nothing that "steady" does not. */
const HORIZON_MS = 3_600_000;

export function queueOutlook({ depth, capacity, inPerSecond, outPerSecond }: QueueFlow): QueueOutlook {
  if (depth === null) return { kind: "unknown" };
  const bounded = capacity !== null && capacity > 0;
  if (bounded && depth >= capacity) return { kind: "full" };
  if (inPerSecond === null || outPerSecond === null) return depth === 0 ? { kind: "empty" } : { kind: "unknown" };
  const slope = inPerSecond - outPerSecond;
  if (slope > STILL) {
    if (!bounded) return { kind: "grows" };
    const ms = ((capacity - depth) / slope) * 1000;
    return ms > HORIZON_MS ? { kind: "steady" } : { kind: "fills", ms };
  }
  if (depth === 0) return { kind: "empty" };
  if (slope < -STILL) {
    const ms = (depth / -slope) * 1000;
    return ms > HORIZON_MS ? { kind: "steady" } : { kind: "drains", ms };
  }
  return { kind: "steady" };
}
