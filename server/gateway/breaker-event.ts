import type { AgentEvent } from "../../protocol/agent-up.ts";
import { BREAKER_STATES } from "../../protocol/kinds.ts";

const BY_TYPE = new Map<string, string>([
  ["breaker.opened", "open"],
  ["breaker.half_opened", "half_open"],
  ["breaker.closed", "closed"],
  ["breaker.forced_open", "forced_open"],
  ["breaker.forced_closed", "forced_closed"],
  ["breaker.disabled", "disabled"],
]);

/** The state number a breaker event leads to: what its data names in `to`, else what its type says. Null for any other event. */
export function breakerStateOf(event: Pick<AgentEvent, "type" | "resource" | "data" | "at">): number | null {
  if (event.resource?.kind !== "breaker" || !event.type.startsWith("breaker.")) return null;
  const named = event.data["to"];
  const state = BREAKER_STATES.findIndex((candidate) => candidate === (typeof named === "string" ? named : BY_TYPE.get(event.type)));
  return state < 0 ? null : state;
}
