import { asGuard, type Guard, type GuardOptions } from "./guard.ts";
import { nodeHeaders } from "./headers.ts";
import { letIn, type NodeRequest, type NodeResponse } from "./node-guard.ts";

/** The parts of Fastify a guard needs. */
export interface FastifyLike<Request> {
  addHook(name: "onRequest", hook: (request: Request, reply: FastifyReplyLike, done: () => void) => void): unknown;
}
export interface FastifyRequestLike {
  readonly raw: NodeRequest;
}
export interface FastifyReplyLike {
  readonly raw: NodeResponse;
  code(status: number): { headers(headers: Readonly<Record<string, string>>): { send(body: string): unknown } };
}

/** A plugin for Fastify: `app.register(fastifyGuard({...}))` guards every route of the instance it is registered on. */
export function fastifyGuard<Request extends FastifyRequestLike>(from?: GuardOptions<Request> | Guard<Request>) {
  const guard = asGuard(from);
  const plugin = (instance: FastifyLike<Request>, _options: unknown, done: () => void): void => {
    instance.addHook("onRequest", (request, reply, next) => {
      const entry = guard.enter(request, nodeHeaders(request.raw.headers));
      if ("leave" in entry) letIn(entry, { request: request.raw, response: reply.raw }, next);
      else reply.code(entry.status).headers(entry.headers).send(entry.body);
    });
    done();
  };
  // What fastify-plugin sets: without it the hook would guard only routes registered inside the plugin.
  return Object.assign(plugin, { [Symbol.for("skip-override")]: true as const });
}
