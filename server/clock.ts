/** Time as the server sees it. Passed in wherever a decision depends on it, so that tests move it by hand. */

/** A timer that was started; cancelling it twice, or after it ran, does nothing. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall clock, milliseconds since the epoch. May jump. */
  now(): number;
  /** Milliseconds that only grow; for durations and deadlines. */
  monotonic(): number;
  /** Runs once after `ms`. */
  setTimeout(run: () => void, ms: number): Timer;
  /** Runs every `ms`; a run that is late is not made up for. */
  setInterval(run: () => void, ms: number): Timer;
}

/** The machine's clock. Its timers do not hold the process open: sockets and servers do. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => {
    const timer = setTimeout(run, ms).unref();
    return { cancel: () => clearTimeout(timer) };
  },
  setInterval: (run, ms) => {
    const timer = setInterval(run, ms).unref();
    return { cancel: () => clearInterval(timer) };
  },
};
