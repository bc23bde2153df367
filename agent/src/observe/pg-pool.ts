/**
 * pg.Pool: getters, and one event to count acquisitions. Of its options only numbers are taken; they hold the password too. It tells
 * nobody when a caller begins to wait, so the wait is not known.
 */
import { field, hasFunctions, hasNumbers, listen, unlisten, type EmitterLike } from "./adapter.ts";
import { knob, raised } from "./control.ts";
import { POOL, poolAdapter } from "./pool-adapter.ts";

export interface PgPool extends EmitterLike {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  readonly options: { readonly max?: number };
  _pulseQueue?(): void;
}

export const pgPool = poolAdapter<PgPool>({
  source: "pg",
  counts: [POOL.acquired],
  recognises: (thing): thing is PgPool =>
    hasNumbers(thing, "totalCount", "idleCount", "waitingCount") &&
    hasFunctions(thing, "connect", "query", "on", "removeListener") &&
    typeof field(thing, "options") === "object",
  options: (pool) => pool.options,
  shown: ["max", "min", "idleTimeoutMillis", "connectionTimeoutMillis", "maxUses", "maxLifetimeSeconds"],
  read: (pool) => [pool.totalCount - pool.idleCount, pool.idleCount, pool.waitingCount, pool.options.max ?? NaN],
  watch: (pool, { guard, sink }) => {
    const listeners = { acquire: guard.wrap(() => sink.count(POOL.acquired)) };
    listen(pool, listeners);
    return { detach: (thing) => unlisten(thing, listeners) };
  },
  knobs: {
    max: knob("options.max"),
    idleTimeoutMs: knob("options.idleTimeoutMillis"),
    acquireTimeoutMs: knob("options.connectionTimeoutMillis"),
  },
  note: "A lower max closes no client that is idle or in use: idle ones go after their idle time. Time-outs hold for later calls.",
  // Each pulse admits one of those who wait.
  pump: (pool, before, after) => {
    for (let left = Math.min(raised("max", before, after), pool.waitingCount); left > 0; left--) pool._pulseQueue?.();
  },
});
