/** Each policy by itself, with a `run` of its own. */
import { Breaker, type BreakerOptions } from "./breaker.ts";
import { Bulkhead, type BulkheadOptions } from "./bulkhead.ts";
import type { Work } from "./call.ts";
import { RetryBudget, type RetryBudgetOptions } from "./retry-budget.ts";
import { Retry, type RetryOptions } from "./retry.ts";
import type { RunnerParts, RunOptions } from "./runner-parts.ts";
import { Runner } from "./runner.ts";
import { surroundings } from "./surroundings.ts";
import { TimeoutPolicy, type TimeoutOptions } from "./timeout.ts";

export interface Runs {
  /** Makes a call under this policy. Never throws. */
  readonly run: <T>(fn: Work<T>, options?: RunOptions) => Promise<T>;
}

export type CircuitBreaker = Breaker & Runs;
export type BulkheadPolicy = Bulkhead & Runs;
export type Timeout = TimeoutPolicy & Runs;
export type RetryPolicy = Retry & Runs;

/** A policy with its own `run`. */
export function running<P extends { readonly name: string }>(policy: P, parts: Omit<RunnerParts, "name" | "world">): P & Runs {
  const runner = new Runner({ name: policy.name, world: surroundings(), ...parts });
  const run: Runs["run"] = (fn, options) => runner.run(fn, options);
  return Object.assign(policy, { run });
}

/** A circuit breaker. Beside `run` it has the inline guard `begin` and `end`, which allocate nothing. */
export function circuitBreaker(name: string, options: BreakerOptions = {}): CircuitBreaker {
  const breaker = new Breaker(name, options);
  return running(breaker, { breaker });
}

/** A bulkhead. Beside `run` it has the inline guard `begin` and `end`, which allocate nothing and do not queue. */
export function bulkhead(name: string, options: BulkheadOptions = {}): BulkheadPolicy {
  const policy = new Bulkhead(name, options);
  return running(policy, { bulkhead: policy });
}

export function timeout(name: string, options: TimeoutOptions = {}): Timeout {
  const policy = new TimeoutPolicy(name, options);
  return running(policy, { timeout: policy });
}

/** Retries calls that may be made twice, within a budget of its own or a shared one. */
export function retry(name: string, options: RetryOptions & { readonly budget?: RetryBudget } = {}): RetryPolicy {
  const budget = options.budget ?? new RetryBudget(`${name.slice(0, 57)} budget`, { agent: options.agent });
  const policy = new Retry(name, { ...options, budget });
  return running(policy, { retry: policy });
}

/** A retry budget, to be shared by policies that load the same thing. */
export function retryBudget(name: string, options: RetryBudgetOptions = {}): RetryBudget {
  return new RetryBudget(name, options);
}
