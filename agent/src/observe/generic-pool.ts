/** generic-pool 3: getters only, nothing in its path. */
import { hasFunctions, hasNumbers } from "./adapter.ts";
import { knob } from "./control.ts";
import { poolAdapter } from "./pool-adapter.ts";

export interface GenericPool {
  readonly size: number;
  readonly available: number;
  readonly borrowed: number;
  readonly pending: number;
  readonly max: number;
  readonly min: number;
  _dispense?(): void;
}

export const genericPool = poolAdapter<GenericPool>({
  source: "generic-pool",
  recognises: (thing): thing is GenericPool =>
    hasNumbers(thing, "size", "available", "borrowed", "pending", "max") && hasFunctions(thing, "acquire", "release"),
  options: (pool) => pool,
  shown: ["min", "max"],
  read: (pool) => [pool.borrowed, pool.available, pool.pending, pool.max],
  knobs: {
    max: knob("_config.max"),
    idleTimeoutMs: knob("_config.idleTimeoutMillis", { low: 1 }),
    acquireTimeoutMs: knob("_config.acquireTimeoutMillis", { none: undefined }),
    queueLimit: knob("_config.maxWaitingClients", { none: undefined }),
  },
  note: "A lower max closes nothing that is idle or in use: the pool shrinks as its evictor removes idle resources, if it runs one. Time-outs hold for later calls.",
  pump: (pool) => pool._dispense?.(),
});
