/** The one place where requests are let in: deny by default, by the role that each route names. */
import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { identified } from "../audit/asking.ts";
import { roleCovers } from "../auth/principal.ts";
import { ApiError } from "../errors.ts";
import type { ApiDeps } from "./api-deps.ts";
import { ACCESS_KEY, callerOf, type Access, type Api, type ApiEnv } from "./http.ts";

/** Method and path, `POST /api/v1/flips/:id/revert`, to the access it needs. */
export type AccessTable = ReadonlyMap<string, Access>;

/** Reads the table off the routes, so that there is no second list to forget. */
export function accessTable(app: Api): AccessTable {
  const table = new Map<string, Access>();
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== "route") continue;
    const { method, path } = definition.route;
    const access = (definition.route as Record<string, unknown>)[ACCESS_KEY];
    if (typeof access !== "string") throw new Error(`${method} ${path} does not say who may call it`);
    table.set(`${method.toUpperCase()} ${path.replaceAll(/\{(.+?)\}/g, ":$1")}`, access as Access);
  }
  return table;
}

const WRITES = new Set(["POST", "PUT", "PATCH", "DELETE"]);

export function guard({ auth, origins }: Pick<ApiDeps, "auth" | "origins">, table: () => AccessTable): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const { method, path } = c.req;
    const wanted = matchedRoutes(c).find((route) => route.method !== "ALL");
    // HEAD is answered by GET's handler.
    const access = wanted && table().get(`${wanted.method === "HEAD" ? "GET" : wanted.method} ${wanted.path}`);
    if (access === undefined) throw methodOrPath(table(), path);

    const isWrite = WRITES.has(method);
    const sameSite = (): boolean => {
      const origin = c.req.header("origin");
      return (origin !== undefined && origins().has(origin)) || c.req.header("sec-fetch-site") === "same-origin";
    };
    // A browser always says where a write comes from; scripts do not.
    const fromBrowser = c.req.header("origin") !== undefined || c.req.header("sec-fetch-site") !== undefined;
    if (access === "public") {
      if (isWrite && fromBrowser && !sameSite()) throw new ApiError("origin_refused");
      c.set("authenticated", null);
      return next();
    }

    const authorization = c.req.header("authorization");
    const deny = async (error: ApiError, principal: Parameters<typeof auth.denied>[0]): Promise<ApiError> => {
      const cookie = auth.people.sessionCookie(c.req.header("cookie")) !== null;
      await auth.denied(principal, { method, path, code: error.code, address: callerOf(c).address, authorization, cookie });
      return error;
    };
    let authenticated;
    try {
      authenticated = await auth.authenticate({ authorization, cookie: c.req.header("cookie") });
    } catch (error) {
      throw error instanceof ApiError ? await deny(error, null) : error;
    }
    if (!authenticated) throw await deny(new ApiError("unauthenticated"), null);
    const { principal } = authenticated;
    if (!roleCovers(principal.role, access)) {
      throw await deny(
        new ApiError("forbidden", {
          detail: `This needs the role ${access}; ${principal.name} has ${principal.role}. Ask an administrator.`,
        }),
        principal,
      );
    }
    if (isWrite && authenticated.byCookie && !sameSite()) throw await deny(new ApiError("origin_refused"), principal);
    identified(principal);
    c.set("authenticated", authenticated);
    await next();
    for (const cookie of authenticated.setCookies) c.header("set-cookie", cookie, { append: true });
    return undefined;
  };
}

function methodOrPath(table: AccessTable, path: string): ApiError {
  for (const entry of table.keys()) {
    const pattern = entry.slice(entry.indexOf(" ") + 1).split("/");
    const parts = path.split("/");
    if (pattern.length === parts.length && pattern.every((part, i) => part.startsWith(":") || part === parts[i]))
      return new ApiError("method_refused");
  }
  return new ApiError("not_found");
}
