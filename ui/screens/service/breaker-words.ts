import type { Status } from "../../../core/health.ts";
import type { BreakerState } from "../../../protocol/kinds.ts";

export const BREAKER_WORDS: Readonly<Record<BreakerState, string>> = {
  closed: "closed",
  half_open: "half-open",
  open: "open",
  forced_open: "forced open",
  forced_closed: "forced closed",
  disabled: "disabled",
};

/** Status of a breaker's state in the language of the console; null is not heard. */
export function statusOfState(state: BreakerState | null): Status {
  if (state === null) return "stale";
  if (state === "closed" || state === "half_open" || state === "open") return state;
  return "forced";
}
