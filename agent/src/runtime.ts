/** What the agent takes from the world: clocks, timers, chance, sockets. Passed in, so that tests own time. */
import type { OpenSocket } from "./link/socket.ts";
import { openWebSocket } from "./link/ws-socket.ts";

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the epoch; may jump. */
  wallNow(): number;
  /** Milliseconds on a clock that only goes forward. */
  monoNow(): number;
  /** Calls once after `ms`. Never holds the process open. */
  after(ms: number, call: () => void): Timer;
}

export interface Runtime extends Clock {
  /** Evenly in [0, 1). */
  random(): number;
  readonly openSocket: OpenSocket;
  /** Calls once after `ms` and holds the process open until then: only for the bounded flush of close(). */
  holdFor(ms: number, call: () => void): Timer;
}

/** Beyond this a Node timer fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export function nodeRuntime(): Runtime {
  return {
    wallNow: () => Date.now(),
    monoNow: () => performance.now(),
    random: () => Math.random(),
    openSocket: openWebSocket,
    after: (ms, call) => {
      const timer = setTimeout(call, Math.min(ms, MAX_TIMER_MS));
      timer.unref();
      return { cancel: () => clearTimeout(timer) };
    },
    holdFor: (ms, call) => {
      const timer = setTimeout(call, ms);
      return { cancel: () => clearTimeout(timer) };
    },
  };
}
