/** Whether the wall may be believed. Pure. */
import type { ConnectionState } from "../../live/live-store.ts";

/** The console speaks every second. With a look every half second the frame changes within three. */
export const STALE_MS = 2_400;

/** `waiting`: nothing was heard yet. */
export type Freshness = "waiting" | "live" | "stale";

export function freshnessOf({ state, ageMs }: { readonly state: ConnectionState; readonly ageMs: number | null }): Freshness {
  if (ageMs === null) return "waiting";
  return state === "live" && ageMs <= STALE_MS ? "live" : "stale";
}
