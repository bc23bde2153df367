/** tarn 3 (of knex: `knex.client.pool`): getters, and events that tell the wait exactly. */
import { hasFunctions, hasNumbers, listen, unlisten, type EmitterLike } from "./adapter.ts";
import { knob, raised } from "./control.ts";
import { POOL, poolAdapter } from "./pool-adapter.ts";

/** Waits timed at once; a wait beyond this is not timed. */
const MAX_TIMED = 10_000;

export interface TarnPool extends EmitterLike {
  readonly max: number;
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
  _tryAcquireOrCreate?(): void;
}

export const tarn = poolAdapter<TarnPool>({
  source: "tarn",
  counts: [POOL.acquired, POOL.timeouts],
  recognises: (thing): thing is TarnPool =>
    hasFunctions(thing, "numUsed", "numFree", "numPendingAcquires", "acquire", "on", "removeListener") && hasNumbers(thing, "max"),
  options: (pool) => pool,
  shown: ["min", "max", "acquireTimeoutMillis", "createTimeoutMillis", "idleTimeoutMillis"],
  read: (pool) => [pool.numUsed(), pool.numFree(), pool.numPendingAcquires(), pool.max],
  watch: (pool, { guard, sink, now }) => {
    const since = new Map<number, number>();
    const listeners = {
      acquireRequest: guard.wrap((id: number) => {
        if (since.size < MAX_TIMED) since.set(id, now());
      }),
      acquireSuccess: guard.wrap((id: number) => {
        sink.count(POOL.acquired);
        sink.outcome(true, now() - (since.get(id) ?? NaN));
        since.delete(id);
      }),
      acquireFail: guard.wrap((id: number, error: unknown) => {
        since.delete(id);
        if (error instanceof Error && error.constructor.name === "TimeoutError") sink.count(POOL.timeouts);
      }),
    };
    listen(pool, listeners);
    return { detach: (thing) => unlisten(thing, listeners) };
  },
  knobs: {
    max: knob("max"),
    idleTimeoutMs: knob("idleTimeoutMillis"),
    acquireTimeoutMs: knob("acquireTimeoutMillis", { low: 1 }),
  },
  note: "A lower max closes no resource that is free or in use: free ones go after their idle time. Time-outs hold for later calls.",
  // Each call creates one resource for one of those who wait.
  pump: (pool, before, after) => {
    for (let left = Math.min(raised("max", before, after), pool.numPendingAcquires()); left > 0; left--) pool._tryAcquireOrCreate?.();
  },
});
