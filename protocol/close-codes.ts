/** What a peer does after a close: come back with back-off, come back slowly, or stay away until restarted. */
export type CloseVerdict = "retry" | "retry-slowly" | "fatal";

export interface CloseCode {
  readonly code: number;
  readonly name: string;
  readonly verdict: CloseVerdict;
}

const close = (code: number, name: string, verdict: CloseVerdict): CloseCode => ({ code, name, verdict });

/** Close codes of both sockets. 44xx echo the HTTP status they resemble. PROTOCOL.md prints this table; a test compares. */
export const CLOSE = {
  goingAway: close(1001, "going_away", "retry"),
  badMessage: close(4400, "bad_message", "retry-slowly"),
  unauthorized: close(4401, "unauthorized", "retry-slowly"),
  forbidden: close(4403, "forbidden", "retry-slowly"),
  helloTimeout: close(4408, "hello_timeout", "retry"),
  replaced: close(4409, "replaced", "retry-slowly"),
  tooLarge: close(4413, "too_large", "retry-slowly"),
  versionUnsupported: close(4426, "version_unsupported", "fatal"),
  rateLimited: close(4429, "rate_limited", "retry-slowly"),
  internal: close(4500, "internal", "retry"),
  slowConsumer: close(4503, "slow_consumer", "retry"),
  deadPeer: close(4504, "dead_peer", "retry"),
} as const;

export type CloseName = keyof typeof CLOSE;

/** For people; apart from the codes, so that an agent need not carry it. */
export const CLOSE_MEANING: Readonly<Record<CloseName, string>> = {
  goingAway: "The console stops or is being redeployed; come back inside the window that goodbye named.",
  badMessage: "A message did not match its schema or its order. The reason says which.",
  unauthorized: "The token or session was revoked or has expired. Policy held stays in force.",
  forbidden: "The token is not valid for this service or environment.",
  helloTimeout: "No hello within ten seconds of the upgrade.",
  replaced: "A newer connection of the same instance took over.",
  tooLarge: "A message is over its size limit.",
  versionUnsupported: "This console does not speak the agent's protocol version.",
  rateLimited: "More messages, events or names than the limits allow.",
  internal: "The console failed. What was not acknowledged must be sent again.",
  slowConsumer: "The peer read too slowly and too much was waiting for it.",
  deadPeer: "Nothing was heard for 25 seconds.",
};

/** The verdict for a close code; unknown codes (1006, proxies) are worth another try. */
export function closeVerdict(code: number): CloseVerdict {
  return Object.values(CLOSE).find((entry) => entry.code === code)?.verdict ?? "retry";
}
