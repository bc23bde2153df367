/**
 * One request to a sink. The name is resolved once, every address is checked, and the connection goes to what was checked, so that a name
 * cannot change its mind in between. Redirects are not followed; little is read; all of it within a time limit.
 */
import { lookup as systemLookup, type LookupAddress } from "node:dns";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { FORBIDDEN_TEXT } from "../../protocol/text.ts";
import type { Clock } from "../clock.ts";
import { plainAddress } from "./addresses.ts";
import type { AllowedHosts } from "./allowed-hosts.ts";
import { retryAfterOf } from "./retry.ts";

export const TIME_LIMIT_MS = 10_000;
const READ_MOST = 4_096;
const ANSWER_CHARS = 200;

export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

export interface PostOptions {
  readonly hosts: AllowedHosts;
  readonly clock: Clock;
  readonly resolve?: Resolve;
  /** The console stops. */
  readonly signal?: AbortSignal;
}

export interface Posting {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Posted {
  readonly ok: boolean;
  readonly code: number | null;
  /** First words of the body. */
  readonly answer: string | null;
  /** What went wrong, without the address. */
  readonly error: string | null;
  readonly retryAfterMs: number | null;
  readonly tookMs: number;
}

/** It was not sent, and why. */
class Refused extends Error {}

const resolveBySystem: Resolve = (host) =>
  new Promise((resolve, reject) => {
    systemLookup(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });

/** Never rejects: what failed is in the answer. */
export async function post(posting: Posting, { hosts, clock, resolve = resolveBySystem, signal }: PostOptions): Promise<Posted> {
  const started = clock.monotonic();
  const limit = new AbortController();
  const timer = clock.setTimeout(() => limit.abort(new Refused(`no answer within ${TIME_LIMIT_MS / 1_000} s`)), TIME_LIMIT_MS);
  const stop = signal === undefined ? limit.signal : AbortSignal.any([limit.signal, signal]);
  const took = (): number => Math.max(0, clock.monotonic() - started);
  try {
    const refusal = hosts.refusal(posting.url);
    if (refusal !== null) throw new Refused(refusal);
    const addresses = await until(stop, checkedAddresses(posting.url, hosts, resolve));
    const { response, text } = await until(stop, exchange(posting, addresses, stop));
    const code = response.statusCode ?? 0;
    const ok = code >= 200 && code < 300;
    return {
      ...{ ok, code, answer: firstWords(text, posting.url), tookMs: took() },
      error: ok ? null : code >= 300 && code < 400 ? `answered ${code}; redirects are not followed` : `answered ${code}`,
      retryAfterMs: retryAfterOf(response.headers["retry-after"], clock.now()),
    };
  } catch (error) {
    return { ok: false, code: null, answer: null, error: wordsOf(error, stop), retryAfterMs: null, tookMs: took() };
  } finally {
    timer.cancel();
    limit.abort();
  }
}

async function checkedAddresses(url: URL, hosts: AllowedHosts, resolve: Resolve): Promise<readonly LookupAddress[]> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const literal = isIP(host);
  const found = literal === 0 ? await resolve(host) : [{ address: host, family: literal }];
  if (found.length === 0) throw new Refused(`${host} has no address`);
  const bad = found.find(({ address }) => !hosts.allowsAddress(address));
  if (bad)
    throw new Refused(
      `${host} is at ${plainAddress(bad.address) ?? "no address"}, which is not public; if that is meant, add the address to HOLDFAST_NOTIFY_HOSTS`,
    );
  return found;
}

function exchange(
  { url, headers, body }: Posting,
  addresses: readonly LookupAddress[],
  signal: AbortSignal,
): Promise<{ readonly response: IncomingMessage; readonly text: string }> {
  const lookup: LookupFunction = (_host, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? "", first?.family ?? 4);
  };
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    // A connection of its own: one that was kept open was opened for a check made earlier.
    const sending = send(url, {
      ...{ method: "POST", agent: false, lookup, signal, maxHeaderSize: 8_192 },
      headers: {
        "user-agent": "holdfast",
        "content-type": "application/json",
        connection: "close",
        ...headers,
        "content-length": Buffer.byteLength(body),
      },
    });
    sending.on("error", reject);
    sending.on("response", (response) => {
      const parts: Buffer[] = [];
      let read = 0;
      const done = (): void => {
        resolve({ response, text: Buffer.concat(parts).subarray(0, READ_MOST).toString("utf8") });
        sending.destroy();
      };
      response.on("data", (part: Buffer) => {
        parts.push(part);
        read += part.length;
        if (read >= READ_MOST) done();
      });
      response.on("end", done);
      response.on("error", reject);
    });
    sending.end(body);
  });
}

/** Rejects as soon as it is told to stop. */
function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("stopped"));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** An answer may repeat what it was asked: the address is cut. */
function firstWords(text: string, url: URL): string | null {
  const secrets = [url.pathname, url.search, ...url.pathname.split("/")].filter((part) => part.length >= 8);
  const cut = secrets.reduce((words, secret) => words.replaceAll(secret, "[cut]"), text);
  const line = cut.replace(FORBIDDEN_TEXT, " ").replace(/\s+/g, " ").trim();
  return line === "" ? null : line.slice(0, ANSWER_CHARS);
}

/** Only codes: messages of the network name addresses. */
const CODES: Readonly<Record<string, string>> = {
  ENOTFOUND: "the host is not known to DNS",
  EAI_AGAIN: "DNS did not answer",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  ETIMEDOUT: "the host did not answer",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the host cannot be reached",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate cannot be verified",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
  HPE_HEADER_OVERFLOW: "its answer has too many headers",
};

function wordsOf(error: unknown, stop: AbortSignal): string {
  const reason: unknown = stop.aborted ? stop.reason : error;
  if (reason instanceof Refused) return reason.message;
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? (CODES[code] ?? `the request failed (${code})`) : "the request failed";
}
