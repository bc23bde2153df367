import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";
import { chosenEncoding, packed } from "./compression.ts";
import type { ApiEnv } from "./http.ts";

/**
 * The last step of a request. Text is packed and written to the socket in one piece: the adapter would read it out of a stream once more.
 * Anything else, and what is answered without a socket, stays a Response.
 */
export async function send(c: Context<ApiEnv>): Promise<void> {
  const { res } = c;
  const written = c.get("written");
  const isText = /json|text/.test(res.headers.get("content-type") ?? "");
  if ((!res.body && !written) || res.headers.has("content-encoding") || !isText) return;
  const plain = written ?? new Uint8Array(await res.arrayBuffer());
  const encoding = chosenEncoding(c.req.header("accept-encoding"));
  const small = await packed(plain, encoding);
  const body = small ?? plain;
  const { headers } = res;
  headers.append("vary", "Accept-Encoding");
  headers.set("content-length", String(body.byteLength));
  if (small && encoding) headers.set("content-encoding", encoding);
  const outgoing = socketOf(c);
  // Set to nothing first: otherwise the headers of both are merged.
  c.res = undefined;
  if (!outgoing || c.req.method === "HEAD") {
    c.res = new Response(new Uint8Array(body), { status: res.status, headers });
    return;
  }
  const cookies = headers.getSetCookie();
  outgoing.writeHead(res.status, { ...Object.fromEntries(headers), ...(cookies.length === 0 ? {} : { "set-cookie": cookies }) });
  outgoing.end(body);
  c.res = RESPONSE_ALREADY_SENT;
}

/** For every answer, whoever writes it. */
export function setHeaders(c: Context<ApiEnv>, headers: Readonly<Record<string, string>>): void {
  const outgoing = socketOf(c);
  for (const [name, value] of Object.entries(headers))
    if (outgoing) outgoing.setHeader(name, value);
    else c.header(name, value);
}

/** Absent in a call within the process. */
const socketOf = (c: Context<ApiEnv>) => (c.env as Partial<ApiEnv["Bindings"]> | undefined)?.outgoing;
