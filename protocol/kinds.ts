/**
 * The kinds of resource and their columns: the one normal form every library is mapped to.
 *
 * Every value is a non-negative safe integer, or unknown. Units are in the name: `...Us` microseconds, `...Ms` milliseconds,
 * `...Permille` thousandths, `...Kb` 1,024 bytes. A `counter` is cumulative since the agent booted, so a lost frame loses
 * nothing; a `gauge` is the value at the moment of sampling; a `state` is an index into `states`.
 * The order of columns is the wire: append only, and bump the protocol version.
 */
export type ColumnType = "gauge" | "counter" | "state";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

const gauge = <const N extends string>(name: N) => ({ name, type: "gauge" }) as const;
const counter = <const N extends string>(name: N) => ({ name, type: "counter" }) as const;
const state = <const N extends string>(name: N) => ({ name, type: "state" }) as const;

/** Breaker states by their wire number. Forced states are an operator's; the computed state is kept beside them. */
export const BREAKER_STATES = ["closed", "half_open", "open", "forced_open", "forced_closed", "disabled"] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

/** Criticality classes, first shed first. */
export const PRIORITY_CLASSES = ["low", "medium", "high", "critical"] as const;
export type PriorityClass = (typeof PRIORITY_CLASSES)[number];

export const KINDS = {
  /** What the instance serves: its golden signals. */
  server: [counter("requests"), counter("errors"), gauge("inFlight"), gauge("p50Us"), gauge("p99Us")],
  breaker: [
    state("state"),
    counter("calls"),
    counter("failures"),
    counter("timeouts"),
    counter("rejected"),
    counter("fallbacks"),
    gauge("inFlight"),
    gauge("failurePermille"),
    gauge("p50Us"),
    gauge("p99Us"),
    gauge("nextProbeMs"),
  ],
  pool: [gauge("inUse"), gauge("idle"), gauge("waiting"), gauge("max"), counter("acquired"), counter("timeouts"), gauge("waitP99Us")],
  queue: [
    gauge("depth"),
    gauge("running"),
    gauge("concurrency"),
    gauge("capacity"),
    counter("added"),
    counter("completed"),
    counter("failed"),
    gauge("oldestMs"),
    gauge("paused"),
  ],
  limiter: [counter("allowed"), counter("limited"), gauge("level"), gauge("limit")],
  shedder: [
    counter("admitted"),
    counter("shedLow"),
    counter("shedMedium"),
    counter("shedHigh"),
    counter("shedCritical"),
    gauge("inFlight"),
    gauge("limit"),
  ],
  bulkhead: [gauge("inUse"), gauge("max"), gauge("waiting"), gauge("queueMax"), counter("rejected"), gauge("waitP99Us")],
  /** The process itself; every agent reports one, named "process". */
  process: [gauge("eluPermille"), gauge("loopP99Us"), gauge("rssKb"), gauge("heapUsedKb"), gauge("cpuPermille")],
  /** Anything else with one number. */
  gauge: [gauge("value")],
  counter: [counter("total")],
  retry: [counter("calls"), counter("retries"), counter("exhausted"), counter("denied"), gauge("budgetLeft")],
  timeout: [counter("calls"), counter("attemptTimeouts"), counter("totalTimeouts"), counter("refused")],
  /** Which tier answered. `failed`: none could. */
  fallback: [
    counter("calls"),
    counter("fresh"),
    counter("stale"),
    counter("defaults"),
    counter("messages"),
    counter("queued"),
    counter("failed"),
    gauge("staleMs"),
  ],
  hedge: [counter("calls"), counter("hedges"), counter("wins"), counter("denied")],
  deadline: [counter("requests"), counter("shortened"), counter("refused"), counter("wasted"), gauge("spentPermille")],
  idempotency: [counter("requests"), counter("stored"), counter("replays"), counter("conflicts"), counter("mismatches"), gauge("running")],
  saga: [
    counter("started"),
    counter("completed"),
    counter("compensated"),
    gauge("running"),
    gauge("compensating"),
    gauge("stuck"),
    gauge("oldestMs"),
  ],
  /** A lock or a leadership. `held` 0 or 1 here; `token` is the fencing token last held. */
  lease: [gauge("held"), gauge("token"), gauge("waiting"), gauge("heldMs"), counter("acquired"), counter("lost"), counter("takeovers")],
  /** Prepared transactions in doubt. */
  prepared: [gauge("inDoubt"), gauge("oldestMs")],
  fault: [gauge("active"), counter("delayed"), counter("failed"), counter("rejected"), counter("aborted")],
  cache: [gauge("sent"), gauge("waiting"), gauge("connected"), counter("commands"), counter("errors"), gauge("p99Us")],
  consumer: [
    gauge("lag"),
    gauge("running"),
    counter("batches"),
    counter("messages"),
    counter("errors"),
    counter("rebalances"),
    gauge("p99Us"),
  ],
  runtime: [gauge("heapTotalKb"), gauge("heapLimitKb"), gauge("externalKb"), counter("gcCount"), counter("gcUs"), gauge("gcMaxUs")],
} as const satisfies Record<string, readonly Column[]>;

export type Kind = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS) as [Kind, ...Kind[]];

/** Column names of a kind, as a union. */
export type ColumnOf<K extends Kind> = (typeof KINDS)[K][number]["name"];

/** A reading of one resource: some or all columns of its kind; a column left out or null is unknown. */
export type Reading<K extends Kind = Kind> = { readonly [C in ColumnOf<K>]?: number | null };

/** Columns of a kind in wire order. */
export function columnsOf(kind: Kind): readonly Column[] {
  return KINDS[kind];
}

/** Index of a column in its kind, or -1. */
export function columnIndex(kind: Kind, name: string): number {
  return columnsOf(kind).findIndex((column) => column.name === name);
}
