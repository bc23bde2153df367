/**
 * Deadlines: how long the caller will still wait. Within the process an absolute monotonic time; on the wire what remains, so that no two
 * clocks need agree. Whatever comes in can only shorten it.
 */
import { callContext, runCall } from "./context.ts";
import { headerText, type HeaderReader } from "./headers.ts";

/** What remains of the caller's time, in whole milliseconds. */
export const DEADLINE_HEADER = "x-holdfast-deadline-ms";
const GRPC_UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/** Milliseconds left for the current call: 0 when its time is over, Infinity when it has no deadline. */
export function remainingMs(): number {
  return Math.max(0, callContext().deadlineAt - performance.now());
}

/** Runs `fn` with at most `ms` from now. A deadline that is already nearer stays. */
export function withDeadline<T>(ms: number, fn: () => T): T {
  const call = callContext();
  return runCall({ ...call, deadlineAt: sooner(call.deadlineAt, performance.now() + ms) }, fn);
}

/** The earlier of two times. A second one that is not a number changes nothing. */
export function sooner(at: number, other: number): number {
  return other < at ? other : at;
}

/** The shortest time any header gives, in milliseconds; Infinity when none does. What cannot be read counts as absent. */
export function readDeadline(headers: HeaderReader): number {
  return Math.min(
    millis(headers, DEADLINE_HEADER),
    millis(headers, "x-envoy-expected-rq-timeout-ms"),
    shortest(headers, "grpc-timeout", grpcMillis),
  );
}

/** Whole milliseconds in a header; Infinity when it holds none. */
export function millis(headers: HeaderReader, name: string): number {
  return shortest(headers, name, (text) => (/^\d{1,12}$/.test(text) ? Number(text) : Infinity));
}

/** 1 to 8 digits and a unit: gRPC over HTTP/2, "Timeout". */
function grpcMillis(text: string): number {
  return /^\d{1,8}[HMSmun]$/.test(text) ? Number(text.slice(0, -1)) * (GRPC_UNIT_MS[text.slice(-1)] ?? Infinity) : Infinity;
}

/** A repeated header arrives as a list: its shortest counts. */
function shortest(headers: HeaderReader, name: string, parse: (text: string) => number): number {
  let least = Infinity;
  const text = headerText(headers.get(name));
  if (text === "") return least;
  for (const part of text.split(",")) least = sooner(least, parse(part.trim()));
  return least;
}
