/** Why a policy ended or refused a call. */
const TEXTS = {
  breaker_open: "the circuit is open",
  bulkhead_full: "no slot is free and the queue is full",
  bulkhead_wait: "no slot came free in time",
  attempt_timeout: "the attempt took too long",
  total_timeout: "the call took too long",
  deadline_exceeded: "the deadline has passed",
  rate_limited: "over the rate limit",
  shed: "shed under overload",
  forced: "an operator took it out of use",
  fault_error: "an injected failure",
  fault_rejected: "an injected rejection",
} as const;

export type PolicyErrorCode = keyof typeof TEXTS;

/**
 * Every error of a policy's own. It carries no stack, which costs more than the rest of a rejection together. One that is thrown often
 * is made once and shared: add nothing to it.
 */
export class PolicyError extends Error {
  readonly code: PolicyErrorCode;
  /** Name of the policy or pipeline. */
  readonly policy: string;
  /** Coming back earlier than this is in vain; undefined when that is not known. */
  readonly retryAfterMs: number | undefined;

  constructor(code: PolicyErrorCode, policy: string, retryAfterMs?: number) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(`${policy}: ${TEXTS[code]}`);
    Error.stackTraceLimit = limit;
    this.code = code;
    this.policy = policy;
    this.retryAfterMs = retryAfterMs;
  }
}
Object.defineProperty(PolicyError.prototype, "name", { value: "PolicyError", configurable: true, writable: true });
/** Known to every copy of this package in the process. */
const MARK = Symbol.for("@holdfast/agent:policy-error:1");
Object.defineProperty(PolicyError.prototype, MARK, { value: true });

/** True when this error says that a policy refused or ended the call, rather than the call itself failing. */
export function isPolicyError(error: unknown): error is PolicyError {
  return error instanceof Error && MARK in error;
}
