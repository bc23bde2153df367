import type { MiddlewareHandler } from "hono";
import { ApiError } from "../errors.ts";
import type { ApiEnv } from "./http.ts";

/** Refuses bodies over the limit: by their stated length before reading, and without one while reading. */
export function bodyLimit(mostBytes: number): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const stated = c.req.header("content-length");
    if (stated !== undefined && Number(stated) > mostBytes) throw new ApiError("body_too_large");
    if (c.req.header("transfer-encoding") !== undefined && c.req.raw.body) {
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of c.req.raw.body as unknown as AsyncIterable<Uint8Array>) {
        size += chunk.byteLength;
        if (size > mostBytes) throw new ApiError("body_too_large");
        chunks.push(chunk);
      }
      // Where validators look first; the stream itself is spent.
      // The types say the value, the code keeps its promise.
      c.req.bodyCache.arrayBuffer = Promise.resolve(new Uint8Array(Buffer.concat(chunks)).buffer) as unknown as ArrayBuffer;
    }
    return next();
  };
}
