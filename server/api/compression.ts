import { promisify } from "node:util";
import { brotliCompress, brotliCompressSync, constants, gzip, gzipSync } from "node:zlib";

/** Smaller answers fit one packet anyway. */
export const COMPRESS_FROM_BYTES = 1_024;
/** Packing less takes no longer than handing it to a thread. */
const THREAD_FROM_BYTES = 64 * 1_024;
/** Larger ones are packed in a hurry: squeezing out the last tenth would take longer than sending it. */
const HURRY_FROM_BYTES = 16 * 1_024;
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

/** Null when it is to be sent as it is. What is large is packed in zlib's threads, so that it does not hold up the loop. */
export async function packed(plain: Uint8Array, encoding: "br" | "gzip" | null): Promise<Uint8Array | null> {
  if (encoding === null || plain.byteLength < COMPRESS_FROM_BYTES) return null;
  const how = plain.byteLength < HURRY_FROM_BYTES ? CAREFUL : HURRIED;
  if (plain.byteLength < THREAD_FROM_BYTES) return encoding === "br" ? brotliCompressSync(plain, how.br) : gzipSync(plain, how.gzip);
  return encoding === "br" ? brotli(plain, how.br) : gzipped(plain, how.gzip);
}
