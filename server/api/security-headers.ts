/** Headers that every answer carries, and the policy of pages. */
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";

const ALWAYS = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
} as const;

/** What is not a page may do nothing at all in a browser. */
export const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

export function setSecurityHeaders(response: ServerResponse, overHttps: boolean): void {
  for (const [name, value] of Object.entries(ALWAYS)) response.setHeader(name, value);
  if (overHttps) response.setHeader("strict-transport-security", "max-age=31536000");
}

/** Scripts are files of ours. One that runs as a worker may bring in more of them, and our typefaces; it has no network. */
export const SCRIPT_POLICY = "default-src 'none'; script-src 'self'; font-src 'self'; frame-ancestors 'none'";

/** A content security policy for one page: scripts and styles of ours, by a nonce that is used once. Development needs more to reload. */
export function pagePolicy(dev: boolean): string {
  const nonce = randomBytes(16).toString("base64");
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ""}`,
    // In development the framework adds style tags without the nonce; a nonce beside 'unsafe-inline' would switch that off.
    dev ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}
