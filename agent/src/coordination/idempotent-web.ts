/** `idempotent` where requests and responses are the web's own: fetch handlers (Next, Deno, Bun, workers) and Hono. */
import { Buffer } from "node:buffer";
import type { Idempotency, IdempotentRequest, Run } from "./idempotent.ts";
import type { Answer } from "./outcome.ts";

/** What it needs of a Hono context. */
interface HonoContext {
  readonly req: { readonly raw: Request; arrayBuffer(): Promise<ArrayBuffer> };
  res: Response;
}

/** Wraps a fetch handler: `export const POST = idempotentFetch(guard, async (request) => Response.json(...))`. */
export function idempotentFetch<Rest extends readonly unknown[]>(
  guard: Idempotency,
  handler: (request: Request, ...rest: Rest) => Response | Promise<Response>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  return async (request, ...rest) => {
    const body = await request.clone().arrayBuffer();
    const verdict = await guard.begin(requestOf(request, request), new Uint8Array(body));
    if ("answer" in verdict) return responseOf(verdict.answer);
    if (!("run" in verdict)) return handler(request, ...rest);
    return finish(verdict.run, async () => handler(request, ...rest));
  };
}

/** Hono middleware: `app.post("/payments", idempotentHono(guard), pay)`. */
export function idempotentHono(guard: Idempotency): (context: HonoContext, next: () => Promise<void>) => Promise<Response | undefined> {
  return async (context, next) => {
    const verdict = await guard.begin(requestOf(context.req.raw, context), new Uint8Array(await context.req.arrayBuffer()));
    if ("answer" in verdict) return responseOf(verdict.answer);
    if (!("run" in verdict)) {
      await next();
      return undefined;
    }
    context.res = await finish(verdict.run, async () => {
      await next();
      return context.res;
    });
    return undefined;
  };
}

function requestOf(request: Request, source: unknown): IdempotentRequest {
  const { pathname, search } = new URL(request.url);
  return { method: request.method, url: pathname + search, header: (name) => request.headers.get(name) ?? undefined, source };
}

function responseOf({ status, headers, body }: Answer): Response {
  const empty = status === 204 || status === 205 || status === 304;
  return new Response(empty ? null : new Uint8Array(body), { status, headers });
}

/** The response, once its outcome is kept: up to the limit of bytes its body is read first. */
async function finish(run: Run, handle: () => Promise<Response>): Promise<Response> {
  try {
    const response = await handle();
    const body = await head(response, run.maxBodyBytes);
    await run.finish(response.status, (name) => response.headers.get(name) ?? undefined, body);
    if (!run.keeps(response.status)) return response;
    const headers = new Headers(response.headers);
    for (const [name, value] of Object.entries(run.headers)) headers.set(name, value);
    return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
  } catch (error) {
    await run.abandon();
    throw error;
  }
}

/** All of the body, null when it is longer or has no end in sight. The response can still be read. */
async function head(response: Response, maxBytes: number): Promise<Uint8Array | null> {
  if (response.body === null) return new Uint8Array();
  if (response.headers.get("content-type")?.startsWith("text/event-stream") === true) return null;
  const reader = (response.clone().body as NonNullable<Response["body"]>).getReader();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = (await reader.read()) as { done: boolean; value?: Uint8Array };
    if (done || value === undefined) break;
    bytes += value.length;
    if (bytes > maxBytes) {
      // Answers only once the other reader is done too.
      reader.cancel().catch(() => undefined);
      return null;
    }
    parts.push(value);
  }
  return Buffer.concat(parts);
}
