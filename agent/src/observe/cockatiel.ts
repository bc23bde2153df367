/**
 * cockatiel 3 and 4: its policies by their events. A breaker half-opens only with the next call: until then it is shown as open with its
 * probe due. A call it turns away raises no event, so rejections are unknown.
 */
import { BREAKER_STATES, type Kind } from "../../../protocol/kinds.ts";
import { indexesOf, type Cells } from "../telemetry/columns.ts";
import { field, hasFunctions, hasNumbers, plainSettings, type Adapter, type Sink } from "./adapter.ts";
import type { Control } from "./control.ts";

type Event<T = never> = (listener: (value: T) => void) => { dispose(): void };

interface Ended {
  readonly duration: number;
  /** False: an error the policy does not look at. */
  readonly handled?: boolean;
}

interface Policy {
  execute(): unknown;
  readonly onSuccess: Event<Ended>;
  readonly onFailure: Event<Ended>;
}

/** What a policy listens to, by the name of the event. */
type Listeners = Readonly<Record<string, (value: Ended) => void>>;

interface Family<T> {
  readonly kind: Kind;
  readonly counts: readonly number[];
  recognises(thing: object): boolean;
  readonly shown?: readonly string[];
  listeners(sink: Sink): Listeners;
  read?(policy: T, cells: Cells): void;
  controls?(policy: T): readonly Control<T>[];
}

function policyAdapter<T extends object>(family: Family<T>): Adapter<T> {
  const { kind, counts } = family;
  return {
    kind,
    source: "cockatiel",
    counts,
    recognises: (thing): thing is T => hasFunctions(thing, "execute") && family.recognises(thing),
    settings: (policy) => ({
      ...plainSettings(policy, family.shown ?? []),
      ...plainSettings(field(policy, "options"), ["maxAttempts", "halfOpenAfter"]),
    }),
    attach: (policy, { guard, sink }) => {
      const events = policy as unknown as Readonly<Record<string, Event<Ended>>>;
      const handles: { dispose(): void }[] = [];
      for (const [name, listener] of Object.entries(family.listeners(sink)))
        handles.push((events[name] as Event<Ended>)(guard.wrap(listener)));
      return {
        read: (thing, cells) => family.read?.(thing, cells),
        release: () => handles.forEach((handle) => handle.dispose()),
        controls: family.controls?.(policy) ?? [],
      };
    },
  };
}

const BREAKER = indexesOf("breaker");
/** cockatiel's closed, open, half open and isolated (held open by hand). */
const STATES = (["closed", "open", "half_open", "forced_open"] as const).map((state) => BREAKER_STATES.indexOf(state));

interface CockatielBreaker extends Policy {
  readonly state: number;
  readonly options?: object;
  isolate(): { dispose(): void };
  /** Not public: without it the time to the next probe is unknown. */
  readonly innerState?: { readonly openedAt?: number; readonly backoff?: { readonly duration?: number } };
}

const breaker = policyAdapter<CockatielBreaker>({
  kind: "breaker",
  counts: [BREAKER.calls, BREAKER.failures],
  recognises: (thing) => hasFunctions(thing, "isolate", "onStateChange") && hasNumbers(thing, "state"),
  listeners: (sink) => ({
    onSuccess: ({ duration }) => {
      sink.count(BREAKER.calls);
      sink.outcome(true, duration);
    },
    onFailure: ({ duration, handled }) => {
      sink.count(BREAKER.calls);
      if (handled === true) sink.count(BREAKER.failures);
      sink.outcome(handled !== true, duration);
    },
    onStateChange: (state) => sink.state(STATES[Number(state)] ?? NaN),
  }),
  read: (policy, cells) => {
    cells[BREAKER.state] = STATES[policy.state] ?? NaN;
    const { openedAt = NaN, backoff } = policy.innerState ?? {};
    // It goes by the wall clock itself.
    cells[BREAKER.nextProbeMs] = policy.state === 1 ? Math.max(0, openedAt + (backoff?.duration ?? NaN) - Date.now()) : NaN;
  },
  controls: (policy) => {
    const openMs = field(policy.options ?? {}, "halfOpenAfter");
    let held: { dispose(): void } | null = null;
    return [
      {
        policy: "breaker",
        knobs: {},
        given: typeof openMs === "number" ? { openMs, openMaxMs: openMs } : {},
        note: "A cockatiel breaker cannot change its settings while it runs. It can be forced open; it can be neither forced closed nor disabled.",
        states: ["forced_open"],
        override: (policy, state) => {
          held?.dispose();
          held = state === "forced_open" ? policy.isolate() : null;
        },
      },
    ];
  },
});

const BULKHEAD = indexesOf("bulkhead");

interface CockatielBulkhead extends Policy {
  readonly executionSlots: number;
  /** Not public. */
  readonly capacity?: number;
  readonly queueCapacity?: number;
  readonly queue?: { readonly length: number };
}

const bulkhead = policyAdapter<CockatielBulkhead>({
  kind: "bulkhead",
  counts: [BULKHEAD.rejected],
  recognises: (thing) => hasFunctions(thing, "onReject") && hasNumbers(thing, "executionSlots", "queueSlots"),
  shown: ["capacity", "queueCapacity"],
  listeners: (sink) => ({ onReject: () => sink.count(BULKHEAD.rejected) }),
  read: (policy, cells) => {
    const { capacity = NaN, queueCapacity = NaN } = policy;
    cells[BULKHEAD.inUse] = capacity - policy.executionSlots;
    cells[BULKHEAD.max] = capacity;
    cells[BULKHEAD.waiting] = policy.queue?.length ?? NaN;
    cells[BULKHEAD.queueMax] = Number.isFinite(queueCapacity) ? queueCapacity : NaN;
  },
});

const RETRY = indexesOf("retry");

/** Its success and failure events are of attempts: a call ends with a success, by giving up, or with an error it does not look at. */
const retry = policyAdapter<Policy>({
  kind: "retry",
  counts: [RETRY.calls, RETRY.retries, RETRY.exhausted],
  recognises: (thing) => hasFunctions(thing, "onRetry", "onGiveUp"),
  listeners: (sink) => ({
    onSuccess: () => sink.count(RETRY.calls),
    onFailure: ({ handled }) => {
      if (handled !== true) sink.count(RETRY.calls);
    },
    onRetry: () => sink.count(RETRY.retries),
    onGiveUp: () => {
      sink.count(RETRY.calls);
      sink.count(RETRY.exhausted);
    },
  }),
});

const TIMEOUT = indexesOf("timeout");

/** It raises its event for callers that give up, too: both are counted as time-outs. */
const timeout = policyAdapter<Policy>({
  kind: "timeout",
  counts: [TIMEOUT.calls, TIMEOUT.attemptTimeouts],
  recognises: (thing) => hasFunctions(thing, "onTimeout"),
  shown: ["duration"],
  listeners: (sink) => ({
    onSuccess: () => sink.count(TIMEOUT.calls),
    onFailure: () => sink.count(TIMEOUT.calls),
    onTimeout: () => sink.count(TIMEOUT.attemptTimeouts),
  }),
});

const FALLBACK = indexesOf("fallback");

const fallback = policyAdapter<Policy>({
  kind: "fallback",
  counts: [FALLBACK.calls, FALLBACK.fresh, FALLBACK.defaults, FALLBACK.failed],
  recognises: (thing) => hasFunctions(thing, "onSuccess", "onFailure", "value"),
  listeners: (sink) => ({
    onSuccess: () => {
      sink.count(FALLBACK.calls);
      sink.count(FALLBACK.fresh);
    },
    onFailure: ({ handled }) => {
      sink.count(FALLBACK.calls);
      sink.count(handled === true ? FALLBACK.defaults : FALLBACK.failed);
    },
  }),
});

export const cockatiel: readonly Adapter[] = [breaker, bulkhead, retry, timeout, fallback];

/** The policies inside a `wrap()`, however deep; empty when the thing is none. */
export function wrappedIn(thing: object): readonly object[] {
  const parts = field(thing, "wrapped");
  if (!hasFunctions(thing, "execute") || !Array.isArray(parts)) return [];
  return parts.flatMap((part: object) => {
    const inner = wrappedIn(part);
    return inner.length === 0 ? [part] : inner;
  });
}
