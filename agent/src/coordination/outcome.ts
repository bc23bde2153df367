/** An answer, and its form in a store. */
import { Buffer, isUtf8 } from "node:buffer";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

interface Kept {
  readonly s: number;
  readonly h: Readonly<Record<string, string>>;
  /** Text, or base64 when it is none; null when it was too long. */
  readonly b: string | null;
  readonly x?: true;
}

export function encode({ status, headers, body }: Omit<Answer, "body"> & { readonly body: Uint8Array | null }): string {
  const text = body === null || isUtf8(body);
  const kept: Kept = {
    s: status,
    h: headers,
    b: body === null ? null : Buffer.from(body).toString(text ? "utf8" : "base64"),
    ...(text ? {} : { x: true }),
  };
  return JSON.stringify(kept);
}

/** Null when the body was not kept. */
export function decode(text: string): Answer | null {
  const { s, h, b, x } = JSON.parse(text) as Kept;
  return b === null ? null : { status: s, headers: h, body: Buffer.from(b, x === true ? "base64" : "utf8") };
}

/** A problem (RFC 9457). */
export function answerOf(
  status: number,
  title: string,
  { docs, retryAfter }: { readonly docs?: string | undefined; readonly retryAfter?: string | undefined },
): Answer {
  return {
    status,
    headers: {
      "content-type": "application/problem+json",
      ...(docs === undefined ? {} : { link: `<${docs}>; rel="describedby"` }),
      ...(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
    },
    body: Buffer.from(JSON.stringify({ type: docs ?? "about:blank", title, status })),
  };
}
