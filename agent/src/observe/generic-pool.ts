/** generic-pool 3: getters only, nothing in its path. */
import { indexesOf } from "../telemetry/columns.ts";
import { hasFunctions, hasNumbers, plainSettings, type Adapter } from "./adapter.ts";

const COLUMN = indexesOf("pool");

export interface GenericPool {
  readonly size: number;
  readonly available: number;
  readonly borrowed: number;
  readonly pending: number;
  readonly max: number;
  readonly min: number;
}

export const genericPool: Adapter<GenericPool> = {
  kind: "pool",
  source: "generic-pool",
  counts: [],

  recognises: (thing): thing is GenericPool =>
    hasNumbers(thing, "size", "available", "borrowed", "pending", "max") && hasFunctions(thing, "acquire", "release"),

  settings: (pool) => plainSettings(pool, ["min", "max"]),

  attach: () => ({
    read: (pool, cells) => {
      cells[COLUMN.inUse] = pool.borrowed;
      cells[COLUMN.idle] = pool.available;
      cells[COLUMN.waiting] = pool.pending;
      cells[COLUMN.max] = pool.max;
    },
    detach: () => undefined,
  }),
};
