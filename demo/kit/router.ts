/** Requests to handlers by method and path; `:name` matches one segment. */
import { HttpProblem } from "./http-problem.ts";

export interface ShopRequest {
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as text, at most 64 KiB. */
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

export type Handler = (request: ShopRequest) => Reply | Promise<Reply>;

interface Route {
  readonly method: string;
  readonly segments: readonly string[];
  readonly handler: Handler;
}

export class Router {
  readonly #routes: Route[] = [];

  get(pattern: string, handler: Handler): this {
    return this.#add("GET", pattern, handler);
  }

  post(pattern: string, handler: Handler): this {
    return this.#add("POST", pattern, handler);
  }

  /** Throws HttpProblem 404 when nothing matches, 400 for a path that cannot be decoded. */
  match(method: string, path: string): { readonly handler: Handler; readonly params: Record<string, string> } {
    const segments = path.split("/");
    for (const route of this.#routes) {
      if (route.method !== method || route.segments.length !== segments.length) continue;
      const params = matchSegments(route.segments, segments);
      if (params !== null) return { handler: route.handler, params };
    }
    throw new HttpProblem(404, `nothing at ${method} ${path}`);
  }

  #add(method: string, pattern: string, handler: Handler): this {
    this.#routes.push({ method, segments: pattern.split("/"), handler });
    return this;
  }
}

function matchSegments(pattern: readonly string[], actual: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (const [i, wanted] of pattern.entries()) {
    const given = actual[i] ?? "";
    if (wanted.startsWith(":")) params[wanted.slice(1)] = decode(given);
    else if (wanted !== given) return null;
  }
  return params;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HttpProblem(400, "the path is not valid");
  }
}

export function json(body: unknown, status = 200, headers: Reply["headers"] = {}): Reply {
  return { status, type: "application/json", body: JSON.stringify(body), headers };
}

export function html(body: string, status = 200, headers: Reply["headers"] = {}): Reply {
  return { status, type: "text/html; charset=utf-8", body, headers };
}

export function svg(body: string, headers: Reply["headers"] = {}): Reply {
  return { status: 200, type: "image/svg+xml", body, headers };
}

/** The body as JSON. Throws HttpProblem 400. */
export function jsonBody(request: ShopRequest): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(request.body);
    if (typeof parsed === "object" && parsed !== null) return parsed as Readonly<Record<string, unknown>>;
  } catch {
    // Answered below, like any other body that is no object.
  }
  throw new HttpProblem(400, "the body is not a JSON object");
}
