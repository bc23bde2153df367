/** What policies tell anybody in the process, by `node:diagnostics_channel`. Costs nothing while nobody listens. */
import { channel } from "node:diagnostics_channel";
import type { Data } from "../types.ts";

export type PolicyTopic =
  | "holdfast:breaker:state"
  | "holdfast:bulkhead:rejected"
  | "holdfast:retry:scheduled"
  | "holdfast:timeout:fired"
  | "holdfast:fault:injected"
  | "holdfast:limiter:limited"
  | "holdfast:fallback:served"
  | "holdfast:shedder:level";

/** The message is made only when somebody listens. */
export function publish(topic: PolicyTopic, message: () => Data): void {
  const there = channel(topic);
  if (there.hasSubscribers) there.publish(message());
}
