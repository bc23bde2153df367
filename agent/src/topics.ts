/** What this process can listen to through `node:diagnostics_channel`. Messages are published synchronously, where it happens. */
import { channel } from "node:diagnostics_channel";
import type { BreakerState, Kind } from "../../protocol/kinds.ts";
import type { Data, SwitchChange } from "./types.ts";

/** Which agent says it. */
export interface Origin {
  readonly service: string;
  readonly instance: string;
}

/** Which policy of ours says it: told with an agent and without one. */
interface OfPolicy {
  readonly name: string;
}

/** Messages by topic. */
export interface Topics {
  "holdfast:breaker:state": OfPolicy & { readonly from: BreakerState; readonly to: BreakerState; readonly failurePermille?: number };
  "holdfast:bulkhead:rejected": OfPolicy & { readonly inUse: number; readonly waiting: number };
  /** `attempt` is the one that will be made after `delayMs`. */
  "holdfast:retry:scheduled": OfPolicy & { readonly attempt: number; readonly delayMs: number };
  "holdfast:timeout:fired": OfPolicy & { readonly scope: "attempt" | "total" };
  "holdfast:fault:injected": OfPolicy & { readonly what: string };
  /** A switch took another position. All switches of one commit are in place before the first message. */
  "holdfast:switch:change": Origin & SwitchChange;
  /** The link to the console came up or went down. */
  "holdfast:link:state": Origin & { readonly connected: boolean };
  /** Everything the agent writes into its log: `breaker.opened`, `pool.saturated`, `shed.started`, events of the host... */
  "holdfast:event": Origin & {
    readonly type: string;
    readonly resource: { readonly kind: Kind; readonly name: string } | null;
    readonly data: Data;
  };
}

export type Topic = keyof Topics;

/** Publishes when somebody listens; the message is built only then. */
export function publish<T extends Topic>(topic: T, message: () => Topics[T]): void {
  const there = channel(topic);
  if (there.hasSubscribers) there.publish(message());
}
