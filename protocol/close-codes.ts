/** What a peer does after a close: come back with back-off, come back slowly, or stay away until restarted. */
export type CloseVerdict = "retry" | "retry-slowly" | "fatal";

export interface CloseCode {
  readonly code: number;
  readonly name: string;
  readonly verdict: CloseVerdict;
  readonly meaning: string;
}

const define = <K extends string>(table: Record<K, CloseCode>): Readonly<Record<K, CloseCode>> => table;

/** Close codes of both sockets. 44xx echo the HTTP status they resemble. PROTOCOL.md prints this table; a test compares. */
export const CLOSE = define({
  goingAway: {
    code: 1001,
    name: "going_away",
    verdict: "retry",
    meaning: "The console stops or is being redeployed; come back inside the window that goodbye named.",
  },
  badMessage: {
    code: 4400,
    name: "bad_message",
    verdict: "retry-slowly",
    meaning: "A message did not match its schema or its order. The reason says which.",
  },
  unauthorized: {
    code: 4401,
    name: "unauthorized",
    verdict: "retry-slowly",
    meaning: "The token or session was revoked or has expired. Policy held stays in force.",
  },
  forbidden: { code: 4403, name: "forbidden", verdict: "retry-slowly", meaning: "The token is not valid for this service or environment." },
  helloTimeout: { code: 4408, name: "hello_timeout", verdict: "retry", meaning: "No hello within ten seconds of the upgrade." },
  replaced: { code: 4409, name: "replaced", verdict: "retry-slowly", meaning: "A newer connection of the same instance took over." },
  tooLarge: { code: 4413, name: "too_large", verdict: "retry-slowly", meaning: "A message is over its size limit." },
  versionUnsupported: {
    code: 4426,
    name: "version_unsupported",
    verdict: "fatal",
    meaning: "This console does not speak the agent's protocol version.",
  },
  rateLimited: {
    code: 4429,
    name: "rate_limited",
    verdict: "retry-slowly",
    meaning: "More messages, events or names than the limits allow.",
  },
  internal: {
    code: 4500,
    name: "internal",
    verdict: "retry",
    meaning: "The console failed. What was not acknowledged must be sent again.",
  },
  slowConsumer: {
    code: 4503,
    name: "slow_consumer",
    verdict: "retry",
    meaning: "The peer read too slowly and too much was waiting for it.",
  },
  deadPeer: { code: 4504, name: "dead_peer", verdict: "retry", meaning: "Nothing was heard for 25 seconds." },
});

export type CloseName = keyof typeof CLOSE;

const byCode = new Map<number, CloseCode>(Object.values(CLOSE).map((entry) => [entry.code, entry]));

/** The verdict for a close code; unknown codes (1006, proxies) are worth another try. */
export function closeVerdict(code: number): CloseVerdict {
  return byCode.get(code)?.verdict ?? "retry";
}
