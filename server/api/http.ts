import type { HttpBindings } from "@hono/node-server";
import { createRoute, type OpenAPIHono, type RouteConfig, type z } from "@hono/zod-openapi";
import type { Context, TypedResponse } from "hono";
import { problemSchema } from "../../protocol/api.ts";
import type { Caller } from "../auth/people.ts";
import type { Authenticated } from "../auth/auth.ts";
import type { Role } from "../auth/principal.ts";
import { ApiError } from "../errors.ts";

export interface ApiEnv {
  Bindings: HttpBindings;
  Variables: {
    requestId: string;
    authenticated: Authenticated | null;
    /** The body, where a route has made the bytes itself. */
    written: Uint8Array | undefined;
  };
}
export type Api = OpenAPIHono<ApiEnv>;

/** Who may call a route. `public` needs no sign-in. */
export type Access = "public" | Role;
/** How access is written in the OpenAPI document. */
export const ACCESS_KEY = "x-holdfast-role";

const problem = { description: "A problem; see docs/errors.md", content: { "application/problem+json": { schema: problemSchema } } };

/** A route that says who may call it. Routes made in any other way are refused by the guard. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- P keeps the path a literal type, from which parameters are read
export function secured<P extends string, R extends Omit<RouteConfig, "path" | "security"> & { path: P }>(access: Access, route: R) {
  return createRoute({
    ...route,
    security: access === "public" ? [] : [{ bearer: [] }, { session: [] }],
    [ACCESS_KEY]: access,
    responses: { ...route.responses, "4XX": problem, "5XX": problem },
  });
}

/** The answer of a route. */
export function answers<S extends z.ZodType>(description: string, schema: S) {
  return { description, content: { "application/json": { schema } } };
}

export function accepts<S extends z.ZodType>(schema: S) {
  return { body: { required: true, content: { "application/json": { schema } } } };
}

/** An answer whose JSON is there as bytes. */
export function answerBytes(c: Context<ApiEnv>, json: Uint8Array): Response & TypedResponse<never, 200, "json"> {
  c.set("written", json);
  return c.newResponse(null, 200, { "content-type": "application/json" }) as Response & TypedResponse<never, 200, "json">;
}

/** Who asks. Only for routes that are not public. */
export function asker(c: Context<ApiEnv>): Authenticated {
  const authenticated = c.get("authenticated");
  if (!authenticated) throw new ApiError("unauthenticated");
  return authenticated;
}

/** The address of the peer; a proxy's when there is one in between. */
export function callerOf(c: Context<ApiEnv>): Caller {
  // Without a socket beneath (an in-process call) there is no address.
  const bindings = c.env as Partial<HttpBindings> | undefined;
  return { address: bindings?.incoming?.socket.remoteAddress ?? "unknown", userAgent: c.req.header("user-agent")?.slice(0, 200) ?? null };
}
