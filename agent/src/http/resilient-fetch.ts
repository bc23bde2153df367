import { isIdempotent } from "../resilience/retry.ts";
import { AnswerError, isFailure } from "./answer.ts";
import { remainingMs } from "./deadline.ts";
import { webHeaders } from "./headers.ts";
import { deadlineExceeded, writeCall, type OutgoingOptions } from "./outgoing.ts";

/** Any pipeline: what runs `fn`, perhaps several times. */
export interface PipelineLike {
  run<T>(fn: (attempt: { readonly signal: AbortSignal }) => Promise<T>, options?: RunOptions): Promise<T>;
}
interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly idempotent?: boolean | undefined;
}

export interface FetchOptions extends OutgoingOptions {
  readonly pipeline?: PipelineLike | undefined;
}

type Fetch = typeof globalThis.fetch;

/** Timers hold no more. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * A fetch that tells the server how long it will wait, fails with a PolicyError `deadline_exceeded` when no time is left, and goes
 * through a pipeline. There 5xx, 429 and 408 count as failures and `Retry-After` is kept; whoever called still gets the last answer, as with any fetch.
 * Tried again: what is safe to repeat by its method or carries an `Idempotency-Key`, unless its body is a stream.
 */
export function resilientFetch(fetch: Fetch = globalThis.fetch, options: FetchOptions = {}): Fetch {
  const { pipeline } = options;
  return async (input, init) => {
    const request = typeof input === "object" && "headers" in input ? input : undefined;
    const signal = init?.signal ?? request?.signal;
    const headers = new Headers(init?.headers ?? request?.headers);
    if (pipeline === undefined) return send();

    const body = init?.body;
    const streams = request?.body != null || (typeof body === "object" && body !== null && Symbol.asyncIterator in body);
    const idempotent = !streams && isIdempotent(init?.method ?? request?.method ?? "GET", headers);
    let failed: Response | undefined;
    try {
      const answer = await pipeline.run(
        async (attempt) => {
          discard();
          const response = await send(attempt.signal);
          if (!isFailure(response.status)) return response;
          failed = response;
          throw new AnswerError(response);
        },
        { signal, idempotent },
      );
      if (answer !== failed) discard();
      return answer;
    } catch (error) {
      if (error instanceof AnswerError && failed !== undefined && error.response === failed) return failed;
      discard();
      throw error;
    }

    /** An answer nobody will read must not keep its connection. */
    function discard(): void {
      failed?.body?.cancel().catch(() => undefined);
      failed = undefined;
    }

    /** Whoever gives up, the caller and the deadline also while the body is read. */
    async function send(attempt?: AbortSignal): Promise<Response> {
      const outgoing = new Headers(headers);
      writeCall(webHeaders(outgoing), options);
      const left = remainingMs();
      const over = left === Infinity ? undefined : AbortSignal.timeout(Math.ceil(Math.min(left, MAX_TIMER_MS)));
      const signals = [attempt, signal, over].filter((one) => one !== undefined);
      try {
        const within = signals.length > 1 ? AbortSignal.any(signals) : signals[0];
        return await fetch(input, { ...init, headers: outgoing, ...(within && { signal: within }) });
      } catch (error) {
        throw over?.aborted === true && error === over.reason ? deadlineExceeded() : error;
      }
    }
  };
}
