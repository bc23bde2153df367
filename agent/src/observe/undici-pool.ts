/** undici Pool and Client, by their `stats`. undici keeps the number of connections to itself; a host that knows it passes `settings: { connections }`. */
import { indexesOf, type Cells } from "../telemetry/columns.ts";
import type { Data } from "../types.ts";
import { field, hasFunctions, type Adapter } from "./adapter.ts";

const COLUMN = indexesOf("pool");

/** `stats` of a Pool; a Client has no `free` and a boolean `connected`. */
export interface UndiciStats {
  readonly connected: number | boolean;
  readonly pending: number;
  readonly running: number;
  readonly free?: number;
}

export interface UndiciPool {
  readonly stats: UndiciStats;
}

export const undiciPool: Adapter<UndiciPool> = {
  kind: "pool",
  source: "undici",
  counts: [],

  recognises: (thing): thing is UndiciPool => hasFunctions(thing, "dispatch", "request", "close") && isStats(field(thing, "stats")),

  settings: () => ({}),

  attach: (_pool, { settings }) => {
    const max = maxOf(settings);
    return { read: (thing, cells) => readStats(thing.stats, max, cells) };
  },
};

/** The number of connections as the host says it; NaN when it does not. */
export function maxOf({ connections }: Data): number {
  return typeof connections === "number" ? connections : NaN;
}

export function isStats(stats: unknown): stats is UndiciStats {
  return (
    typeof stats === "object" &&
    stats !== null &&
    typeof field(stats, "pending") === "number" &&
    typeof field(stats, "running") === "number"
  );
}

/** `running` requests stand for connections in use: the same number without pipelining. */
export function readStats(stats: UndiciStats, max: number, cells: Cells): void {
  const { connected } = stats;
  cells[COLUMN.inUse] = stats.running;
  cells[COLUMN.waiting] = stats.pending;
  if (typeof connected === "boolean") {
    cells[COLUMN.idle] = connected && stats.running === 0 ? 1 : 0;
    cells[COLUMN.max] = 1;
  } else {
    cells[COLUMN.idle] = Math.max(0, connected - stats.running);
    cells[COLUMN.max] = max;
  }
}
