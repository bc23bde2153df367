/** What a call tells whoever it calls: how long it will wait and how much it matters. */
import { PolicyError } from "../resilience/errors.ts";
import { callContext } from "./context.ts";
import { DEADLINE_HEADER, millis, remainingMs } from "./deadline.ts";
import { headerText, type HeaderCarrier } from "./headers.ts";
import { writeBaggage } from "./priority.ts";

export interface OutgoingOptions {
  /** Kept back for the way there and back. Default 5 ms. */
  readonly marginMs?: number | undefined;
  /** Also tells Envoy, which then gives up at the same time. Only for calls that Envoy carries. Default false. */
  readonly envoy?: boolean | undefined;
}

/**
 * Writes the current call on a request that is about to leave. A shorter deadline that is already there stays.
 * @throws PolicyError `deadline_exceeded` when the call has no time left to be answered in.
 */
export function writeCall(headers: HeaderCarrier, { marginMs = 5, envoy = false }: OutgoingOptions = {}): void {
  const left = Math.floor(remainingMs() - marginMs);
  if (left < 1) throw deadlineExceeded();
  if (left !== Infinity)
    for (const name of envoy ? [DEADLINE_HEADER, "x-envoy-upstream-rq-timeout-ms"] : [DEADLINE_HEADER])
      headers.set(name, String(Math.min(left, millis(headers, name))));
  const { priority } = callContext();
  if (priority !== undefined) headers.set("baggage", writeBaggage(headerText(headers.get("baggage")), priority));
}

/** Nobody waits for this call any more. */
export function deadlineExceeded(): PolicyError {
  return new PolicyError("deadline_exceeded", "http");
}
