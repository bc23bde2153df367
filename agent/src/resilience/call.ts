/** One call on its way through the policies, used again for the next when it is over, so that a call costs little more than its promise. */
import { AsyncResource } from "node:async_hooks";
import { Waiter } from "./bulkhead.ts";
import { PolicyError } from "./errors.ts";

/** What a call tells a function that makes it. Read `signal` only when it is of use: it is made when first read. */
export interface CallContext {
  /** Counts from 1. */
  readonly attempt: number;
  /** Aborted when the attempt is given up: by a timeout, the caller, or a hedge that won. Never after it has ended by itself. */
  readonly signal: AbortSignal;
  /** When this attempt will be given up, on the clock of performance.now(); Infinity: never. 0 once it is over. */
  readonly deadline: number;
}

export type Work<T> = (context: CallContext) => T | PromiseLike<T>;

/** Who moves calls on. */
export interface Mover {
  succeeded(call: Call, value: unknown): void;
  failed(call: Call, error: unknown): void;
  expired(call: Call): void;
  granted(call: Call): void;
  displaced(call: Call): void;
  aborted(call: Call): void;
  deadlineOf(call: Call): number;
}

export class Attempt implements CallContext {
  readonly attempt: number;
  #call: Call | null;
  #controller: AbortController | null = null;
  #reason: unknown = undefined;

  constructor(call: Call, attempt: number) {
    this.attempt = attempt;
    this.#call = call;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  get deadline(): number {
    return this.#call === null ? 0 : this.#call.mover.deadlineOf(this.#call);
  }

  get over(): boolean {
    return this.#call === null;
  }

  end(): void {
    this.#call = null;
  }

  /** Given up. Runs what the host hung on the signal. */
  abort(reason: unknown): void {
    this.#call = null;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}

/** Where the promise of an attempt lands. An attempt that was given up keeps it, so that what comes of it late reaches nobody. */
export class Landing {
  call: Call | null;
  readonly ok: (value: unknown) => void;
  readonly err: (error: unknown) => void;

  constructor(call: Call) {
    this.call = call;
    this.ok = (value) => {
      const landed = this.call;
      if (landed !== null) landed.mover.succeeded(landed, value);
    };
    this.err = (error) => {
      const landed = this.call;
      if (landed !== null) landed.mover.failed(landed, error);
    };
  }
}

export const IDLE = 0;
export const RUNNING = 1;
export const QUEUED = 2;
export const BACKING_OFF = 3;

const nobody = (): void => undefined;
const noWork: Work<unknown> = () => undefined;

let resolveOf: (value: unknown) => void;
let rejectOf: (error: unknown) => void;
/** One executor for all promises: what it is given is taken over right after. */
const capture = (resolve: (value: never) => void, reject: (error: unknown) => void): void => {
  resolveOf = resolve as (value: unknown) => void;
  rejectOf = reject;
};
const MANUAL = { requireManualDestroy: true };

export class Call extends Waiter {
  readonly mover: Mover;
  landing = new Landing(this);
  fn: Work<unknown> = noWork;
  resolve: (value: unknown) => void = nobody;
  reject: (error: unknown) => void = nobody;
  context: Attempt | null = null;
  signal: AbortSignal | null = null;
  scope: AsyncResource | null = null;
  key: string | undefined = undefined;
  error: unknown = undefined;
  phase = IDLE;
  attempt = 0;
  permit = 0;
  idempotent = false;
  /** The total time is the caller's own deadline. */
  hurried = false;
  /** The wait that is armed ends with the whole call. */
  last = false;
  totalMs = Infinity;
  /** When the whole call ends; NaN until that had to be known. */
  totalAt = NaN;
  /** When the attempt began; NaN when it is not timed. */
  beganAt = NaN;
  nextIdle: Call | null = null;

  constructor(mover: Mover) {
    super();
    this.mover = mover;
  }

  /** What the caller gets. */
  promise<T>(): Promise<T> {
    const promise = new Promise<T>(capture);
    this.resolve = resolveOf;
    this.reject = rejectOf;
    return promise;
  }

  /** Keeps the async context of the caller, for what the call does later. */
  remember(): void {
    this.scope ??= new AsyncResource("Holdfast", MANUAL);
  }

  override expire(): void {
    this.mover.expired(this);
  }

  granted(): void {
    this.mover.granted(this);
  }

  displaced(): void {
    this.mover.displaced(this);
  }

  /** The caller's signal: an EventListenerObject needs no closure. */
  handleEvent(): void {
    this.mover.aborted(this);
  }

  /** Lets go of an attempt that goes on by itself. */
  abandon(): void {
    this.landing.call = null;
    this.landing = new Landing(this);
  }

  clear(): void {
    this.fn = noWork;
    this.resolve = this.reject = nobody;
    this.context = this.signal = this.scope = null;
    this.key = this.error = undefined;
    this.phase = IDLE;
    this.attempt = 0;
    this.dueAt = this.totalAt = this.beganAt = NaN;
  }
}

/** `hurried`: the time was the caller's own. */
export function timeoutError(name: string, total: boolean, hurried: boolean): PolicyError {
  return new PolicyError(!total ? "attempt_timeout" : hurried ? "deadline_exceeded" : "total_timeout", name);
}

const MAX_IDLE = 256;

/** Calls of one runner that are over. */
export class CallPool {
  readonly #mover: Mover;
  #first: Call | null = null;
  #idle = 0;

  constructor(mover: Mover) {
    this.#mover = mover;
  }

  take(): Call {
    const call = this.#first;
    if (call === null) return new Call(this.#mover);
    this.#first = call.nextIdle;
    this.#idle--;
    call.nextIdle = null;
    return call;
  }

  give(call: Call): void {
    call.clear();
    if (this.#idle >= MAX_IDLE) return;
    call.nextIdle = this.#first;
    this.#first = call;
    this.#idle++;
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === "object" || typeof value === "function") && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}
