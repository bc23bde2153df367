/** /healthz, /readyz and /metrics: for machines that look after this one. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Auth } from "../auth/auth.ts";
import { isLoopback } from "../config.ts";
import { ApiError, problemOf } from "../errors.ts";
import type { Metrics } from "../metrics.ts";
import type { Store } from "../store/store.ts";
import { asApiError } from "./problems.ts";

export const HEALTH_PATHS: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

export interface HealthOptions {
  readonly store: Pick<Store, "healthy">;
  readonly auth: Pick<Auth, "authenticate">;
  readonly metrics: Metrics;
  /** The fleet and the policy are loaded, and the server is not about to stop. */
  readonly ready: () => boolean;
}

export function createHealth({
  store,
  auth,
  metrics,
  ready,
}: HealthOptions): (path: string, request: IncomingMessage, response: ServerResponse) => Promise<void> {
  async function readiness(response: ServerResponse): Promise<void> {
    const checks = { loaded: ready(), store: await store.healthy().catch(() => false) };
    const good = checks.loaded && checks.store;
    send(response, good ? 200 : 503, { status: good ? "ready" : "not ready", checks });
  }

  /** From this machine, but not through a proxy on it; or with a credential that may look. */
  async function measurements(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = request.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "";
    const proxied = request.headers["x-forwarded-for"] !== undefined || request.headers.forwarded !== undefined;
    if (!isLoopback(address) || proxied) {
      const { authorization } = request.headers;
      if (authorization === undefined || !(await auth.authenticate({ authorization, cookie: undefined })))
        throw new ApiError("unauthenticated");
    }
    response.writeHead(200, { "content-type": metrics.contentType, "cache-control": "no-store" });
    response.end(await metrics.text());
  }

  return async (path, request, response) => {
    try {
      if (request.method !== "GET" && request.method !== "HEAD") throw new ApiError("method_refused");
      if (path === "/metrics") await measurements(request, response);
      else if (path === "/readyz") await readiness(response);
      else send(response, 200, { status: "ok" });
    } catch (error) {
      const problem = problemOf(asApiError(error), randomUUID());
      send(response, problem.status, problem);
    }
  };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    "content-type": status >= 400 && "code" in body ? "application/problem+json" : "application/json",
    "cache-control": "no-store",
  });
  response.end(JSON.stringify(body));
}
