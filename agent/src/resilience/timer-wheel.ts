/**
 * One timer for everything that waits. Waiting is linking an entry into a list and ending the wait is unlinking it: nothing is allocated
 * and no clock is read. A wait is never shorter than asked, and at most two ticks longer while the event loop turns.
 * After Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (1987).
 */
export const TICK_MS = 5;
const SLOTS = 256;

/** Something that can wait, in one wheel at a time. */
export class WheelEntry {
  /** Null on both sides while it waits for nothing. */
  before: WheelEntry | null = null;
  after: WheelEntry | null = null;
  delayMs = 0.5;
  /** When the wait ends, by the wheel's clock; NaN until the first tick has seen it. */
  dueAt = NaN;

  /** The wait has ended. */
  expire(): void {
    return;
  }
}

/** Calls `tick` once, `TICK_MS` from now. Never holds the process open. */
export type Schedule = (tick: () => void) => () => void;

/** One Node timer, used again and again. Made once, so that it carries no request's async context about. */
const nodeSchedule: Schedule = (tick) => {
  const timer = setTimeout(tick, TICK_MS);
  timer.unref();
  return () => void timer.refresh();
};

function ring(): WheelEntry {
  const head = new WheelEntry();
  head.before = head;
  head.after = head;
  return head;
}

function link(head: WheelEntry, entry: WheelEntry): void {
  const last = head.before as WheelEntry;
  entry.before = last;
  entry.after = head;
  last.after = entry;
  head.before = entry;
}

export class TimerWheel {
  /** Counts ticks and starts: what happened under one number happened within a tick. */
  turn = 0;
  readonly #clock: () => number;
  readonly #again: () => void;
  readonly #slots = Array.from({ length: SLOTS }, ring);
  /** Armed since the last tick: their wait is counted from the next one, so a late tick shortens none. */
  readonly #fresh = ring();
  readonly #over = ring();
  #cursor = 0;
  #waiting = 0;
  #running = false;
  #asked = false;
  #now = NaN;

  constructor(clock: () => number, schedule: Schedule = nodeSchedule) {
    this.#clock = clock;
    this.#again = schedule(() => this.#tick());
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Waits `delayMs` from now; an earlier wait of the entry is forgotten. */
  arm(entry: WheelEntry, delayMs: number): void {
    if (entry.after !== null) this.cancel(entry);
    entry.delayMs = delayMs;
    entry.dueAt = NaN;
    link(this.#fresh, entry);
    this.#waiting++;
    if (!this.#running) this.#start();
  }

  cancel(entry: WheelEntry): void {
    const { before, after } = entry;
    if (before === null || after === null) return;
    before.after = after;
    after.before = before;
    entry.before = null;
    entry.after = null;
    this.#waiting--;
  }

  /** Milliseconds until this wait ends; one that is fresh has all of it before it. */
  left(entry: WheelEntry): number {
    return entry.dueAt >= 0 ? entry.dueAt - this.#clock() : entry.delayMs;
  }

  /** The time of the last tick while the wheel turns, else the time: cheap, monotonic, late by a tick or by what blocks the loop. */
  coarse(): number {
    this.#asked = true;
    if (!this.#running) this.#start();
    return this.#now;
  }

  #start(): void {
    this.#running = true;
    this.#now = this.#clock();
    this.#cursor = Math.floor(this.#now / TICK_MS);
    this.turn++;
    this.#again();
  }

  #tick(): void {
    const now = this.#clock();
    this.#now = now;
    this.turn++;
    const target = Math.floor(now / TICK_MS);
    // The slot of the last tick again: some of it was still to come.
    for (let i = Math.max(this.#cursor, target - SLOTS + 1); i <= target; i++) this.#sweep(i, now);
    this.#cursor = Math.max(this.#cursor, target);
    this.#place(now);
    this.#fire();
    this.#running = this.#waiting > 0 || this.#asked;
    this.#asked = false;
    if (this.#running) this.#again();
  }

  #sweep(index: number, now: number): void {
    const head = this.#slots[index % SLOTS] as WheelEntry;
    let entry = head.after as WheelEntry;
    while (entry !== head) {
      const next = entry.after as WheelEntry;
      if (entry.dueAt <= now) this.#move(entry, this.#over);
      entry = next;
    }
  }

  #place(now: number): void {
    for (let entry = this.#fresh.after as WheelEntry; entry !== this.#fresh; entry = this.#fresh.after as WheelEntry) {
      entry.dueAt = now + entry.delayMs;
      const index = Math.max(Math.floor(entry.dueAt / TICK_MS), this.#cursor);
      this.#move(entry, this.#slots[index % SLOTS] as WheelEntry);
    }
  }

  #move(entry: WheelEntry, head: WheelEntry): void {
    (entry.before as WheelEntry).after = entry.after;
    (entry.after as WheelEntry).before = entry.before;
    link(head, entry);
  }

  #fire(): void {
    for (let entry = this.#over.after as WheelEntry; entry !== this.#over; entry = this.#over.after as WheelEntry) {
      this.cancel(entry);
      try {
        entry.expire();
      } catch {
        // An entry's own mistake must not end the waits of the others, nor the host's process.
      }
    }
  }
}
