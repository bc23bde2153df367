import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { ApiError, problemOf, type ErrorCode, type ProblemExtras } from "../errors.ts";

/** Answers an upgrade request with a problem instead of 101, and ends the connection. Returns the status. */
export function refuseUpgrade(socket: Duplex, code: ErrorCode, extras: ProblemExtras = {}): number {
  const problem = problemOf(new ApiError(code, extras), randomUUID());
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${String(problem.status)} ${STATUS_CODES[problem.status] ?? ""}`,
    "Connection: close",
    "Content-Type: application/problem+json",
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    "Cache-Control: no-store",
    ...(problem.status === 401 ? ["WWW-Authenticate: Bearer"] : []),
    ...(extras.retryAfterSeconds === undefined ? [] : [`Retry-After: ${String(extras.retryAfterSeconds)}`]),
  ];
  // An answer that cannot be delivered has nobody to be reported to.
  socket.on("error", () => socket.destroy());
  if (socket.writable) socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
  else socket.destroy();
  return problem.status;
}

/** The path of a request target, without its query; null for anything but origin form. */
export function targetPath(url: string | undefined): string | null {
  if (!url?.startsWith("/")) return null;
  const query = url.indexOf("?");
  return query < 0 ? url : url.slice(0, query);
}

/** True when the client offers this subprotocol. */
export function offersSubprotocol(header: string | undefined, wanted: string): boolean {
  return (header ?? "").split(",").some((offer) => offer.trim() === wanted);
}
