/** `idempotent` for node:http, Express and Fastify: all three write to a response of node:http. */
import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { capture, send } from "./capture-response.ts";
import type { Idempotency, IdempotentRequest } from "./idempotent.ts";
import { answerOf } from "./outcome.ts";

interface Parsed {
  readonly originalUrl?: string | undefined;
  readonly body?: unknown;
}

/** What it needs of a Fastify reply. */
interface FastifyReply {
  readonly raw: ServerResponse;
  code(status: number): unknown;
  headers(values: Record<string, string>): unknown;
  send(body: Uint8Array): unknown;
}

function requestOf(request: IncomingMessage, source: Parsed = request as Parsed): IdempotentRequest {
  return {
    method: request.method ?? "",
    url: source.originalUrl ?? request.url ?? "",
    header: (name) => request.headers[name]?.toString(),
    source,
  };
}

/** A parsed body as text. @throws TypeError when there is a body and nobody parsed it: without it, any two requests would look the same. */
function bodyOf(guard: Idempotency, request: IncomingMessage, body: unknown): string | Uint8Array {
  if (typeof body === "string" || body instanceof Uint8Array) return body;
  if (body !== undefined && body !== null) return JSON.stringify(body);
  const { headers } = request;
  const unread = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  if (unread && guard.needsBody && body === undefined) {
    throw new TypeError("holdfast idempotent: mount it after the body parser, or give it a fingerprint");
  }
  return "";
}

/**
 * A listener for node:http. It reads the request's body, up to `maxRequestBytes` (1 MB, then 413), and hands it on.
 * `createServer(idempotentNode(guard, (request, response, body) => ...))`
 */
export function idempotentNode(
  guard: Idempotency,
  handler: (request: IncomingMessage, response: ServerResponse, body: Buffer) => unknown,
  { maxRequestBytes = 1_048_576 }: { readonly maxRequestBytes?: number | undefined } = {},
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const body = await read(request, maxRequestBytes);
    if (body === null) return;
    if (body === "long") {
      send(response, answerOf(413, "The request is too large", {}));
      return;
    }
    const verdict = await guard.begin(requestOf(request), body).catch(() => ({ answer: answerOf(500, "Internal error", {}) }));
    if ("answer" in verdict) {
      send(response, verdict.answer);
      return;
    }
    if ("run" in verdict) capture(response, verdict.run);
    try {
      await handler(request, response, body);
    } catch (error) {
      if ("run" in verdict && !response.headersSent) await verdict.run.abandon();
      throw error;
    }
  };
}

/** Null: the client went away. */
async function read(request: IncomingMessage, maxBytes: number): Promise<Buffer | "long" | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of request) {
      bytes += (part as Buffer).length;
      if (bytes <= maxBytes) parts.push(part as Buffer);
      else parts.length = 0;
    }
  } catch {
    return null;
  }
  return bytes > maxBytes ? "long" : Buffer.concat(parts);
}

/** Express middleware. Mount it after the body parser and after who calls is known. */
export function idempotentExpress(
  guard: Idempotency,
): (request: IncomingMessage & Parsed, response: ServerResponse, next: (error?: unknown) => void) => void {
  return (request, response, next) => {
    const begin = async (): Promise<void> => {
      const verdict = await guard.begin(requestOf(request, request), bodyOf(guard, request, request.body));
      if ("answer" in verdict) {
        send(response, verdict.answer);
        return;
      }
      if ("run" in verdict) capture(response, verdict.run);
      next();
    };
    begin().catch(next);
  };
}

/** Fastify `preHandler` hook, of a route or of all: `app.post("/payments", { preHandler: idempotentFastify(guard) }, pay)`. */
export function idempotentFastify(
  guard: Idempotency,
): (request: Parsed & { readonly raw: IncomingMessage }, reply: FastifyReply) => Promise<unknown> {
  return async (request, reply) => {
    const verdict = await guard.begin(requestOf(request.raw, request), bodyOf(guard, request.raw, request.body));
    if ("answer" in verdict) {
      const { status, headers, body } = verdict.answer;
      reply.code(status);
      reply.headers({ ...headers });
      return reply.send(body);
    }
    if ("run" in verdict) capture(reply.raw, verdict.run);
    return undefined;
  };
}
