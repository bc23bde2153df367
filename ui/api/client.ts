/** Calls the HTTP API as the signed-in person. Every failure is a ProblemError that says what to do. */
import type { Problem } from "../../protocol/api.ts";
import { newId } from "./new-id.ts";

export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.problem = problem;
  }

  get code(): string {
    return this.problem.code;
  }
}

const unreachable: Problem = {
  type: "about:blank",
  title: "The console cannot be reached",
  status: 0,
  code: "unreachable",
  detail: "The console did not answer. Nothing was changed. Check the connection and try again.",
  retryable: true,
  requestId: "",
};

async function problemOf(response: Response): Promise<Problem> {
  try {
    const body = (await response.json()) as Partial<Problem>;
    if (typeof body.code === "string") return { ...unreachable, ...body };
  } catch {
    // Not JSON: a proxy answered. The status is all there is.
  }
  return {
    ...unreachable,
    status: response.status,
    code: `http_${response.status}`,
    title: response.statusText || "The request failed",
    detail: `The console answered ${response.status}. Nothing is known to have changed.`,
  };
}

interface CallOptions {
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
  readonly accept?: string;
}

async function ask(method: string, path: string, options: CallOptions): Promise<Response> {
  const headers: Record<string, string> = { accept: options.accept ?? "application/json, application/octet-stream" };
  if (options.body !== undefined) headers["content-type"] = "application/json";
  if (options.idempotencyKey !== undefined) headers["idempotency-key"] = options.idempotencyKey;
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      credentials: "same-origin",
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw new ProblemError(unreachable);
  }
  if (!response.ok) throw new ProblemError(await problemOf(response));
  return response;
}

async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const text = await (await ask(method, path, options)).text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** Reads a document as it is, such as text/markdown. @throws ProblemError */
export async function getText(path: string, accept: string): Promise<string> {
  return (await ask("GET", path, { accept })).text();
}

/** Reads bytes, and where the next part begins if there is one. @throws ProblemError */
export async function getBytes(path: string, signal?: AbortSignal): Promise<{ readonly bytes: Uint8Array; readonly next: string | null }> {
  const response = await ask("GET", path, signal === undefined ? {} : { signal });
  return { bytes: new Uint8Array(await response.arrayBuffer()), next: response.headers.get("holdfast-next-cursor") };
}

/** Reads. @throws ProblemError */
export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return call<T>("GET", path, signal === undefined ? {} : { signal });
}

/** Writes once, however often the same key is sent. @throws ProblemError */
export function post<T>(path: string, body: unknown, idempotencyKey: string = newId()): Promise<T> {
  return call<T>("POST", path, { body, idempotencyKey });
}

/** Writes once, however often the same key is sent. @throws ProblemError */
export function put<T>(path: string, body: unknown, idempotencyKey: string = newId()): Promise<T> {
  return call<T>("PUT", path, { body, idempotencyKey });
}

/** Writes once, however often the same key is sent. @throws ProblemError */
export function patch<T>(path: string, body: unknown, idempotencyKey: string = newId()): Promise<T> {
  return call<T>("PATCH", path, { body, idempotencyKey });
}

/** @throws ProblemError */
export function remove<T>(path: string): Promise<T> {
  return call<T>("DELETE", path, { idempotencyKey: newId() });
}

/** A query string of the defined values, with its question mark; empty when there are none. */
export function query(values: Record<string, string | number | readonly string[] | undefined | null>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(values))
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value])
      if (one !== undefined && one !== null && one !== "") search.append(key, String(one));
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}
