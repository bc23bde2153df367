/** A service's HTTP server: its door, the fault of refusing, routing, and errors as JSON. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { idempotentNode, type Idempotency } from "@holdfast/agent/coordination";
import { wrapHandler, type GuardOptions } from "@holdfast/agent/http";
import type { Faults } from "./faults.ts";
import { HttpProblem, problemOf } from "./http-problem.ts";
import { json, type Reply, type Router, type ShopRequest } from "./router.ts";

const BODY_LIMIT = 64 * 1024;
/** A connection is closed after so many requests, so that callers spread over instances again after a restart. */
const REQUESTS_PER_CONNECTION = 300;

export interface HostOptions {
  readonly instance: string;
  readonly router: Router;
  readonly faults: Faults;
  /** Default: takes the deadline and the priority that callers send. */
  readonly guard?: GuardOptions<IncomingMessage> | undefined;
  readonly idempotency?: Idempotency | undefined;
  /** Errors that nobody expected. */
  readonly log: (message: string) => void;
}

export function createHost(options: HostOptions): Server {
  const { idempotency, guard = {} } = options;
  const plain = async (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    send(response, await answer(options, request, () => readBody(request)), options.instance);
  const once =
    idempotency === undefined
      ? plain
      : idempotentNode(
          idempotency,
          async (request, response, body) => send(response, await answer(options, request, () => body.toString("utf8")), options.instance),
          { maxRequestBytes: BODY_LIMIT },
        );
  const server = createServer(wrapHandler(once, guard));
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  server.keepAliveTimeout = 30_000;
  return server;
}

/** Never rejects: every error is an answer. */
async function answer(options: HostOptions, request: IncomingMessage, bodyOf: () => Promise<string> | string): Promise<Reply> {
  const { method = "GET", url = "/" } = request;
  try {
    const { pathname, searchParams } = new URL(`http://shop${url}`);
    if (options.faults.refuses(pathname)) throw new HttpProblem(503, "not serving at the moment", { "retry-after": "5" });
    const { handler, params } = options.router.match(method, pathname);
    const body = method === "POST" ? await bodyOf() : "";
    const shopRequest: ShopRequest = { method, path: pathname, params, query: searchParams, headers: request.headers, body };
    return await handler(shopRequest);
  } catch (error) {
    const problem = problemOf(error);
    if (problem !== undefined) return json({ error: problem.message }, problem.status, problem.headers);
    options.log(`${method} ${url}: ${error instanceof Error ? error.message : String(error)}`);
    return json({ error: "something went wrong" }, 500);
  }
}

function send(response: ServerResponse, reply: Reply, instance: string): void {
  response.writeHead(reply.status, {
    "content-type": reply.type,
    "content-length": Buffer.byteLength(reply.body),
    "x-content-type-options": "nosniff",
    "x-served-by": instance,
    ...reply.headers,
  });
  response.end(reply.body);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new HttpProblem(413, "the body is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
