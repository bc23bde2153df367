/** Outcomes a breaker judges by: of the last while, or of the last calls. Recording touches a few integers and allocates nothing. */
export interface OutcomeWindow {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  record(now: number, failed: boolean, slow: boolean): void;
  /** Forgets what has left the window. */
  turn(now: number): void;
  clear(now: number): void;
}

const BUCKETS = 10;
const FIELDS = 3;

/** Ten buckets in a ring. Idle time empties them too, also when no call came to turn the ring. */
export class TimeWindow implements OutcomeWindow {
  calls = 0;
  failures = 0;
  slow = 0;
  readonly #cells = new Int32Array(BUCKETS * FIELDS);
  readonly #bucketMs: number;
  #at = 0;
  #endsAt: number;

  constructor(windowMs: number, now: number) {
    this.#bucketMs = windowMs / BUCKETS;
    this.#endsAt = now + this.#bucketMs;
  }

  record(now: number, failed: boolean, slow: boolean): void {
    if (now >= this.#endsAt) this.turn(now);
    const cells = this.#cells;
    const at = this.#at;
    this.calls++;
    cells[at] = (cells[at] as number) + 1;
    if (failed) {
      this.failures++;
      cells[at + 1] = (cells[at + 1] as number) + 1;
    }
    if (slow) {
      this.slow++;
      cells[at + 2] = (cells[at + 2] as number) + 1;
    }
  }

  /** A failure without a call: what a budget spends. */
  spend(now: number): void {
    this.turn(now);
    this.failures++;
    this.#cells[this.#at + 1] = (this.#cells[this.#at + 1] as number) + 1;
  }

  turn(now: number): void {
    if (now < this.#endsAt) return;
    const passed = Math.floor((now - this.#endsAt) / this.#bucketMs) + 1;
    this.#endsAt += passed * this.#bucketMs;
    const cells = this.#cells;
    for (let i = Math.min(passed, BUCKETS); i > 0; i--) {
      const at = (this.#at + FIELDS) % cells.length;
      this.calls -= cells[at] as number;
      this.failures -= cells[at + 1] as number;
      this.slow -= cells[at + 2] as number;
      cells.fill(0, at, at + FIELDS);
      this.#at = at;
    }
  }

  clear(now: number): void {
    this.turn(now);
    this.#cells.fill(0);
    this.calls = this.failures = this.slow = 0;
  }
}

const FAILED = 1;
const SLOW = 2;

/** The last so many calls. */
export class CountWindow implements OutcomeWindow {
  calls = 0;
  failures = 0;
  slow = 0;
  readonly #outcomes: Uint8Array;
  #next = 0;

  constructor(calls: number) {
    this.#outcomes = new Uint8Array(calls);
  }

  record(_now: number, failed: boolean, slow: boolean): void {
    const outcomes = this.#outcomes;
    if (this.calls === outcomes.length) {
      const oldest = outcomes[this.#next] as number;
      if ((oldest & FAILED) !== 0) this.failures--;
      if ((oldest & SLOW) !== 0) this.slow--;
    } else this.calls++;
    outcomes[this.#next] = (failed ? FAILED : 0) | (slow ? SLOW : 0);
    if (failed) this.failures++;
    if (slow) this.slow++;
    this.#next = this.#next + 1 === outcomes.length ? 0 : this.#next + 1;
  }

  /** Time empties nothing here. */
  turn(): void {
    return;
  }

  clear(): void {
    this.calls = this.failures = this.slow = this.#next = 0;
  }
}
