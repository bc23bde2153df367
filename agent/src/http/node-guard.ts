/** Guards for whatever hands over the request and the response of node:http: a plain server, Express 4 and 5, Connect, Nest, Fastify. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { runCall } from "./context.ts";
import { asGuard, type Guard, type GuardOptions, type Visit } from "./guard.ts";
import { nodeHeaders } from "./headers.ts";

/** The part of an IncomingMessage a guard needs. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly headers: Record<string, string | string[] | undefined>;
  emit(event: string | symbol, ...args: unknown[]): boolean;
}

/** The part of a ServerResponse a guard needs. */
export interface NodeResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
  once(event: "close", listener: () => void): unknown;
}

/** Middleware for Express 4 and 5, Connect and Nest. Put it before those that read bodies. */
export function expressGuard<Request extends NodeRequest>(from?: GuardOptions<Request> | Guard<Request>) {
  const guard = asGuard(from);
  return (request: Request, response: NodeResponse, next: () => void): void => {
    const entry = guard.enter(request, nodeHeaders(request.headers));
    if ("leave" in entry) {
      letIn(entry, { request, response }, next);
      return;
    }
    response.statusCode = entry.status;
    for (const [name, value] of Object.entries(entry.headers)) response.setHeader(name, value);
    response.end(entry.body);
  };
}

/** A request listener for node:http and node:https whose requests pass the guard first. */
export function wrapHandler<Request extends NodeRequest = IncomingMessage, Response extends NodeResponse = ServerResponse>(
  handler: (request: Request, response: Response) => unknown,
  from?: GuardOptions<NoInfer<Request>> | Guard<NoInfer<Request>>,
) {
  const middleware = expressGuard(from);
  return (request: Request, response: Response): void => middleware(request, response, () => void handler(request, response));
}

/** Goes on as the visitor's call, until the answer is out or its connection is gone. */
export function letIn(visit: Visit, io: { readonly request: NodeRequest; readonly response: NodeResponse }, next: () => void): void {
  const { request, response } = io;
  response.once("close", visit.leave);
  // Events of a body come from the socket and know no call: without this, whoever waits for the end of a body would forget it.
  if (request.method !== "GET" && request.method !== "HEAD") {
    const emit = request.emit.bind(request);
    request.emit = (...args) => runCall(visit.context, () => emit(...args));
  }
  runCall(visit.context, next);
}
