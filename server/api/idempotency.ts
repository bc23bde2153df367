import { createHash } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { ApiError } from "../errors.ts";
import type { StoredResponse } from "../store/store.ts";
import type { ApiDeps } from "./api-deps.ts";
import type { ApiEnv } from "./http.ts";
import { SealedBox } from "../sealed-box.ts";

/** An answer is replayed for at least this long. */
export const IDEMPOTENCY_KEPT_MS = 24 * 3_600_000;

/**
 * Honours Idempotency-Key: the first request with a key runs, and its answer is stored; the same request again gets that answer. Only
 * success is stored: a refused write had no effect, so trying it again is safe. Runs behind the guard.
 */
export function idempotency({
  store,
  clock,
  log,
  secret,
  boot,
}: Pick<ApiDeps, "store" | "clock" | "log" | "secret" | "boot">): MiddlewareHandler<ApiEnv> {
  const box = new SealedBox(secret, "holdfast idempotency");

  const replay = (c: Context<ApiEnv>, held: StoredResponse, wanted: string): Response => {
    const [heldBoot, fingerprint] = held.fingerprint.split(":");
    if (fingerprint !== wanted) throw new ApiError("idempotency_mismatch");
    if (held.status === null || held.body === null)
      throw heldBoot === boot ? new ApiError("idempotency_running", { retryAfterSeconds: 1 }) : new ApiError("idempotency_lost");
    const body = box.open(held.body);
    if (body === null) throw new ApiError("idempotency_lost");
    return c.newResponse(body, held.status as 200, { "content-type": "application/json", "idempotent-replayed": "true" });
  };

  return async (c, next) => {
    const key = c.req.header("idempotency-key");
    const authenticated = c.get("authenticated");
    if (key === undefined || authenticated === null || c.req.method === "GET" || c.req.method === "HEAD") return next();
    if (!/^[\x21-\x7e]{1,128}$/.test(key)) throw new ApiError("idempotency_key_invalid");
    const url = new URL(c.req.url);
    const fingerprint = createHash("sha256")
      .update(`${c.req.method}\n${url.pathname}${url.search}\n`)
      .update(await c.req.text())
      .digest("hex");
    const who = `${authenticated.principal.kind}:${authenticated.principal.id}`;
    const held = await store.reserveIdempotency(who, key, `${boot}:${fingerprint}`, clock.now());
    if (held) return replay(c, held, fingerprint);

    await next();
    const { status } = c.res;
    try {
      if (status >= 200 && status < 300) await store.settleIdempotency(who, key, status, box.seal(await c.res.clone().text()));
      else if (status < 500) await store.releaseIdempotency(who, key);
      // A failure may have had effect: the key stays taken, and the next start tells that the outcome is not known.
    } catch (error) {
      log.error({ err: error, requestId: c.get("requestId") }, "the outcome of a request could not be kept for its Idempotency-Key");
    }
    return undefined;
  };
}
