import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "./http.ts";

/** Smaller answers fit one packet anyway. */
export const COMPRESS_FROM_BYTES = 1_024;
/** Larger ones are packed in a hurry: squeezing out the last tenth would take longer than sending it. */
const HURRY_FROM_BYTES = 128 * 1_024;
const brotliOptions = (quality: number) => ({
  params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
});
const CAREFUL = { br: brotliOptions(4), gzip: { level: 3 } };
const HURRIED = { br: brotliOptions(1), gzip: { level: 1 } };
const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

/** The best encoding the client takes; null for none. A quality of 0 refuses. */
export function chosenEncoding(header: string | undefined): "br" | "gzip" | null {
  const quality = new Map<string, number>();
  for (const part of (header ?? "").split(",")) {
    const [name, ...parameters] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    const q = parameters.find((parameter) => parameter.startsWith("q="));
    if (name) quality.set(name, q === undefined ? 1 : Number(q.slice(2)) || 0);
  }
  const of = (name: string): number => quality.get(name) ?? quality.get("*") ?? 0;
  if (of("br") > 0 && of("br") >= of("gzip")) return "br";
  return of("gzip") > 0 ? "gzip" : null;
}

/** Compresses text in zlib's threads, so a large answer does not hold up the loop. */
export function compression(): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    await next();
    const { res } = c;
    if (!res.body || res.headers.has("content-encoding") || !/json|text/.test(res.headers.get("content-type") ?? "")) return;
    const headers = new Headers(res.headers);
    headers.append("vary", "Accept-Encoding");
    const encoding = chosenEncoding(c.req.header("accept-encoding"));
    const plain = new Uint8Array(await res.arrayBuffer());
    const how = plain.byteLength < HURRY_FROM_BYTES ? CAREFUL : HURRIED;
    const packed =
      encoding === null || plain.byteLength < COMPRESS_FROM_BYTES
        ? null
        : encoding === "br"
          ? await brotli(plain, how.br)
          : await gzipped(plain, how.gzip);
    if (packed && encoding) headers.set("content-encoding", encoding);
    const body = packed ?? plain;
    headers.set("content-length", String(body.byteLength));
    // Set to nothing first: otherwise the headers of both are merged.
    c.res = undefined;
    c.res = new Response(new Uint8Array(body), { status: res.status, headers });
  };
}
