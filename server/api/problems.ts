import type { Context, ErrorHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { z } from "zod";
import { ApiError, ERRORS, problemOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { InvalidCursor, StoreUnavailable } from "../store/store.ts";
import type { ApiEnv } from "./http.ts";

/** What the caller is told about anything that was thrown. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof InvalidCursor) return new ApiError("cursor_invalid");
  if (error instanceof StoreUnavailable) return new ApiError("store_unavailable", { retryAfterSeconds: 1 });
  if (error instanceof HTTPException) {
    if (error.status === 415) return new ApiError("media_type_unsupported");
    if (error.status === 413) return new ApiError("body_too_large");
    if (error.status < 500) return new ApiError("json_invalid");
  }
  return new ApiError("internal");
}

export function problemResponse(c: Context<ApiEnv>, error: ApiError): Response {
  const body = problemOf(error, c.get("requestId"));
  const headers: Record<string, string> = { "content-type": "application/problem+json" };
  if (body.status === 401) headers["www-authenticate"] = "Bearer";
  if (error.extras.retryAfterSeconds !== undefined) headers["retry-after"] = String(error.extras.retryAfterSeconds);
  return c.newResponse(JSON.stringify(body), body.status as 400, headers);
}

export function errorHandler(log: Log): ErrorHandler<ApiEnv> {
  return (error, c) => {
    const told = asApiError(error);
    if (ERRORS[told.code].status >= 500)
      log.error({ err: error, requestId: c.get("requestId"), method: c.req.method, path: c.req.path }, "a request failed");
    return problemResponse(c, told);
  };
}

/** Called after each validation: a failure names every field and what to do. */
export function refuseInvalid(result: { success: true } | { success: false; error: z.core.$ZodError; target: string }): void {
  if (result.success) return;
  const errors = result.error.issues.map((issue) => ({
    path: issue.path.length > 0 ? issue.path.map(String).join(".") : result.target === "json" ? "body" : result.target,
    message: issue.code === "unrecognized_keys" ? `not known here: ${issue.keys.join(", ")}` : issue.message,
  }));
  const [first] = errors;
  throw new ApiError("request_invalid", { errors, ...(first ? { detail: `${first.path}: ${first.message}` } : {}) });
}
