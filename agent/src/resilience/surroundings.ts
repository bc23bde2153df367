/** What policies take from the world, passed in so that tests own time and chance. */
import { TimerWheel } from "./timer-wheel.ts";

export interface Surroundings {
  /** Milliseconds on a clock that only goes forward. */
  monoNow(): number;
  /** Evenly in [0, 1). */
  random(): number;
  readonly wheel: TimerWheel;
}

let shared: Surroundings | null = null;

/** Those of the process: one wheel for all policies. */
export function surroundings(): Surroundings {
  return (shared ??= {
    monoNow: () => performance.now(),
    random: Math.random,
    wheel: new TimerWheel(() => performance.now()),
  });
}
