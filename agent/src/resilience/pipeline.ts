/** `pipeline`: the policies of one dependency, put together in the order the field teaches. */
import type { BreakerState } from "../../../protocol/kinds.ts";
import type { Bounds, PolicyName } from "../../../protocol/settings.ts";
import { Breaker, type BreakerOptions } from "./breaker.ts";
import { Bulkhead, type BulkheadOptions } from "./bulkhead.ts";
import type { Work } from "./call.ts";
import { FallbackChain, type FallbackOptions } from "./fallback.ts";
import { FaultInjector } from "./fault.ts";
import { race, type Hedging } from "./hedge-race.ts";
import { Hedge, type HedgeOptions } from "./hedge.ts";
import type { PolicyOptions, Setting } from "./policy-part.ts";
import { RateLimiter, type RateLimiterOptions } from "./rate-limiter.ts";
import { RetryBudget, type RetryBudgetOptions } from "./retry-budget.ts";
import { Retry, type RetryOptions } from "./retry.ts";
import type { Answers, Limits, RunOptions } from "./runner-parts.ts";
import { Runner } from "./runner.ts";
import type { Explained } from "./settings.ts";
import { surroundings, type Surroundings } from "./surroundings.ts";
import { TimeoutPolicy, type TimeoutOptions } from "./timeout.ts";

export interface PipelineOptions {
  /** Settings of its own, or one that others share. So with fallback, hedge and budget. */
  readonly limiter?: Limits | RateLimiterOptions | undefined;
  readonly timeout?: TimeoutOptions | undefined;
  readonly breaker?: BreakerOptions | undefined;
  /** Only calls that may be made twice are: say so with `idempotent`, here or for each call. */
  readonly retry?: RetryOptions | undefined;
  readonly bulkhead?: BulkheadOptions | undefined;
  readonly fallback?: Answers | FallbackOptions | undefined;
  readonly hedge?: Hedging | HedgeOptions | undefined;
  /** One's own is called after the pipeline: "payments budget". */
  readonly budget?: RetryBudget | RetryBudgetOptions | undefined;
  /** Allows the console to inject failures here. Needs one of timeout, breaker, retry or bulkhead. Default: false. */
  readonly faults?: boolean | undefined;
  readonly target?: string | undefined;
  readonly agent?: object | undefined;
  /** Limits that no remote value passes, by policy and setting. */
  readonly bounds?: { readonly [P in PolicyName]?: Bounds } | undefined;
}

export interface Pipeline {
  readonly name: string;
  /** Of its breaker; "closed" when it has none. */
  readonly state: BreakerState;
  /** Makes a call. Rejects with the call's own error, or a PolicyError; never throws. */
  readonly run: <T>(fn: Work<T>, options?: RunOptions) => Promise<T>;
  /** Value, origin and revision of every setting, by policy. */
  readonly explain: () => Readonly<Record<string, Readonly<Record<string, Explained>>>>;
  /** Takes its policies from the agent. Calls go on working. */
  readonly close: () => void;
}

const NAME_CHARS = 64;

/**
 * Outside in: fallback, rate limiter, total timeout, retry, hedge, circuit breaker, bulkhead, attempt timeout. The breaker is asked before
 * every attempt and learns of its outcome, so retries end when the circuit opens; a slot of the bulkhead is held for one attempt.
 */
export function pipeline(name: string, options: PipelineOptions = {}): Pipeline {
  return pipelineIn(surroundings(), name, options);
}

/** As `pipeline`, in a world of one's own. */
export function pipelineIn(world: Surroundings, name: string, options: PipelineOptions): Pipeline {
  if (name === "" || name.length > NAME_CHARS) throw new TypeError(`holdfast: a pipeline's name has 1 to ${NAME_CHARS} characters`);
  const { target, agent } = options;
  const steered = [options.timeout, options.breaker, options.retry, options.bulkhead].some((policy) => policy !== undefined);
  if (options.faults === true && !steered) throw new TypeError("holdfast: faults need a timeout, breaker, retry or bulkhead beside them");
  const faults = options.faults === true ? new FaultInjector(name, { world, target, agent }) : null;
  const inject: Setting["inject"] = faults === null ? null : (values, revision) => faults.set(values, revision);
  const own: { readonly as: string; readonly explain: () => Readonly<Record<string, Explained>>; readonly close: () => void }[] = [];

  function make<O extends PolicyOptions, P>(
    policy: PolicyName,
    given: O | undefined,
    Policy: new (name: string, options: O, setting: Setting) => P & { explain(): Readonly<Record<string, Explained>>; close(): void },
  ): P | null {
    if (given === undefined) return null;
    const bounds = given.bounds ?? options.bounds?.[policy];
    const setting: Setting = {
      world,
      target: given.target ?? target,
      agent: given.agent ?? agent,
      inject: policy === "budget" ? null : inject,
    };
    const made = new Policy(policy === "budget" ? `${name.slice(0, NAME_CHARS - 7)} budget` : name, { ...given, bounds }, setting);
    own.push({ as: policy, explain: () => made.explain(), close: () => made.close() });
    return made;
  }

  const timeout = make<TimeoutOptions, TimeoutPolicy>("timeout", options.timeout, TimeoutPolicy);
  const breaker = make<BreakerOptions, Breaker>("breaker", options.breaker, Breaker);
  const bulkhead = make<BulkheadOptions, Bulkhead>("bulkhead", options.bulkhead, Bulkhead);
  const limiter = isMade(options.limiter, "tryAcquire")
    ? options.limiter
    : make<RateLimiterOptions, RateLimiter>("limiter", options.limiter, RateLimiter);
  const fallback = isMade(options.fallback, "answer")
    ? options.fallback
    : make<FallbackOptions, FallbackChain>("fallback", options.fallback, FallbackChain);
  const hedge = isMade(options.hedge, "delayMs") ? options.hedge : make<HedgeOptions, Hedge>("hedge", options.hedge, Hedge);
  const spends = options.retry !== undefined || hedge !== null;
  const budget = isMade(options.budget, "take")
    ? options.budget
    : make<RetryBudgetOptions, RetryBudget>("budget", spends ? (options.budget ?? {}) : undefined, RetryBudget);
  const retry =
    options.retry === undefined || budget === null
      ? null
      : make<RetryOptions & { readonly budget: RetryBudget }, Retry>("retry", { ...options.retry, budget }, Retry);
  const outside = { name, world, limiter, timeout, retry, fallback, faults };
  const inside = { name, world, timeout, breaker, bulkhead, faults };

  return {
    name,
    get state() {
      return breaker?.state ?? "closed";
    },
    run: hedge === null ? direct(new Runner({ ...outside, ...inside })) : hedged(),
    explain: () => Object.fromEntries(own.map(({ as, explain }) => [as, explain()])),
    close: () => {
      for (const part of own) part.close();
      faults?.close();
    },
  };

  function direct(runner: Runner): Pipeline["run"] {
    return (fn, given) => runner.run(fn, given);
  }

  /** Each hedge is a call of its own to the breaker and the bulkhead. */
  function hedged(): Pipeline["run"] {
    const inner = new Runner({ ...inside, times: "attempt" });
    const outer = new Runner({ ...outside, times: "total" });
    const call = direct(inner);
    const parts = { run: call, hedge: hedge as Hedging, budget, wheel: world.wheel };
    return (fn, given = {}) => {
      // With a retry, it is the retry that counts the call into the budget.
      if (options.retry === undefined) budget?.called();
      const twice = given.idempotent ?? options.retry?.idempotent ?? false;
      const { priority } = given;
      return outer.run(
        (context) => (twice ? race(parts, fn, context, { priority }) : call(fn, { priority, signal: context.signal })),
        given,
      );
    };
  }
}

/** A policy, rather than settings for one. */
function isMade<T extends object, M extends PropertyKey>(
  given: T | undefined,
  method: M,
): given is Extract<T, Record<M, (...args: never) => unknown>> {
  return typeof (given as Partial<Record<PropertyKey, unknown>> | undefined)?.[method] === "function";
}
