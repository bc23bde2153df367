/** What an HTTP answer means to those who decide whether to try again. */
import { retryAfterMs } from "../resilience/retry.ts";
import type { HeaderReader } from "./headers.ts";

/** An answer as an error, for policies that know failures as errors. `resilientFetch` turns it back into the answer. */
export class AnswerError extends Error {
  override readonly name = "AnswerError";
  readonly code = "HOLDFAST_ANSWER";
  readonly status: number;
  /** How long the server asks to be left alone; undefined when it did not say. */
  readonly retryAfterMs: number | undefined;
  /** Somebody on the way said there is no room: trying again makes it worse. */
  readonly overloaded: boolean;
  readonly response: unknown;

  constructor(response: AnswerLike) {
    super(`the answer has status ${response.status}`);
    this.status = response.status;
    this.retryAfterMs = retryAfterMs(response) || undefined;
    this.overloaded = response.headers.get("x-envoy-overloaded") != null || response.headers.get("x-envoy-ratelimited") != null;
    this.response = response;
  }
}

export interface AnswerLike {
  readonly status: number;
  readonly headers: HeaderReader;
}

/** 5xx, 429 (too many requests) and 408 (the server did not see the whole request in time): the service failed, not the request. */
export function isFailure(status: number): boolean {
  return status >= 500 || status === 429 || status === 408;
}
