/** What travels with a call through this process: one store for all of it, so that a request pays for one. */
import { AsyncLocalStorage } from "node:async_hooks";

/** Index into PRIORITY_CLASSES: 0 low, 1 medium, 2 high, 3 critical. */
export type Priority = 0 | 1 | 2 | 3;

export interface CallContext {
  /** On the clock of performance.now(), so that a change of the wall clock moves nothing. Infinity: none. */
  readonly deadlineAt: number;
  /** Undefined: nobody said. */
  readonly priority: Priority | undefined;
}

const KEY = Symbol.for("@holdfast/agent:call:1");
const NO_CALL: CallContext = Object.freeze({ deadlineAt: Infinity, priority: undefined });

/** On globalThis, so that two copies of this package in one process see the same call. */
function storage(): AsyncLocalStorage<CallContext> {
  const holder = globalThis as { [KEY]?: AsyncLocalStorage<CallContext> | undefined };
  return (holder[KEY] ??= new AsyncLocalStorage());
}

/** The call this code runs for. */
export function callContext(): CallContext {
  return storage().getStore() ?? NO_CALL;
}

/** Runs `fn`, and what it awaits, for this call. */
export function runCall<T>(context: CallContext, fn: () => T): T {
  return storage().run(context, fn);
}
