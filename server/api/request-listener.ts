/** Which of our houses a request goes to: the API, health, or the pages. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Auth } from "../auth/auth.ts";
import { ApiError, problemOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { HEALTH_PATHS } from "./health.ts";
import type { Api } from "./http.ts";
import { API_POLICY, pagePolicy, SCRIPT_POLICY, setSecurityHeaders } from "./security-headers.ts";

export type PageHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface RequestListenerOptions {
  readonly api: Api;
  readonly health: (path: string, request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Absent: there are no pages, only the API. */
  readonly pages: PageHandler | undefined;
  readonly auth: Pick<Auth, "authenticate" | "needsSetup">;
  readonly log: Log;
  readonly overHttps: boolean;
  readonly dev: boolean;
}

/** Pages and files for people who are not signed in. They hold no data. */
const OPEN_PAGES = new Set(["/sign-in", "/setup", "/favicon.ico", "/icon.svg", "/robots.txt"]);

export function createRequestListener(options: RequestListenerOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const { api, health, pages, auth, log, overHttps, dev } = options;
  // The framework beside us uses the platform's Request and Response: they stay as they are.
  const answerApi = getRequestListener(api.fetch, { overrideGlobalObjects: false });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    setSecurityHeaders(response, overHttps);
    const path = pathOf(request.url);
    if (path === null) {
      refuse(response, "not_found");
      return;
    }
    if (path === "/api" || path.startsWith("/api/")) {
      response.setHeader("content-security-policy", API_POLICY);
      return answerApi(request, response);
    }
    if (HEALTH_PATHS.has(path)) {
      response.setHeader("content-security-policy", API_POLICY);
      return health(path, request, response);
    }
    if (!pages) {
      refuse(response, "not_found");
      return;
    }
    return answerPage(path, request, response, pages);
  }

  async function answerPage(path: string, request: IncomingMessage, response: ServerResponse, handler: PageHandler): Promise<void> {
    const inner = path.startsWith("/_next/static/") || (dev && (path.startsWith("/_next/") || path.startsWith("/__nextjs")));
    // Pages only show: whatever changes something goes through the API, so nothing here takes a body.
    if (request.method !== "GET" && request.method !== "HEAD" && !(dev && inner)) {
      refuse(response, "method_refused");
      return;
    }
    // The framework trusts this header to skip its middleware; nobody outside may send it.
    delete request.headers["x-middleware-subrequest"];
    const policy = inner && !dev ? SCRIPT_POLICY : pagePolicy(dev);
    request.headers["content-security-policy"] = policy;
    response.setHeader("content-security-policy", policy);
    if (!inner && !OPEN_PAGES.has(path) && !(await signedIn(request, response))) {
      const search = new URLSearchParams(path === "/" ? {} : { next: request.url ?? "/" });
      if (await auth.needsSetup()) search.set("first", "1");
      response.writeHead(303, { location: `/sign-in${search.size > 0 ? `?${search.toString()}` : ""}`, "cache-control": "no-store" });
      response.end();
      return;
    }
    await handler(request, response);
  }

  /** Pages hold no data, so while the database is down they are shown to whoever asks: the data behind them is not. */
  async function signedIn(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    try {
      const authenticated = await auth.authenticate({ authorization: undefined, cookie: request.headers.cookie });
      for (const cookie of authenticated?.setCookies ?? []) response.appendHeader("set-cookie", cookie);
      return authenticated !== null;
    } catch (error) {
      log.warn({ err: error }, "a session could not be checked");
      return true;
    }
  }

  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      log.error({ err: error, method: request.method, path: pathOf(request.url) }, "a request failed");
      if (response.headersSent) response.destroy();
      else refuse(response, "internal");
    });
  };
}

/** The path of a request target in origin form; null for any other form. */
function pathOf(url: string | undefined): string | null {
  if (!url?.startsWith("/")) return null;
  const query = url.indexOf("?");
  return query < 0 ? url : url.slice(0, query);
}

function refuse(response: ServerResponse, code: "not_found" | "method_refused" | "internal"): void {
  const problem = problemOf(new ApiError(code), randomUUID());
  response.writeHead(problem.status, { "content-type": "application/problem+json", "cache-control": "no-store" });
  response.end(JSON.stringify(problem));
}
