/** Turns readings into transitions. Each watch belongs to one resource and says what happened as an event. */
import { BREAKER_STATES, PRIORITY_CLASSES, type BreakerState } from "../../../protocol/kinds.ts";
import { indexesOf, type Cells } from "../telemetry/columns.ts";
import type { Scalar } from "../types.ts";

export type Tell = (type: string, data: Record<string, Scalar>) => void;

export interface Watch {
  /** Sees every sample. */
  sampled(cells: Cells): void;
}

const BREAKER = indexesOf("breaker");
const POOL = indexesOf("pool");
const SHEDDER = indexesOf("shedder");
const SHED_COLUMNS = [SHEDDER.shedLow, SHEDDER.shedMedium, SHEDDER.shedHigh, SHEDDER.shedCritical];

const EVENT_OF: Readonly<Record<BreakerState, string>> = {
  closed: "breaker.closed",
  half_open: "breaker.half_opened",
  open: "breaker.opened",
  forced_open: "breaker.forced_open",
  forced_closed: "breaker.forced_closed",
  disabled: "breaker.disabled",
};

/** Until it says otherwise a breaker is closed. */
const CLOSED = 0;

/** Says each change of a breaker's state once, whether an event or a sample brought it. */
export class BreakerWatch implements Watch {
  readonly #tell: Tell;
  #state: number = CLOSED;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** The breaker says itself that it changed. */
  moved(state: number, failurePermille: number): void {
    this.#move(state, failurePermille);
  }

  sampled(cells: Cells): void {
    const state = cells[BREAKER.state] as number;
    if (!(state >= 0)) return;
    this.#move(state, cells[BREAKER.failurePermille] as number);
  }

  #move(state: number, failurePermille: number): void {
    const before = this.#state;
    this.#state = state;
    const to = BREAKER_STATES[state];
    const from = BREAKER_STATES[before];
    if (to === undefined || from === undefined || to === from) return;
    this.#tell(EVENT_OF[to], { from, to, ...(failurePermille >= 0 ? { failurePermille: Math.round(failurePermille) } : {}) });
  }
}

/** Samples in a row before a pool is called saturated, or recovered. */
const IN_A_ROW = 2;

/** Somebody waits and nothing is free, twice in a row; recovered when that has not been so, twice in a row. */
export class PoolWatch implements Watch {
  readonly #tell: Tell;
  #saturated = false;
  #against = 0;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  sampled(cells: Cells): void {
    const inUse = cells[POOL.inUse] as number;
    const waiting = cells[POOL.waiting] as number;
    const max = cells[POOL.max] as number;
    const full = max >= 0 ? inUse >= max : cells[POOL.idle] === 0;
    const now = waiting > 0 && full;
    this.#against = now === this.#saturated ? 0 : this.#against + 1;
    if (this.#against < IN_A_ROW) return;
    this.#saturated = now;
    this.#against = 0;
    const data: Record<string, Scalar> = { inUse, waiting };
    if (max >= 0) data["max"] = max;
    this.#tell(now ? "pool.saturated" : "pool.recovered", data);
  }
}

const QUIET_MS = 10_000;

/** Shedding starts when any shed counter moves, and has stopped when none has for ten seconds. */
export class ShedWatch implements Watch {
  readonly #tell: Tell;
  readonly #now: () => number;
  readonly #last = SHED_COLUMNS.map(() => NaN);
  #movedAt = 0;
  #shed = 0;
  #shedding = false;

  constructor(tell: Tell, now: () => number) {
    this.#tell = tell;
    this.#now = now;
  }

  sampled(cells: Cells): void {
    const classes: string[] = [];
    SHED_COLUMNS.forEach((column, i) => {
      const value = cells[column] as number;
      const grown = value - (this.#last[i] as number);
      // NaN on either side: the first sight of this counter, or it is unknown now.
      if (grown > 0) {
        this.#shed += grown;
        classes.push(PRIORITY_CLASSES[i] ?? "");
      }
      if (value >= 0) this.#last[i] = value;
    });
    const now = this.#now();
    if (classes.length > 0) {
      this.#movedAt = now;
      if (!this.#shedding) this.#tell("shed.started", { classes: classes.join(", ") });
      this.#shedding = true;
    } else if (this.#shedding && now - this.#movedAt >= QUIET_MS) {
      this.#shedding = false;
      this.#tell("shed.stopped", { shed: this.#shed });
      this.#shed = 0;
    }
  }
}
