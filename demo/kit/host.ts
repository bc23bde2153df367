/** A service's HTTP server: admission, the fault of refusing, routing, and errors as JSON. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Faults } from "./faults.ts";
import { HttpProblem } from "./http-problem.ts";
import { json, type Reply, type Router, type ShopRequest } from "./router.ts";

const BODY_LIMIT = 64 * 1024;
/** A connection is closed after so many requests, so that callers spread over instances again after a restart. */
const REQUESTS_PER_CONNECTION = 300;

/** Lets a request in and gives what to call at its end, or gives the answer that turns it away. */
export type Admit = (method: string, path: string) => { readonly release: () => void } | { readonly refusal: Reply };

export interface HostOptions {
  readonly instance: string;
  readonly router: Router;
  readonly faults: Faults;
  readonly admit?: Admit | undefined;
  /** Errors that nobody expected. */
  readonly log: (message: string) => void;
}

export function createHost(options: HostOptions): Server {
  const server = createServer((request, response) => {
    void serve(options, request, response);
  });
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  server.keepAliveTimeout = 30_000;
  return server;
}

async function serve(options: HostOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(`http://shop${request.url ?? "/"}`);
  const method = request.method ?? "GET";
  const admitted = options.admit?.(method, url.pathname) ?? { release: () => undefined };
  if ("refusal" in admitted) {
    send(response, admitted.refusal, options.instance);
    request.resume();
    return;
  }
  try {
    send(response, await answer(options, request, { method, url }), options.instance);
  } finally {
    admitted.release();
  }
}

async function answer(options: HostOptions, request: IncomingMessage, { method, url }: { method: string; url: URL }): Promise<Reply> {
  try {
    if (options.faults.refusing) throw new HttpProblem(503, "not serving at the moment", { "retry-after": "5" });
    const { handler, params } = options.router.match(method, url.pathname);
    const body = method === "POST" ? await readBody(request) : "";
    const shopRequest: ShopRequest = { method, path: url.pathname, params, query: url.searchParams, headers: request.headers, body };
    return await handler(shopRequest);
  } catch (error) {
    if (error instanceof HttpProblem) return json({ error: error.message }, error.status, error.headers);
    options.log(`${method} ${url.pathname}: ${error instanceof Error ? error.message : String(error)}`);
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
