/** mysql2 pools: its lists by length, and its tracing channel for acquisitions and how long they took. */
import { tracingChannel } from "node:diagnostics_channel";
import { field, hasFunctions, hasNumbers } from "./adapter.ts";
import { knob, raised } from "./control.ts";
import { POOL, poolAdapter } from "./pool-adapter.ts";

interface Counted {
  readonly length: number;
}

export interface MysqlPool {
  readonly config: { readonly connectionLimit: number };
  readonly _allConnections: Counted;
  readonly _freeConnections: Counted;
  readonly _connectionQueue: Counted;
  releaseConnection(connection: object): void;
}

/** The channel's context; it also holds the connection, which is left alone. */
interface Acquisition {
  readonly error?: unknown;
}

export const mysqlPool = poolAdapter<MysqlPool>({
  source: "mysql2",
  counts: [POOL.acquired],
  recognises: (thing): thing is MysqlPool =>
    hasFunctions(thing, "getConnection", "releaseConnection") &&
    ["_allConnections", "_freeConnections", "_connectionQueue"].every((key) => hasLength(field(thing, key))) &&
    typeof field(thing, "config") === "object",
  options: (pool) => pool.config,
  shown: ["connectionLimit", "maxIdle", "idleTimeout", "queueLimit", "waitForConnections"],
  read: (pool) => {
    const idle = pool._freeConnections.length;
    return [pool._allConnections.length - idle, idle, pool._connectionQueue.length, pool.config.connectionLimit || NaN];
  },
  watch: (pool, { guard, sink, now }) => {
    const target = new WeakRef(pool);
    const channel = tracingChannel<Acquisition>("mysql2:pool:connect");
    const begun = new WeakMap<Acquisition, { readonly at: number; readonly weight: number }>();
    // The channel is of the process and does not name the pool. While it starts, an acquisition takes a free connection, adds one, or
    // joins the queue: this number grows by one in its own pool and in no other.
    const weight = (): number => {
      const own = target.deref();
      return own === undefined ? NaN : own._allConnections.length + own._connectionQueue.length - own._freeConnections.length;
    };
    const subscribers = {
      start: guard.wrap((call: Acquisition) => void begun.set(call, { at: now(), weight: weight() })),
      end: guard.wrap((call: Acquisition) => {
        if (begun.get(call)?.weight !== weight() - 1) begun.delete(call);
      }),
      asyncStart: guard.wrap((call: Acquisition) => {
        const own = begun.get(call);
        if (own === undefined || call.error !== undefined) return;
        sink.count(POOL.acquired);
        sink.outcome(true, now() - own.at);
      }),
      asyncEnd: () => undefined,
      error: () => undefined,
    };
    channel.subscribe(subscribers);
    return {
      release: () => {
        channel.unsubscribe(subscribers);
      },
    };
  },
  knobs: {
    max: knob("config.connectionLimit"),
    idleTimeoutMs: knob("config.idleTimeout"),
    queueLimit: knob("config.queueLimit"),
  },
  note: "A lower max closes no connection that is idle or in use. The idle time counts only in a pool that was made with maxIdle below its limit.",
  // Given back a connection that is not its own, the pool serves one of those who wait.
  pump: (pool, before, after) => {
    for (let left = Math.min(raised("max", before, after), pool._connectionQueue.length); left > 0; left--) pool.releaseConnection({});
  },
});

function hasLength(list: unknown): boolean {
  return typeof list === "object" && list !== null && hasNumbers(list, "length");
}
