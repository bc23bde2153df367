import type { Clock, Timer } from "../../server/clock.ts";

interface Pending {
  due: number;
  readonly every: number | null;
  readonly run: () => void;
}

/** A clock that stands still until it is moved; timers run in order of their due time while it moves. */
export class FakeClock implements Clock {
  #wall: number;
  #elapsed = 0;
  readonly #timers = new Set<Pending>();

  constructor(start = 1_700_000_000_000) {
    this.#wall = start;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  setTimeout(run: () => void, ms: number): Timer {
    return this.#start({ due: this.#elapsed + ms, every: null, run });
  }

  setInterval(run: () => void, ms: number): Timer {
    return this.#start({ due: this.#elapsed + ms, every: ms, run });
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Moves both clocks forward and runs what falls due on the way. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (;;) {
      let next: Pending | null = null;
      for (const timer of this.#timers) if (timer.due <= end && (next === null || timer.due < next.due)) next = timer;
      if (!next) break;
      this.#move(Math.max(0, next.due - this.#elapsed));
      if (next.every === null) this.#timers.delete(next);
      else next.due += next.every;
      next.run();
    }
    this.#move(end - this.#elapsed);
  }

  /** Moves both clocks without running timers on the way: what a stalled event loop does. Each late timer then runs once. */
  stall(ms: number): void {
    this.#move(ms);
    for (const timer of [...this.#timers].sort((a, b) => a.due - b.due)) {
      if (timer.due > this.#elapsed || !this.#timers.has(timer)) continue;
      if (timer.every === null) this.#timers.delete(timer);
      else timer.due = this.#elapsed + timer.every;
      timer.run();
    }
  }

  /** Sets the wall clock alone, as an operator or NTP would. */
  setWall(now: number): void {
    this.#wall = now;
  }

  #move(ms: number): void {
    this.#elapsed += ms;
    this.#wall += ms;
  }

  #start(timer: Pending): Timer {
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }
}

/** Waits for real work that rests on the clock: it is moved by `ms` at each turn of the event loop until the work is done. */
export async function turnedUntil<T>(work: Promise<T>, clock: FakeClock, ms = 0): Promise<T> {
  const done = { yet: false };
  const over = work.finally(() => (done.yet = true));
  while (!done.yet) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(ms);
  }
  return over;
}
