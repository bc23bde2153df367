/** What a call can be given on its way, and what the way is made of. */
import type { PriorityClass } from "../../../protocol/kinds.ts";
import type { Breaker } from "./breaker.ts";
import type { Bulkhead } from "./bulkhead.ts";
import type { FaultInjector } from "./fault.ts";
import type { Retry } from "./retry.ts";
import type { Surroundings } from "./surroundings.ts";
import type { TimeoutPolicy } from "./timeout.ts";

export interface RunOptions {
  /** Gives the call up when it aborts: the call rejects with its reason, and no policy counts it as a failure. */
  readonly signal?: AbortSignal | undefined;
  /** Lane of the queue. Default: the current request's, else medium. */
  readonly priority?: PriorityClass | undefined;
  /** May be made more than once. Default: as the retry policy says, which is false unless told. See `isIdempotent`. */
  readonly idempotent?: boolean | undefined;
  /** When the caller stops waiting, on the clock of performance.now(). The current request's counts as well; the earlier one decides. */
  readonly deadline?: number | undefined;
  /** What is limited or cached apart: a tenant, a user, the arguments. */
  readonly key?: string | undefined;
}

export interface Limits {
  /** 0: go on. Else milliseconds until it is worth coming back. */
  tryAcquire(key: string | undefined): number;
}

export interface Answers {
  /** Answers without calling. */
  readonly forced: boolean;
  /** Throws the error when it has no answer. */
  answer(error: unknown, key?: string): unknown;
  store(value: unknown, key?: string): void;
}

export interface RunnerParts {
  readonly name: string;
  readonly world: Surroundings;
  readonly limiter?: Limits | null;
  readonly timeout?: TimeoutPolicy | null;
  /** Which times this runner keeps. */
  readonly times?: "both" | "attempt" | "total";
  readonly breaker?: Breaker | null;
  readonly retry?: Retry | null;
  readonly bulkhead?: Bulkhead | null;
  readonly fallback?: Answers | null;
  readonly faults?: FaultInjector | null;
}
