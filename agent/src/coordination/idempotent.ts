/**
 * Idempotency-Key as the IETF draft has it (draft-ietf-httpapi-idempotency-key-header-07): the first request with a key runs, the next
 * ones get its outcome. This is the part that knows no framework.
 */
import { createHash, randomUUID } from "node:crypto";
import type { Reading } from "../../../protocol/kinds.ts";
import { settle } from "../resilience/home.ts";
import type { Timer } from "../runtime.ts";
import type { Disposer } from "../types.ts";
import { idempotencyKey } from "./idempotency-key.ts";
import type { Attempt, Begun, IdempotencyStore } from "./idempotency-store.ts";
import { answerOf, decode, encode, type Answer } from "./outcome.ts";
import { pause, quietly, systemWorld, type World } from "./world.ts";

/** A request as every framework has it. */
export interface IdempotentRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  header(name: string): string | undefined;
  /** The framework's own object. */
  readonly source: unknown;
}

export interface IdempotentOptions {
  /** Who calls: the user or client of the request, as authenticated. Keys of different callers never meet. It may throw to refuse. */
  readonly scope: (request: IdempotentRequest) => string;
  /** Name on the console. Default `idempotency`. */
  readonly name?: string | undefined;
  /** Methods it is for. Default POST and PATCH; others pass. */
  readonly methods?: readonly string[] | undefined;
  /** 400 without a key. Default true. False: such a request just runs. */
  readonly required?: boolean | undefined;
  /** How long a key is remembered. Default 24 h. */
  readonly keepMs?: number | undefined;
  /** A first run that died frees its key after this long; one that lives renews it. Default 30 s. */
  readonly lockMs?: number | undefined;
  /** A first run that has not ended by then counts as dead. Default 10 min. */
  readonly maxRunMs?: number | undefined;
  /** Outcomes that are kept. Default: all below 500 but 408 and 429, which ask for a repetition. The others free the key. */
  readonly keep?: ((status: number) => boolean) | undefined;
  /** Response headers that are kept and sent again. Never name one that carries a secret. */
  readonly headers?: readonly string[] | undefined;
  /** Longest body that is kept; the outcome of a longer one is known but cannot be sent again. Default 256 kB. */
  readonly maxBodyBytes?: number | undefined;
  /** What makes two requests the same. Default: method, URL and body. */
  readonly fingerprint?: ((request: IdempotentRequest, body: Uint8Array | string) => string) | undefined;
  /** Page that documents your use of keys: `type` and `Link` of the problems. */
  readonly docs?: string | undefined;
  readonly world?: World | undefined;
}

/** The request runs. Exactly one of `finish` and `abandon` ends it; neither rejects. */
export interface Run {
  /** Sent with the response: when the key expires. */
  readonly headers: Readonly<Record<string, string>>;
  readonly maxBodyBytes: number;
  keeps(status: number): boolean;
  /** Resolves once the outcome is kept. `body` null: too long to keep. */
  finish(status: number, header: (name: string) => string | undefined, body: Uint8Array | null): Promise<void>;
  abandon(): Promise<void>;
}

/** `pass`: not for us. `answer`: send this instead of running. `run`: run it. */
export type Verdict = { readonly pass: true } | { readonly answer: Answer } | { readonly run: Run };

export interface Idempotency {
  /** The body is part of the fingerprint. */
  readonly needsBody: boolean;
  /** Rejects only with what `scope` or `fingerprint` throws. */
  begin(request: IdempotentRequest, body: Uint8Array | string): Promise<Verdict>;
  /** Takes it off the console; it goes on working. */
  readonly close: Disposer;
}

const HEADERS = ["content-type", "content-language", "content-encoding", "content-location", "location", "link", "etag", "last-modified"];
const PASS = { pass: true } as const;
const FINISH_TRIES = 3;

/** `app.post("/payments", idempotentExpress(idempotent(store, { scope: (r) => r.header("authorization") ?? "" })), pay)` */
export function idempotent(store: IdempotencyStore, options: IdempotentOptions): Idempotency {
  const { name = "idempotency", methods = ["POST", "PATCH"], required = true, world = systemWorld } = options;
  const { keepMs = 86_400_000, lockMs = 30_000, maxRunMs = 600_000, maxBodyBytes = 262_144, headers = HEADERS } = options;
  const { keep = (status) => status < 500 && status !== 408 && status !== 429 } = options;
  /** Without a decision it is kept: the other mistake runs things twice. */
  const keeps = (status: number): boolean => {
    try {
      return keep(status);
    } catch {
      return true;
    }
  };
  const counts = { requests: 0, stored: 0, replays: 0, conflicts: 0, mismatches: 0, running: 0 };
  const read = (): Reading<"idempotency"> => counts;
  const close = settle({ name, kind: "idempotency", read, steering: null, tell: null });
  const problem = (status: number, title: string, retryAfter?: string) => ({
    answer: answerOf(status, title, { docs: options.docs, retryAfter }),
  });
  const expiry = (ms: number) => ({ "idempotency-expires": new Date(world.wallNow() + ms).toUTCString() });

  const begin = async (request: IdempotentRequest, body: Uint8Array | string): Promise<Verdict> => {
    if (!methods.includes(request.method)) return PASS;
    const header = request.header("idempotency-key");
    if (header === undefined && !required) return PASS;
    if (header === undefined) return problem(400, "Idempotency-Key is missing");
    const key = idempotencyKey(header);
    if (key === undefined) return problem(400, "Idempotency-Key is malformed");
    counts.requests++;
    const attempt: Attempt = {
      id: digest(options.scope(request), key),
      fingerprint:
        options.fingerprint === undefined ? digest(request.method, request.url, body) : digest(options.fingerprint(request, body)),
      holder: randomUUID(),
      lockMs,
      keepMs,
    };
    let begun: Begun;
    try {
      begun = await store.begin(attempt);
    } catch {
      return problem(503, "Idempotency-Key cannot be checked now", "1");
    }
    if (begun.state === "mine") return { run: start(attempt) };
    if (begun.fingerprint !== attempt.fingerprint) {
      counts.mismatches++;
      return problem(422, "Idempotency-Key was used for another request");
    }
    if (begun.state === "running") {
      counts.conflicts++;
      return problem(409, "The first request with this Idempotency-Key still runs", "1");
    }
    const outcome = decode(begun.outcome);
    if (outcome === null) return problem(409, "The first request with this Idempotency-Key has run, but its answer was too long to keep");
    counts.replays++;
    return { answer: { ...outcome, headers: { ...outcome.headers, ...expiry(begun.expiresInMs), "idempotency-replayed": "true" } } };
  };

  const start = (attempt: Attempt): Run => {
    const ends = world.monoNow() + maxRunMs;
    let timer: Timer;
    let ended = false;
    const end = (): boolean => {
      if (ended) return false;
      ended = true;
      timer.cancel();
      counts.running--;
      return true;
    };
    const renewLater = (): void => {
      timer = world.after(lockMs / 3, () => {
        if (world.monoNow() >= ends) return void end();
        // A renewal that fails is tried again at the next third.
        void quietly(() => store.renew(attempt));
        renewLater();
      });
    };
    counts.running++;
    renewLater();
    const forget = () => quietly(() => store.forget(attempt));
    return {
      headers: expiry(keepMs),
      maxBodyBytes,
      keeps,
      finish: async (status, header, body) => {
        if (!keeps(status)) {
          end();
          return forget();
        }
        const outcome = encode({ status, headers: chosen(headers, header), body });
        for (let tries = 1; tries <= FINISH_TRIES; tries++) {
          try {
            if (await store.finish(attempt, outcome)) counts.stored++;
            break;
          } catch {
            if (tries < FINISH_TRIES) await pause(world, 50 * tries);
          }
        }
        end();
      },
      abandon: async () => {
        end();
        await forget();
      },
    };
  };

  return { needsBody: options.fingerprint === undefined, begin, close };
}

function chosen(names: readonly string[], header: (name: string) => string | undefined): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, header(name)]).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** Parts are told apart by their length. Hex, so that a database that ignores case does not mix two up. */
function digest(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex");
}
