/**
 * The policies of a pipeline as one path, because a promise and a closure for each of them would cost ten times what they do.
 *
 * Outside in: fallback, rate limiter, total timeout, retry, circuit breaker, bulkhead, attempt timeout. The breaker is asked before each
 * attempt and learns of each attempt's outcome, so a retry stops as soon as the circuit opens, and a call that is retried to success has
 * still told of its failures.
 */
import { Ambient } from "./ambient.ts";
import type { Breaker } from "./breaker.ts";
import { laneOf, type Bulkhead } from "./bulkhead.ts";
import { Attempt, BACKING_OFF, CallPool, isThenable, QUEUED, RUNNING, timeoutError, type Call, type Mover, type Work } from "./call.ts";
import { PolicyError } from "./errors.ts";
import type { FaultInjector } from "./fault.ts";
import type { Retry } from "./retry.ts";
import type { Answers, Limits, RunnerParts, RunOptions } from "./runner-parts.ts";
import { sleep } from "./sleep.ts";
import type { Surroundings } from "./surroundings.ts";
import type { TimeoutPolicy } from "./timeout.ts";

const NO_OPTIONS: RunOptions = Object.freeze({});

export class Runner implements Mover {
  readonly #name: string;
  readonly #world: Surroundings;
  readonly #limiter: Limits | null;
  readonly #timeout: TimeoutPolicy | null;
  readonly #attempts: boolean;
  readonly #totals: boolean;
  readonly #breaker: Breaker | null;
  readonly #retry: Retry | null;
  readonly #bulkhead: Bulkhead | null;
  readonly #fallback: Answers | null;
  readonly #faults: FaultInjector | null;
  readonly #pool = new CallPool(this);
  readonly #ambient: Ambient;

  constructor(parts: RunnerParts) {
    const times = parts.times ?? "both";
    this.#name = parts.name;
    this.#world = parts.world;
    this.#ambient = new Ambient(parts.world.wheel);
    this.#limiter = parts.limiter ?? null;
    this.#timeout = parts.timeout ?? null;
    this.#attempts = times !== "total";
    this.#totals = times !== "attempt";
    this.#breaker = parts.breaker ?? null;
    this.#retry = parts.retry ?? null;
    this.#bulkhead = parts.bulkhead ?? null;
    this.#fallback = parts.fallback ?? null;
    this.#faults = parts.faults ?? null;
  }

  /** Never throws: what `fn` throws at once rejects as well. */
  run<T>(fn: Work<T>, options: RunOptions = NO_OPTIONS): Promise<T> {
    const { signal, key } = options;
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    if (this.#fallback?.forced === true) return this.#answer(new PolicyError("forced", this.#name), key);
    if (this.#limiter !== null) {
      const wait = this.#limiter.tryAcquire(key);
      if (wait > 0) return this.#answer(new PolicyError("rate_limited", this.#name, wait), key);
    }
    if (this.#faults?.active === true && this.#totals && this.#faults.rejects())
      return this.#answer(new PolicyError("fault_rejected", this.#name), key);

    const timeout = this.#timeout;
    let totalMs = Infinity;
    let hurried = false;
    let lane: number | undefined;
    if (this.#totals) {
      const ambient = this.#ambient.call();
      const deadline = Math.min(options.deadline ?? Infinity, ambient === undefined ? Infinity : ambient.deadlineAt);
      if (timeout !== null) {
        timeout.calls++;
        totalMs = timeout.totalMs;
      }
      if (deadline !== Infinity) {
        const left = deadline - this.#world.monoNow();
        if (left <= 0) {
          if (timeout !== null) timeout.refused++;
          return this.#answer(new PolicyError("deadline_exceeded", this.#name), key);
        }
        hurried = left < totalMs;
        if (hurried) totalMs = left;
      }
      lane = ambient?.priority;
    }

    const breaker = this.#breaker;
    const permit = breaker === null ? 0 : breaker.begin();
    if (breaker !== null && permit === 0) return this.#fallback === null ? breaker.refusal() : this.#answer(breaker.error, key);

    const call = this.#pool.take();
    const promise = call.promise<T>();
    call.fn = fn;
    call.key = key;
    call.permit = permit;
    call.totalMs = totalMs;
    call.hurried = hurried;
    call.priority = options.priority === undefined ? (lane ?? 1) : laneOf(options.priority);
    if (signal !== undefined) {
      call.signal = signal;
      signal.addEventListener("abort", call);
    }
    const retry = this.#retry;
    if (retry !== null) {
      retry.called();
      call.idempotent = options.idempotent ?? retry.idempotent;
      // Another attempt, and the answer of a fallback, run in the async context of the caller.
      if (call.idempotent) call.remember();
    }
    if (this.#fallback !== null) call.remember();

    const bulkhead = this.#bulkhead;
    if (bulkhead === null || bulkhead.begin()) this.#launch(call, totalMs);
    else this.#enqueue(call);
    return promise;
  }

  succeeded(call: Call, value: unknown): void {
    this.#world.wheel.cancel(call);
    call.context?.end();
    this.#breaker?.end(call.permit, true, this.#took(call));
    const { resolve, key } = call;
    this.#finish(call, true);
    if (this.#fallback !== null) this.#store(value, key);
    resolve(value);
    this.#bulkhead?.end();
  }

  failed(call: Call, error: unknown): void {
    const breaker = this.#breaker;
    call.context?.end();
    if (breaker !== null) breaker.end(call.permit, !breaker.failedBy(error), this.#took(call));
    this.#attemptOver(call, error);
    this.#bulkhead?.end();
  }

  expired(call: Call): void {
    if (call.phase === BACKING_OFF) this.#again(call);
    else if (call.phase === QUEUED) this.#waitedInVain(call);
    else if (this.#timeout === null || this.#timeout.fired(call.last ? "total" : "attempt")) this.#giveUp(call);
    else if (!call.last) {
      // Shadow mode: the attempt goes on, the total time is still to be watched.
      const left = this.#left(call);
      call.last = true;
      if (left !== Infinity) this.#world.wheel.arm(call, Math.max(0, left));
    }
  }

  granted(call: Call): void {
    this.#world.wheel.cancel(call);
    const breaker = this.#breaker;
    if (breaker !== null) {
      call.permit = breaker.begin();
      if (call.permit === 0) {
        this.#bulkhead?.end();
        this.#fail(call, breaker.error);
        return;
      }
    }
    this.#launchLater(call);
  }

  displaced(call: Call): void {
    this.#world.wheel.cancel(call);
    this.#fail(call, (this.#bulkhead as Bulkhead).error);
  }

  /** Nobody waits for the answer any more: no policy judges it, no fallback is asked. */
  aborted(call: Call): void {
    this.#world.wheel.cancel(call);
    const { context, phase, reject } = call;
    const reason: unknown = call.signal?.reason;
    if (phase === QUEUED) this.#bulkhead?.leave(call);
    if (phase === RUNNING) {
      this.#breaker?.cancel(call.permit);
      call.abandon();
    }
    this.#finish(call, true);
    reject(reason);
    if (phase !== RUNNING) return;
    context?.abort(reason);
    this.#bulkhead?.end();
  }

  deadlineOf(call: Call): number {
    return call.after === null ? Infinity : this.#world.monoNow() + this.#world.wheel.left(call);
  }

  #launch(call: Call, leftMs: number): void {
    const context = new Attempt(call, ++call.attempt);
    call.context = context;
    call.phase = RUNNING;
    const attemptMs = this.#timeout !== null && this.#attempts ? this.#timeout.attemptMs : Infinity;
    call.last = leftMs <= attemptMs;
    const limit = call.last ? leftMs : attemptMs;
    if (limit !== Infinity) this.#world.wheel.arm(call, limit);
    if (this.#breaker?.timed === true) call.beganAt = this.#world.monoNow();
    try {
      const result: unknown =
        this.#faults?.active === true && this.#attempts ? this.#faulty(this.#faults, call.fn, context) : call.fn(context);
      if (!(result instanceof Promise) && !isThenable(result)) {
        if (call.context === context) this.succeeded(call, result);
        return;
      }
      const promise = result instanceof Promise ? result : Promise.resolve(result);
      // The call may have been given up while `fn` ran: what comes of it then reaches nobody.
      if (call.context === context) promise.then(call.landing.ok, call.landing.err);
      else promise.catch(() => undefined);
    } catch (error) {
      if (call.context === context) this.failed(call, error);
    }
  }

  async #faulty(faults: FaultInjector, fn: Work<unknown>, context: Attempt): Promise<unknown> {
    const delayMs = faults.delayMs();
    if (delayMs > 0) await sleep(this.#world.wheel, delayMs);
    if (faults.fails()) throw new PolicyError("fault_error", this.#name);
    return context.over ? undefined : fn(context);
  }

  /** In the async context of the caller. */
  #launchLater(call: Call): void {
    const left = this.#left(call);
    if (call.scope === null) this.#launch(call, left);
    else call.scope.runInAsyncScope(() => this.#launch(call, left));
  }

  #enqueue(call: Call): void {
    const bulkhead = this.#bulkhead as Bulkhead;
    this.#breaker?.cancel(call.permit);
    if (!bulkhead.enter(call)) {
      this.#fail(call, bulkhead.error);
      return;
    }
    call.remember();
    const left = this.#left(call);
    call.phase = QUEUED;
    call.last = left <= bulkhead.maxWaitMs;
    this.#world.wheel.arm(call, Math.min(left, bulkhead.maxWaitMs));
  }

  #waitedInVain(call: Call): void {
    const bulkhead = this.#bulkhead as Bulkhead;
    bulkhead.leave(call);
    bulkhead.reject();
    if (call.last) this.#timeout?.fired("total");
    this.#fail(call, call.last ? timeoutError(this.#name, true, call.hurried) : bulkhead.waitError);
  }

  /** The attempt took too long, or the whole call. */
  #giveUp(call: Call): void {
    const breaker = this.#breaker;
    const { context, last, hurried } = call;
    const error = timeoutError(this.#name, last, hurried);
    call.abandon();
    if (breaker !== null && last && hurried) {
      // A caller in a hurry says nothing about the far side.
      breaker.cancel(call.permit);
    } else if (breaker !== null) {
      breaker.timedOut();
      breaker.end(call.permit, false, this.#took(call));
    }
    this.#attemptOver(call, error);
    context?.abort(error);
    this.#bulkhead?.end();
  }

  #attemptOver(call: Call, error: unknown): void {
    const delay = this.#retryDelay(call, error);
    this.#world.wheel.cancel(call);
    if (delay < 0) {
      this.#fail(call, error);
      return;
    }
    call.context = null;
    call.phase = BACKING_OFF;
    call.error = error;
    this.#world.wheel.arm(call, delay);
  }

  #retryDelay(call: Call, error: unknown): number {
    const retry = this.#retry;
    if (retry === null || (this.#breaker !== null && !this.#breaker.allows)) return -1;
    return retry.delay(error, call.attempt, { idempotent: call.idempotent, leftMs: this.#left(call) });
  }

  #again(call: Call): void {
    const breaker = this.#breaker;
    if (breaker !== null) {
      call.permit = breaker.begin();
      if (call.permit === 0) {
        this.#fail(call, call.error);
        return;
      }
    }
    if (this.#bulkhead === null || this.#bulkhead.begin()) this.#launchLater(call);
    else this.#enqueue(call);
  }

  /** Milliseconds until the whole call ends. Asked before a first wait is replaced: that wait knows when the call began. */
  #left(call: Call): number {
    if (call.totalMs === Infinity) return Infinity;
    const now = this.#world.monoNow();
    if (!(call.totalAt >= 0)) call.totalAt = (call.dueAt >= 0 ? call.dueAt - call.delayMs : now) + call.totalMs;
    return call.totalAt - now;
  }

  #took(call: Call): number {
    if (!(call.beganAt >= 0)) return 0;
    const ms = this.#world.monoNow() - call.beganAt;
    call.beganAt = NaN;
    this.#breaker?.took(ms);
    return ms;
  }

  #fail(call: Call, error: unknown): void {
    const { resolve, reject, scope, key } = call;
    this.#finish(call, false);
    if (this.#fallback === null) reject(error);
    else if (scope === null) resolve(this.#answer(error, key));
    else resolve(scope.runInAsyncScope(() => this.#answer(error, key)));
  }

  async #answer<T>(error: unknown, key: string | undefined): Promise<T> {
    const fallback = this.#fallback;
    if (fallback === null) throw error;
    const answer = await (fallback.answer(error, key) as T | Promise<T>);
    if (this.#breaker !== null) this.#breaker.fallbacks++;
    return answer;
  }

  #store(value: unknown, key: string | undefined): void {
    try {
      this.#fallback?.store(value, key);
    } catch {
      // A value that cannot be kept is still the answer.
    }
  }

  #finish(call: Call, ok: boolean): void {
    if (this.#faults?.active === true && this.#totals) this.#faults.ended(ok);
    call.signal?.removeEventListener("abort", call);
    this.#pool.give(call);
  }
}
