/** Guards for handlers of the Fetch standard: Next's route handlers, Hono, and whatever else takes a Request and gives a Response. */
import { runCall } from "./context.ts";
import { asGuard, type Guard, type GuardOptions } from "./guard.ts";
import { webHeaders, type WebHeaders } from "./headers.ts";

/** The part of a Request a guard needs. */
export interface WebRequest {
  readonly headers: WebHeaders;
}

/** The part of Hono's context a guard needs. */
export interface HonoContextLike {
  readonly req: { readonly raw: WebRequest };
}

/** Middleware for Hono. A request counts as answered when its handler is done, not when a streamed body is out. */
export function honoGuard<Context extends HonoContextLike>(from?: GuardOptions<Context> | Guard<Context>) {
  const guard = asGuard(from);
  return (context: Context, next: () => Promise<void>): Promise<Response | undefined> =>
    visit(guard, context, context.req.raw.headers, async () => {
      await next();
      return undefined;
    });
}

/** Wraps one route handler: `export const GET = wrapRoute(handler, {...})`. What follows the request is passed on. */
export function wrapRoute<Request extends WebRequest, Rest extends readonly unknown[], Answer>(
  handler: (request: Request, ...rest: Rest) => Answer | Promise<Answer>,
  from?: GuardOptions<NoInfer<Request>> | Guard<NoInfer<Request>>,
) {
  const guard = asGuard(from);
  return (request: Request, ...rest: Rest): Promise<Answer | Response> =>
    visit(guard, request, request.headers, async () => handler(request, ...rest));
}

/** Wraps all handlers of a route file behind one guard: `export const { GET, POST } = wrapRoutes({ GET, POST }, {...})`. */
export function wrapRoutes<Request extends WebRequest, Handlers extends Readonly<Record<string, RouteHandler>>>(
  handlers: Handlers,
  from?: GuardOptions<Request> | Guard<Request>,
): Guarded<Handlers> {
  const guard = asGuard(from);
  const wrapped = Object.entries(handlers).map(([method, handler]) => [method, wrapRoute(handler as never, guard)]);
  return Object.fromEntries(wrapped) as Guarded<Handlers>;
}
export type RouteHandler = (request: never, context: never) => Response | Promise<Response>;
export type Guarded<Handlers extends Readonly<Record<string, RouteHandler>>> = {
  [Method in keyof Handlers]: (...args: Parameters<Handlers[Method]>) => Promise<Response>;
};

async function visit<Seen, Answer>(
  guard: Guard<Seen>,
  seen: Seen,
  headers: WebHeaders,
  run: () => Promise<Answer>,
): Promise<Answer | Response> {
  const entry = guard.enter(seen, webHeaders(headers));
  if ("status" in entry) return new Response(entry.body, entry);
  try {
    return await runCall(entry.context, run);
  } finally {
    entry.leave();
  }
}
