/** Follows what a handler writes to a response of node:http, and holds its end back until the outcome is kept. */
import { Buffer } from "node:buffer";
import type { ServerResponse } from "node:http";
import type { Run } from "./idempotent.ts";
import type { Answer } from "./outcome.ts";

type Loose = (...args: readonly unknown[]) => unknown;

/**
 * Everything but the end passes through at once, so streams stay streams. The client that hung up is no reason to stop: the outcome of
 * a handler that goes on is kept, for the repetition.
 */
export function capture(response: ServerResponse, run: Run): void {
  const parts: Buffer[] = [];
  let bytes = 0;
  let ended = false;
  const write = response.write.bind(response) as Loose;
  const end = response.end.bind(response) as Loose;
  const writeHead = response.writeHead.bind(response) as Loose;
  const take = (chunk: unknown, encoding: unknown): void => {
    if (typeof chunk !== "string" && !(chunk instanceof Uint8Array)) return;
    const part =
      typeof chunk === "string"
        ? Buffer.from(chunk, typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8")
        : Buffer.from(chunk);
    bytes += part.length;
    if (bytes <= run.maxBodyBytes) parts.push(part);
    else parts.length = 0;
  };
  // A header set before makes writeHead(status, headers) keep its own where getHeader finds them.
  for (const [name, value] of Object.entries(run.headers)) response.setHeader(name, value);

  const patched: Record<"write" | "end" | "writeHead", Loose> = {
    writeHead: (status, ...rest) => {
      if (!run.keeps(Number(status))) for (const name of Object.keys(run.headers)) response.removeHeader(name);
      return writeHead(status, ...rest);
    },
    write: (chunk, encoding, done) => {
      if (!ended) take(chunk, encoding);
      return write(chunk, encoding, done);
    },
    end: (chunk, encoding, done) => {
      if (ended) return response;
      if (chunk !== null && typeof chunk === "object" && !(chunk instanceof Uint8Array)) return end(chunk, encoding, done);
      ended = true;
      take(chunk, encoding);
      const header = (name: string): string | undefined => {
        const value = response.getHeader(name);
        return value === undefined ? undefined : Array.isArray(value) ? value.join(", ") : String(value);
      };
      const body = bytes > run.maxBodyBytes ? null : Buffer.concat(parts);
      run
        .finish(response.statusCode, header, body)
        .then(() => {
          // From here on they are Node's own again.
          Object.assign(response, { write, end });
          end(chunk, encoding, done);
        })
        .catch((error: unknown) => void response.destroy(error instanceof Error ? error : undefined));
      return response;
    },
  };
  Object.assign(response, patched);
}

/** Sends an answer that was kept, or a problem. */
export function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, { ...answer.headers, "content-length": String(answer.body.byteLength) });
  response.end(answer.body);
}
