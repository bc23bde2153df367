/** opossum 9 and 10. Counts come from events; `stats` is never read: it sorts the whole window. */
import { BREAKER_STATES } from "../../../protocol/kinds.ts";
import type { OverrideState } from "../../../protocol/settings.ts";
import { indexesOf } from "../telemetry/columns.ts";
import { field, hasFunctions, listen, plainSettings, unlisten, type Adapter, type EmitterLike } from "./adapter.ts";
import { knob, type Control } from "./control.ts";

const COLUMN = indexesOf("breaker");
const CLOSED = BREAKER_STATES.indexOf("closed");
const HALF_OPEN = BREAKER_STATES.indexOf("half_open");
const OPEN = BREAKER_STATES.indexOf("open");
const DISABLED = BREAKER_STATES.indexOf("disabled");
const SETTINGS = ["timeout", "resetTimeout", "errorThresholdPercentage", "rollingCountTimeout", "rollingCountBuckets", "capacity"];

export interface OpossumBreaker extends EmitterLike {
  readonly opened: boolean;
  readonly halfOpen: boolean;
  readonly closed: boolean;
  readonly enabled: boolean;
  readonly isShutdown: boolean;
  readonly volumeThreshold?: number;
  readonly options: {
    readonly resetTimeout?: number;
    readonly capacity?: number;
    readonly timeout?: number | false;
    readonly rollingCountTimeout?: number;
  };
  readonly semaphore?: { readonly count: number };
  open(): void;
  close(): void;
  enable(): void;
  disable(): void;
}

const HOUR_MS = 3_600_000;

const TIMEOUT: Control<OpossumBreaker> = {
  policy: "timeout",
  knobs: { attemptMs: knob("options.timeout") },
  given: { totalMs: HOUR_MS },
  note: "For calls that start later. opossum times one attempt; it has no total.",
};

export const opossum: Adapter<OpossumBreaker> = {
  kind: "breaker",
  source: "opossum",
  counts: [COLUMN.calls, COLUMN.failures, COLUMN.timeouts, COLUMN.rejected, COLUMN.fallbacks],

  recognises: (thing): thing is OpossumBreaker =>
    hasFunctions(thing, "fire", "open", "close", "on", "removeListener") &&
    typeof field(thing, "opened") === "boolean" &&
    typeof field(thing, "halfOpen") === "boolean" &&
    typeof field(thing, "options") === "object",

  settings: (breaker) => {
    const settings = plainSettings(breaker.options, SETTINGS);
    if (settings["capacity"] === Number.MAX_SAFE_INTEGER) delete settings["capacity"];
    return { ...settings, ...plainSettings(breaker, ["volumeThreshold"]) };
  },

  attach: (breaker, { guard, sink, now, ended }) => {
    // opossum's own timestamp is of the construction, not of the last opening.
    let openedAt = breaker.opened ? now() : NaN;
    const target = new WeakRef(breaker);
    let forced: OverrideState | null = null;
    const keepOpen = (otherwise: number): void => {
      // opossum half-opens by itself: held open, it is opened again on the spot.
      if (forced === "forced_open") target.deref()?.open();
      else sink.state(otherwise);
    };
    let wasClosed = true;
    let wasEnabled = true;
    const override = (thing: OpossumBreaker, state: OverrideState | null): void => {
      if (forced === null) {
        wasClosed = thing.closed;
        wasEnabled = thing.enabled;
      }
      const before = forced;
      forced = state;
      if (before === "forced_open" && wasClosed) thing.close();
      if (before !== null && before !== "forced_open" && wasEnabled) thing.enable();
      if (state === "forced_open") thing.open();
      else if (state !== null) thing.disable();
      sink.state(state === null ? stateOf(thing) : BREAKER_STATES.indexOf(state));
    };
    const listeners = {
      fire: guard.wrap(() => sink.count(COLUMN.calls)),
      success: guard.wrap((_result: unknown, ms: number) => sink.outcome(true, ms)),
      failure: guard.wrap((error: unknown, ms: number) => {
        sink.count(COLUMN.failures);
        sink.outcome(false, isRefusal(error) ? NaN : ms);
      }),
      timeout: guard.wrap(() => sink.count(COLUMN.timeouts)),
      reject: guard.wrap(() => sink.count(COLUMN.rejected)),
      semaphoreLocked: guard.wrap(() => sink.count(COLUMN.rejected)),
      fallback: guard.wrap(() => sink.count(COLUMN.fallbacks)),
      open: guard.wrap(() => {
        openedAt = now();
        if (forced === null) sink.state(OPEN);
      }),
      halfOpen: guard.wrap(() => keepOpen(HALF_OPEN)),
      close: guard.wrap(() => keepOpen(CLOSED)),
      shutdown: guard.wrap(() => ended()),
    };
    listen(breaker, listeners);
    return {
      read: (thing, cells) => {
        const state = stateOf(thing);
        cells[COLUMN.state] = forced === null ? state : BREAKER_STATES.indexOf(forced);
        cells[COLUMN.inFlight] = inFlight(thing);
        cells[COLUMN.nextProbeMs] =
          forced === null && state === OPEN ? Math.max(0, openedAt + (thing.options.resetTimeout ?? NaN) - now()) : NaN;
      },
      detach: (thing) => unlisten(thing, listeners),
      controls: [
        {
          policy: "breaker",
          knobs: { failurePermille: knob("options.errorThresholdPercentage", { scale: 10 }), openMs: knob("options.resetTimeout") },
          given: givenOf(breaker),
          note: "A new open time holds from the next opening on. Forced closed and disabled are the same: opossum then skips its fallback and time-out too.",
          override,
        },
        // Without a time-out of its own there is nothing to change.
        ...(breaker.options.timeout ? [TIMEOUT] : []),
      ],
    };
  },
};

function givenOf({ volumeThreshold = 0, options: { rollingCountTimeout = 0 } }: OpossumBreaker): Readonly<Record<string, number>> {
  return { openMaxMs: 24 * HOUR_MS, minimumCalls: Math.max(1, volumeThreshold), windowMs: Math.max(1_000, rollingCountTimeout) };
}

function stateOf(breaker: OpossumBreaker): number {
  if (!breaker.enabled || breaker.isShutdown) return DISABLED;
  if (breaker.opened) return OPEN;
  return breaker.halfOpen ? HALF_OPEN : CLOSED;
}

/** The permits its semaphore has given out. */
function inFlight(breaker: OpossumBreaker): number {
  const capacity = breaker.options.capacity;
  const free = breaker.semaphore?.count;
  return capacity === undefined || free === undefined ? NaN : Math.max(0, capacity - free);
}

/** A call its semaphore turned away took no time. */
function isRefusal(error: unknown): boolean {
  return typeof error === "object" && error !== null && field(error, "code") === "ESEMLOCKED";
}
