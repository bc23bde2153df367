/** What a shedder knows about the event loop, passed in so that tests own it. */
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { Disposer } from "../types.ts";

/** The event loop since it was last read. */
export interface LoopReading {
  /** Share of time it was busy. */
  readonly eluPermille: number;
  /** How late it ran what was due, in the worst hundredth. A mean hides the pauses. */
  readonly delayP99Ms: number;
  readonly delayMeanMs: number;
}

export interface LoopSignals {
  read(): LoopReading;
  /** Hours since the epoch: who is shed first changes with them, in all processes at once. */
  hour(): number;
  /** Calls again and again, never holding the process open. */
  every(ms: number, call: () => void): Disposer;
  stop(): void;
}

const RESOLUTION_MS = 10;
const HOUR_MS = 3_600_000;

export function nodeSignals(): LoopSignals {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let last = performance.eventLoopUtilization();
  // The histogram counts the resolution itself as delay, and knows nothing before its first value.
  const late = (ns: number): number => (delay.count === 0 ? 0 : Math.max(0, ns / 1e6 - RESOLUTION_MS));
  return {
    read: () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, last);
      last = now;
      const reading = { eluPermille: utilization * 1_000, delayP99Ms: late(delay.percentile(99)), delayMeanMs: late(delay.mean) };
      delay.reset();
      return reading;
    },
    hour: () => Math.floor(Date.now() / HOUR_MS),
    every: (ms, call) => {
      const timer = setInterval(call, ms);
      timer.unref();
      return () => clearInterval(timer);
    },
    stop: () => void delay.disable(),
  };
}
