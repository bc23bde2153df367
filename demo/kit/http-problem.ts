/** An answer that is not the service's fault (4xx) or says that it cannot serve (5xx). */
import { isPolicyError, type PolicyErrorCode } from "@holdfast/agent/resilience";

export class HttpProblem extends Error {
  readonly status: number;
  /** A `retry-after` among them is kept by the retry policy of whoever called. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "HttpProblem";
    this.status = status;
    this.headers = headers;
  }

  /** Read by the retry policy: what is wrong with the request stays wrong. */
  get retryable(): boolean {
    return this.status >= 500;
  }
}

/** True for an answer that another try, or another instance, would give again. */
export function isCallersFault(error: unknown): boolean {
  return error instanceof HttpProblem && error.status < 500;
}

/** Says something about the far side: not the caller's mistakes, nor its hurry. For `isFailure` of a breaker. */
export function isFailure(error: unknown): boolean {
  return !isCallersFault(error) && !(isPolicyError(error) && error.code === "deadline_exceeded");
}

/** A tier of a fallback, for when the far side cannot answer. What is wrong with the call itself is still told to the caller. */
export function whenDown<T>(answer: () => T): (error: unknown) => T {
  return (error) => {
    if (isCallersFault(error)) throw error;
    return answer();
  };
}

const STATUS: Readonly<Partial<Record<PolicyErrorCode, number>>> = {
  rate_limited: 429,
  attempt_timeout: 504,
  total_timeout: 504,
  deadline_exceeded: 504,
};

/** What a policy refused, as an answer; undefined for any other error. */
export function problemOf(error: unknown): HttpProblem | undefined {
  if (error instanceof HttpProblem) return error;
  if (!isPolicyError(error)) return undefined;
  const seconds = Math.max(1, Math.ceil((error.retryAfterMs ?? 0) / 1_000));
  return new HttpProblem(STATUS[error.code] ?? 503, "not now, try again shortly", { "retry-after": String(seconds) });
}
