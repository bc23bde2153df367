/** How a receiver knows that a delivery is ours and fresh: `t=SECONDS,v1=HEX`, HMAC-SHA256 of `t.body`, as Stripe has it. */
import { createHmac, randomBytes } from "node:crypto";

export const SIGNATURE_HEADER = "holdfast-signature";
export const DELIVERY_HEADER = "holdfast-delivery";

/** One `v1` for each secret: while a secret is being changed, receivers may know either. @param at milliseconds */
export function signature(body: string, at: number, secrets: readonly string[]): string {
  const seconds = Math.floor(at / 1_000);
  const signed = secrets.map((secret) => `v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`);
  return [`t=${seconds}`, ...signed].join(",");
}

/** 256 random bits, with a start that secret scanners and people can tell. */
export const newSigningSecret = (): string => `hfw_${randomBytes(32).toString("base64url")}`;
