/** Time and chance of this room; tests pass their own. */
import type { Clock } from "../runtime.ts";

export interface World extends Clock {
  /** Evenly in [0, 1). */
  random(): number;
}

export const systemWorld: World = {
  wallNow: () => Date.now(),
  monoNow: () => performance.now(),
  random: () => Math.random(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Resolves after `ms`, or as soon as the signal aborts. Never holds the process open. */
export function pause(world: World, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      timer.cancel();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = world.after(ms, end);
    if (signal?.aborted === true) end();
    else signal?.addEventListener("abort", end);
  });
}

/** A synchronous method as an asynchronous one. */
export function promised<A extends readonly unknown[], T>(call: (...args: A) => T): (...args: A) => Promise<T> {
  return (...args) => new Promise((resolve) => resolve(call(...args)));
}

/** Calls what may fail where nobody can be told. Never throws or rejects. */
export async function quietly(call: () => unknown): Promise<void> {
  try {
    await call();
  } catch {
    // What was meant to be released or renewed runs out by itself.
  }
}

/** Text of an error that fits a record or an event. */
export function textOf(error: unknown): string {
  try {
    return (error instanceof Error ? error.message : String(error)).slice(0, 500);
  } catch {
    return "unknown error";
  }
}
