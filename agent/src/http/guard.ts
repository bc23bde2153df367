/**
 * The door of a service: decides for each request, before any work is done, whether it can still be useful (deadline), whether its sender
 * has had its share (limiter) and whether there is room for it (shedder). Knows no framework.
 */
import type { PriorityClass } from "../../../protocol/kinds.ts";
import { settle } from "../resilience/home.ts";
import { callContext, type CallContext, type Priority } from "./context.ts";
import { readDeadline, sooner } from "./deadline.ts";
import { headerText, type HeaderCarrier } from "./headers.ts";
import { priorityIndex, readBaggage, readUrgency, writeBaggage } from "./priority.ts";

/** What decides whether there is room: a load shedder. Never throws. */
export interface Admission {
  /** `cohort`: any whole number that stays the same for one user, so that users are shed whole. */
  enter(priority: Priority, cohort?: number): boolean;
  /** `startedAt`: performance.now() at the time of enter. */
  leave(startedAt: number): void;
  retryAfterSeconds(): number;
}

/** What decides whether a sender has had its share: a rate limiter. Never throws. */
export interface Limit {
  /** 0 lets the request pass; otherwise the milliseconds until one would. */
  tryAcquire(key: string | undefined): number;
  /** Where it can tell its settings, refused senders learn them. */
  explain?(): { readonly limit: Explained; readonly periodMs: Explained };
}
interface Explained {
  readonly value: unknown;
}

export interface GuardOptions<Request> {
  /** Shown on the console. Default "http". */
  readonly name?: string | undefined;
  readonly shedder?: Admission | undefined;
  readonly limiter?: Limit | undefined;
  /** What the limiter counts by: a user, a tenant, an address. Default: all requests together. */
  readonly keyOf?: ((request: Request) => string | undefined) | undefined;
  /** The class of a request. Undefined leaves it to the headers, then to a guard around this one, at last to "medium". */
  readonly priorityOf?: ((request: Request) => PriorityClass | undefined) | undefined;
  readonly cohortOf?: ((request: Request) => number | undefined) | undefined;
  /** Requests come from outside: a class in their baggage is taken away unread, their `Priority` is read instead. Default false. */
  readonly edge?: boolean | undefined;
  readonly deadline?: DeadlineOptions | undefined;
}

export interface DeadlineOptions {
  /** The most time a request has, whatever its headers say. Default: none. */
  readonly defaultMs?: number | undefined;
  /** A request with less than this left is refused: it could not be answered in time. Default 0. */
  readonly refuseBelowMs?: number | undefined;
}

/** A refused request, ready to be sent: RFC 9457 problem details. */
export interface Refusal {
  readonly status: 429 | 503 | 504;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request that was let in. */
export interface Visit {
  readonly context: CallContext;
  /** Must be called once the answer is sent or its connection is gone. Later calls do nothing. */
  leave: () => void;
}

export interface Guard<Request> {
  enter(request: Request, headers: HeaderCarrier): Visit | Refusal;
  /** Takes the guard off the console. It goes on guarding. */
  close(): void;
}

const MEDIUM = 1;
/** Weight of the newest request in the mean share of the budget spent. */
const WEIGHT = 1 / 16;

/** Makes a guard. One guard can serve several routes or frameworks: hand it over where options are taken. */
export function createGuard<Request>(options: GuardOptions<Request> = {}, clock: () => number = () => performance.now()): Guard<Request> {
  const { shedder, limiter, deadline = {} } = options;
  const defaultMs = deadline.defaultMs ?? Infinity;
  const refuseBelowMs = deadline.refuseBelowMs ?? 0;
  let [requests, shortened, refused, wasted] = [0, 0, 0, 0];
  let spent: number | null = null;

  const close = settle({
    name: options.name ?? "http",
    kind: "deadline",
    read: () => ({ requests, shortened, refused, wasted, spentPermille: spent === null ? null : Math.round(spent) }),
    steering: null,
    tell: null,
  });

  function left(startedAt: number, deadlineAt: number): void {
    shedder?.leave(startedAt);
    if (deadlineAt === Infinity) return;
    const now = clock();
    if (now > deadlineAt) wasted++;
    const share = Math.min(1_000, ((now - startedAt) / (deadlineAt - startedAt)) * 1_000);
    spent = spent === null ? share : spent + (share - spent) * WEIGHT;
  }

  return {
    close,
    enter: (request, headers) => {
      requests++;
      const startedAt = clock();
      const around = callContext();
      const outer = sooner(around.deadlineAt, startedAt + defaultMs);
      const deadlineAt = sooner(outer, startedAt + readDeadline(headers));
      if (deadlineAt < outer) shortened++;
      const remaining = deadlineAt - startedAt;
      if (remaining <= 0 || remaining < refuseBelowMs) {
        refused++;
        return refusal(504, "the time the caller gives is over, or too short");
      }
      const waitMs = limiter?.tryAcquire(asked(options.keyOf, request)) ?? 0;
      if (waitMs > 0) {
        const seconds = Math.ceil(waitMs / 1_000);
        const rate = { ratelimit: `"default";r=0;t=${seconds}`, ...policyOf(limiter), "x-envoy-ratelimited": "true" };
        return refusal(429, "too many requests", { ...retryAfter(seconds), ...rate });
      }
      const claimed = carried(headers, options.edge === true);
      const priority = priorityIndex(asked(options.priorityOf, request)) ?? claimed ?? around.priority ?? MEDIUM;
      if (shedder?.enter(priority, asked(options.cohortOf, request)) === false)
        return refusal(503, "too busy to take this request", { ...retryAfter(shedder.retryAfterSeconds()), "x-envoy-overloaded": "true" });
      let inside = true;
      return {
        context: { deadlineAt, priority },
        leave: () => {
          if (inside) left(startedAt, deadlineAt);
          inside = false;
        },
      };
    },
  };
}

/** The class the headers carry. At the edge a claim in the baggage is taken away, so that nothing behind forwards it. */
function carried(headers: HeaderCarrier, edge: boolean): Priority | undefined {
  if (!edge) return readBaggage(headers);
  const baggage = headers.get("baggage");
  if (baggage != null) headers.set("baggage", writeBaggage(headerText(baggage), undefined));
  return readUrgency(headers);
}

/** A host's function that throws has not answered: a guard must not be why a request fails. */
function asked<Request, T>(fn: ((request: Request) => T) | undefined, request: Request): T | undefined {
  try {
    return fn?.(request);
  } catch {
    return undefined;
  }
}

/** RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers): so many in a window of whole seconds. */
function policyOf(limiter: Limit | undefined): { "ratelimit-policy"?: string } {
  const told = limiter?.explain?.();
  if (told === undefined) return {};
  const [limit, periodMs] = [Number(told.limit.value), Number(told.periodMs.value)];
  const seconds = Math.ceil(periodMs / 1_000);
  return { "ratelimit-policy": `"default";q=${Math.floor((limit * seconds * 1_000) / periodMs)};w=${seconds}` };
}

function retryAfter(seconds: number): { "retry-after": string } {
  return { "retry-after": String(Math.max(1, Math.ceil(seconds))) };
}

const TITLES = { 429: "Too Many Requests", 503: "Service Unavailable", 504: "Gateway Timeout" } as const;

function refusal(status: Refusal["status"], detail: string, headers: Record<string, string> = {}): Refusal {
  return {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
    body: JSON.stringify({ title: TITLES[status], status, detail }),
  };
}

/** Takes options or a guard that is already there. */
export function asGuard<Request>(from: GuardOptions<Request> | Guard<Request> | undefined): Guard<Request> {
  return from !== undefined && "enter" in from ? from : createGuard(from);
}
