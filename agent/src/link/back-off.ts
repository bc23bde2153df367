/** How long to wait before the next attempt. Pure: chance and history are passed in. */
import { CLOSE, closeVerdict } from "../../../protocol/close-codes.ts";
import { LIMITS } from "../../../protocol/limits.ts";

/** A token that was refused will most likely be refused again. */
const REFUSED_TOKEN_MS = 5 * 60_000;
const SLOW_MIN_MS = 30_000;
const SLOW_MAX_MS = 60_000;
/** The longest wait a console may ask for. */
const LONGEST_MS = 10 * 60_000;
const ABNORMAL = 1006;

/** How a link, or the attempt to make one, ended. */
export interface LinkEnd {
  /** Close code of the socket; 1006 when there was none. */
  readonly code: number;
  /** HTTP status that answered the upgrade; null when the upgrade went well or nothing answered. */
  readonly status: number | null;
  /** Retry-After of that answer, in ms. */
  readonly retryAfterMs: number | null;
  /** The window a goodbye named, in ms. */
  readonly window: readonly [number, number] | null;
}

export interface Wait {
  /** null: stay away until restarted. */
  readonly delayMs: number | null;
  readonly reason: string;
}

/**
 * Full jitter: evenly between the minimum and a ceiling that doubles with each failure.
 * @param failures attempts that failed since the link was last stable, this one not counted.
 */
export function waitAfter(end: LinkEnd, failures: number, random: () => number): Wait {
  const between = (low: number, high: number): number => Math.round(low + random() * (high - low));
  if (end.window !== null) {
    const low = Math.min(end.window[0], LONGEST_MS);
    const asked = between(low, Math.min(Math.max(end.window[1], low), LONGEST_MS));
    const reason = "the console said goodbye";
    // A console that says it again and again is not asked back faster than one that fails.
    return failures === 0 ? { delayMs: asked, reason } : { delayMs: Math.max(asked, backedOff(failures, between)), reason };
  }
  if (end.status !== null)
    return afterStatus(end.status, end.retryAfterMs, between) ?? { delayMs: backedOff(failures, between), reason: `HTTP ${end.status}` };
  const verdict = closeVerdict(end.code);
  const reason = end.code === ABNORMAL ? "the console cannot be reached" : `closed with ${end.code}`;
  if (verdict === "fatal") return { delayMs: null, reason };
  if (end.code === CLOSE.unauthorized.code || end.code === CLOSE.forbidden.code) return refusedToken(between, reason);
  if (verdict === "retry-slowly") return { delayMs: between(SLOW_MIN_MS, SLOW_MAX_MS), reason };
  return { delayMs: backedOff(failures, between), reason };
}

type Between = (low: number, high: number) => number;

function afterStatus(status: number, retryAfterMs: number | null, between: Between): Wait | null {
  const reason = `the console answered HTTP ${status}`;
  if (status === 401 || status === 403) return refusedToken(between, reason);
  if (retryAfterMs !== null) {
    const wait = Math.min(Math.max(retryAfterMs, LIMITS.reconnectMinMs), LONGEST_MS);
    return { delayMs: between(wait, wait * 1.5), reason };
  }
  return status >= 400 && status < 500 ? { delayMs: between(SLOW_MIN_MS, SLOW_MAX_MS), reason } : null;
}

function refusedToken(between: Between, reason: string): Wait {
  return { delayMs: between(REFUSED_TOKEN_MS, REFUSED_TOKEN_MS * 1.5), reason: `${reason}: the token is not accepted` };
}

function backedOff(failures: number, between: Between): number {
  const ceiling = Math.min(LIMITS.reconnectMaxMs, LIMITS.reconnectMinMs * 2 ** Math.min(failures + 1, 16));
  return between(LIMITS.reconnectMinMs, ceiling);
}

/** Retry-After in ms: seconds or an HTTP date; null when there is none or it makes no sense. */
export function retryAfterMs(header: string | undefined, wallNow: number): number | null {
  if (header === undefined) return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : null;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - wallNow);
}
