import type { Surroundings } from "../../../../agent/src/resilience/surroundings.ts";
import { TICK_MS, TimerWheel } from "../../../../agent/src/resilience/timer-wheel.ts";

/** Time that passes only when told, and chance that is what the test says. */
export class World implements Surroundings {
  now = 1_000;
  /** What `random` answers, by turns. */
  chance: number[] = [0];
  #turn = 0;
  #tick: () => void = () => undefined;
  #tickAt = Infinity;
  readonly wheel = new TimerWheel(
    () => this.now,
    (tick) => {
      this.#tick = tick;
      return () => {
        this.#tickAt = this.now + TICK_MS;
      };
    },
  );

  monoNow(): number {
    return this.now;
  }

  random(): number {
    return this.chance[this.#turn++ % this.chance.length] as number;
  }

  /** Lets time pass, with every tick on time, and what hangs on each tick done before the next. */
  async advance(ms: number): Promise<void> {
    await settled();
    const target = this.now + ms;
    while (this.#tickAt <= target) {
      this.now = this.#tickAt;
      this.#tickAt = Infinity;
      this.#tick();
      await settled();
    }
    this.now = target;
    await settled();
  }

  /** Lets time pass while the event loop is blocked: ticks come late, all at once. */
  block(ms: number): void {
    this.now += ms;
    if (this.#tickAt > this.now) return;
    this.#tickAt = Infinity;
    this.#tick();
  }
}

/** Promises that can settle now have settled. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 12; i++) await Promise.resolve();
}

/** A promise held by its ends. */
export function deferred<T = unknown>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((ok, err) => {
    resolve = ok;
    reject = err;
  });
  return { promise, resolve, reject };
}

/** How a promise ended, told without waiting: undefined while it has not. */
export function outcome<T>(promise: Promise<T>): { value?: T; error?: { code?: string; message: string }; done: boolean } {
  const told: { value?: T; error?: { code?: string; message: string }; done: boolean } = { done: false };
  promise.then(
    (value) => Object.assign(told, { value, done: true }),
    (error: unknown) => Object.assign(told, { error, done: true }),
  );
  return told;
}
