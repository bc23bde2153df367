/** The Idempotency-Key that an order goes on with. */
import { createHash, randomUUID } from "node:crypto";
import { idempotencyKey } from "@holdfast/agent/coordination";
import { HttpProblem } from "../kit/http-problem.ts";
import type { ShopRequest } from "../kit/router.ts";
import { visitorOf } from "./visitor.ts";

/** The visitor's own key, apart from those of other visitors; else a new one, so that the order may be sent on twice. Throws HttpProblem 400. */
export function orderKey(request: ShopRequest): string {
  const header = request.headers["idempotency-key"];
  if (header === undefined) return randomUUID();
  const key = idempotencyKey(String(header));
  if (key === undefined) throw new HttpProblem(400, "Idempotency-Key is malformed");
  return createHash("sha256")
    .update(`${visitorOf(request).id} ${key}`)
    .digest("hex");
}
