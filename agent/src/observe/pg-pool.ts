/** pg.Pool: getters, and one event to count acquisitions. Of its options only numbers are taken; they hold the password too. */
import { indexesOf } from "../telemetry/columns.ts";
import { field, hasFunctions, hasNumbers, listen, plainSettings, unlisten, type Adapter, type EmitterLike } from "./adapter.ts";

const COLUMN = indexesOf("pool");
const SETTINGS = ["max", "min", "idleTimeoutMillis", "connectionTimeoutMillis", "maxUses", "maxLifetimeSeconds"];

export interface PgPool extends EmitterLike {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  readonly options: { readonly max?: number };
}

export const pgPool: Adapter<PgPool> = {
  kind: "pool",
  source: "pg",
  counts: [COLUMN.acquired],

  recognises: (thing): thing is PgPool =>
    hasNumbers(thing, "totalCount", "idleCount", "waitingCount") &&
    hasFunctions(thing, "connect", "query", "on", "removeListener") &&
    typeof field(thing, "options") === "object",

  settings: (pool) => plainSettings(pool.options, SETTINGS),

  attach: (pool, { guard, sink }) => {
    const listeners = { acquire: guard.wrap(() => sink.count(COLUMN.acquired)) };
    listen(pool, listeners);
    return {
      read: (thing, cells) => {
        const idle = thing.idleCount;
        cells[COLUMN.inUse] = thing.totalCount - idle;
        cells[COLUMN.idle] = idle;
        cells[COLUMN.waiting] = thing.waitingCount;
        cells[COLUMN.max] = thing.options.max ?? NaN;
      },
      detach: (thing) => unlisten(thing, listeners),
    };
  },
};
