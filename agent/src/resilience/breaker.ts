/** Circuit breaker: counts what fails, and when too much does, refuses until a few probes have succeeded. */
import { BREAKER_STATES, type BreakerState, type Reading } from "../../../protocol/kinds.ts";
import type { OverrideState, SettingsOf } from "../../../protocol/settings.ts";
import { LatencyWindow } from "../observe/latency-window.ts";
import { CountWindow, TimeWindow, type OutcomeWindow } from "./breaker-window.ts";
import { PolicyError } from "./errors.ts";
import { Place, settingOf, valuesOf, type OptionsOf, type Setting } from "./policy-part.ts";
import { Settings, type Explained } from "./settings.ts";
import type { Surroundings } from "./surroundings.ts";
import { publish } from "./topics.ts";

export type BreakerOptions = OptionsOf<"breaker"> & {
  /** Whether an error counts against the far side. Default: every error does. What it throws counts as yes. */
  readonly isFailure?: ((error: unknown) => boolean) | undefined;
};

const CLOSED = 0;
const HALF_OPEN = 1;
const OPEN = 2;
const EVENT_OF: Readonly<Record<BreakerState, string>> = {
  closed: "breaker.closed",
  half_open: "breaker.half_opened",
  open: "breaker.opened",
  forced_open: "breaker.forced_open",
  forced_closed: "breaker.forced_closed",
  disabled: "breaker.disabled",
};
/** Open time is stretched by up to a tenth, so that a fleet does not probe all at once. */
const JITTER = 0.1;

/** Permit of a call that is let through without being judged. */
const UNJUDGED = -1;
/** One call in so many is timed when calls come faster than the wheel turns. */
const SAMPLE = 16;

class BreakerOpenError extends PolicyError {
  readonly #breaker: Breaker;

  constructor(breaker: Breaker) {
    super("breaker_open", breaker.name);
    this.#breaker = breaker;
    Object.defineProperty(this, "retryAfterMs", { get: () => this.#breaker.nextProbeMs, enumerable: true, configurable: true });
  }
}

export class Breaker {
  readonly name: string;
  /** What refused calls fail with. Its `retryAfterMs` is always the time left now. */
  readonly error: PolicyError;
  readonly #settings: Settings<"breaker">;
  readonly #world: Surroundings;
  readonly #place: Place;
  readonly #isFailure: ((error: unknown) => boolean) | undefined;
  readonly #refusal: Promise<never>;
  readonly #latencies: LatencyWindow;
  #window: OutcomeWindow;
  #override: OverrideState | null = null;
  #state = CLOSED;
  /** Grows with every change of state: outcomes of calls let through before it are no longer judged. Starts at 1. */
  #epoch = 1;
  /** 0: let through and judge. Anything else: look closer. */
  #gate = 0;
  #slowMs = 0;
  #stateSince = 0.5;
  #openForMs = 0.5;
  #failedProbings = 0;
  #probing = 0;
  #probed = 0;
  #timedTurn = 0;
  #untimed = 0;
  #inFlight = 0;
  #calls = 0;
  #failures = 0;
  #timeouts = 0;
  #rejected = 0;
  /** Counted by the pipeline it is part of. */
  fallbacks = 0;

  constructor(name: string, options: BreakerOptions = {}, setting: Setting = settingOf(options)) {
    this.name = name;
    this.#world = setting.world;
    this.#isFailure = options.isFailure;
    const values = valuesOf<"breaker">(options, "isFailure");
    this.#settings = new Settings("breaker", { values, bounds: options.bounds }, (next, previous) => this.#swapped(next, previous));
    const now = this.#world.monoNow();
    this.#window = windowOf(this.#settings.current, now);
    this.#slowMs = this.#settings.current.slowCallMs;
    this.#latencies = new LatencyWindow(now);
    this.error = new BreakerOpenError(this);
    this.#refusal = Promise.reject(this.error);
    this.#refusal.catch(() => undefined);
    this.#place = new Place(
      { name, kind: "breaker", settings: this.#settings, read: () => this.read(), override: (state) => this.override(state) },
      setting,
    );
  }

  /** Forced by an operator, or its own. */
  get state(): BreakerState {
    this.#settle();
    return this.#override ?? (BREAKER_STATES[this.#state] as BreakerState);
  }

  /** What it would be if nobody had forced it. */
  get computedState(): BreakerState {
    this.#settle();
    return BREAKER_STATES[this.#state] as BreakerState;
  }

  /** 0 unless open; 0 as well when the next call will be a probe. */
  get nextProbeMs(): number {
    return this.#state === OPEN ? Math.max(0, Math.ceil(this.#stateSince + this.#openForMs - this.#world.monoNow())) : 0;
  }

  /**
   * Asks for a call. 0: refused. Anything else is a permit to hand to `end` or `cancel`, once. The two allocate nothing:
   * `const permit = breaker.begin(); if (permit === 0) throw breaker.error; ... breaker.end(permit, ok)`.
   */
  begin(): number {
    if (this.#gate !== 0) return this.#beginWithCare();
    this.#inFlight++;
    return this.#epoch;
  }

  /** The call ended. `ms` it took, when known. */
  end(permit: number, ok: boolean, ms = 0): void {
    this.#inFlight--;
    this.#calls++;
    if (!ok) this.#failures++;
    if (permit !== this.#epoch) return;
    const slow = this.#slowMs !== 0 && ms > this.#slowMs;
    if (this.#state === HALF_OPEN && this.#override === null) {
      this.#probeEnded(ok && !slow);
      return;
    }
    const window = this.#window;
    // A coarse time does for what cannot open it.
    window.record(ok && !slow ? this.#world.wheel.coarse() : this.#world.monoNow(), !ok, slow);
    if ((window.failures !== 0 || window.slow !== 0) && this.#override === null) this.#judge(window);
  }

  /** The call told nothing about the far side: it was not made, or the caller gave it up. */
  cancel(permit: number): void {
    this.#inFlight--;
    if (permit === this.#epoch && this.#state === HALF_OPEN) this.#probing--;
  }

  /** True when `begin` would let a call through. Changes nothing. */
  get allows(): boolean {
    if (this.#gate === 0) return true;
    this.#settle();
    return this.#passes || (this.#override === null && (this.#state === CLOSED || (this.#state === HALF_OPEN && this.#probesLeft)));
  }

  /** Whether this call is to be timed: all when calls can be slow, else enough for the percentiles. */
  get timed(): boolean {
    if (this.#slowMs !== 0) return true;
    const turn = this.#world.wheel.turn;
    if (turn === this.#timedTurn && ++this.#untimed < SAMPLE) return false;
    this.#timedTurn = turn;
    this.#untimed = 0;
    return true;
  }

  took(ms: number): void {
    this.#latencies.record(ms);
  }

  timedOut(): void {
    this.#timeouts++;
  }

  failedBy(error: unknown): boolean {
    if (this.#isFailure === undefined) return true;
    try {
      return this.#isFailure(error);
    } catch {
      return true;
    }
  }

  /** A promise that will reject with `error`. It is pending still, so a caller that handles it costs no unhandled-rejection bookkeeping. */
  refusal(): Promise<never> {
    return this.#refusal.then();
  }

  explain(): Readonly<Record<keyof SettingsOf<"breaker">, Explained>> {
    return this.#settings.explain();
  }

  override(state: OverrideState | null): void {
    if (state === this.#override) return;
    const from = this.state;
    this.#override = state;
    // Calls on their way neither probe for what comes nor against it; an interrupted probing begins anew.
    this.#epoch++;
    if (this.#state === HALF_OPEN) {
      this.#probing = this.#probed = 0;
      this.#stateSince = this.#world.monoNow();
    }
    this.#regate();
    this.#announce(from, state ?? (BREAKER_STATES[this.#state] as BreakerState));
  }

  read(): Reading<"breaker"> {
    const now = this.#world.monoNow();
    this.#window.turn(now);
    const { calls, failures } = this.#window;
    const reading = {
      state: BREAKER_STATES.indexOf(this.state),
      calls: this.#calls,
      failures: this.#failures,
      timeouts: this.#timeouts,
      rejected: this.#rejected,
      fallbacks: this.fallbacks,
      inFlight: this.#inFlight,
      failurePermille: calls === 0 ? null : Math.round((failures * 1000) / calls),
      p50Us: this.#latencies.percentile(0.5),
      p99Us: this.#latencies.percentile(0.99),
      nextProbeMs: this.#state === OPEN ? this.nextProbeMs : null,
    };
    this.#latencies.turn(now);
    return reading;
  }

  close(): void {
    this.#place.leave();
  }

  #beginWithCare(): number {
    this.#settle();
    if (this.#override === null) {
      if (this.#state === HALF_OPEN && this.#probesLeft) {
        this.#probing++;
        this.#inFlight++;
        return this.#epoch;
      }
      this.#rejected++;
    } else if (this.#override === "forced_open") this.#rejected++;
    if (!this.#passes) return 0;
    this.#inFlight++;
    return this.#override === "forced_closed" ? this.#epoch : UNJUDGED;
  }

  get #probesLeft(): boolean {
    return this.#probing + this.#probed < this.#settings.current.probes;
  }

  /** Calls pass whatever the computed state says. An operator's word counts in shadow mode too. */
  get #passes(): boolean {
    return this.#override === null ? this.#settings.current.shadow : this.#override !== "forced_open";
  }

  #probeEnded(good: boolean): void {
    this.#probing--;
    if (!good) this.#open();
    else if (++this.#probed >= this.#settings.current.probes) this.#close();
  }

  #judge({ calls, failures, slow }: OutcomeWindow): void {
    const { minimumCalls, failurePermille, slowPermille } = this.#settings.current;
    if (calls < minimumCalls) return;
    if (failures * 1000 >= failurePermille * calls || (slow !== 0 && slow * 1000 >= slowPermille * calls)) this.#open();
  }

  /** What time alone changes. */
  #settle(): void {
    if (this.#state === CLOSED || this.#override !== null) return;
    const passed = this.#world.monoNow() - this.#stateSince;
    if (this.#state === OPEN) {
      if (passed >= this.#openForMs) this.#move(HALF_OPEN);
    } else if (passed >= this.#settings.current.halfOpenMaxMs) this.#open();
  }

  #open(): void {
    if (this.#state === HALF_OPEN) this.#failedProbings++;
    this.#openForMs = this.#openTime();
    this.#move(OPEN);
  }

  #close(): void {
    this.#failedProbings = 0;
    this.#move(CLOSED);
  }

  #openTime(): number {
    const { openMs, openBackoffPermille, openMaxMs } = this.#settings.current;
    const grown = openMs * (openBackoffPermille / 1000) ** this.#failedProbings;
    return Math.min(grown, openMaxMs) * (1 + this.#world.random() * JITTER);
  }

  #move(state: number): void {
    const from = BREAKER_STATES[this.#state] as BreakerState;
    this.#state = state;
    this.#stateSince = this.#world.monoNow();
    this.#epoch++;
    this.#probing = this.#probed = 0;
    this.#regate();
    this.#announce(from, BREAKER_STATES[state] as BreakerState);
    if (state === CLOSED) this.#window.clear(this.#stateSince);
  }

  #announce(from: BreakerState, to: BreakerState): void {
    const { calls, failures } = this.#window;
    const data = { from, to, ...(calls === 0 ? {} : { failurePermille: Math.round((failures * 1000) / calls) }) };
    this.#place.tell(EVENT_OF[to], data);
    publish("holdfast:breaker:state", () => ({ name: this.name, ...data }));
  }

  #regate(): void {
    const override = this.#override;
    const closed = this.#state === CLOSED;
    this.#gate = closed && (override === null || override === "forced_closed") ? 0 : 1;
  }

  #swapped(next: SettingsOf<"breaker">, previous: SettingsOf<"breaker">): void {
    this.#slowMs = next.slowCallMs;
    const sameShape =
      next.window === previous.window &&
      (next.window === "time" ? next.windowMs === previous.windowMs : next.windowCalls === previous.windowCalls);
    if (!sameShape) this.#window = windowOf(next, this.#world.monoNow());
    if (this.#state === OPEN) this.#openForMs = this.#openTime();
  }
}

function windowOf({ window, windowMs, windowCalls }: SettingsOf<"breaker">, now: number): OutcomeWindow {
  return window === "time" ? new TimeWindow(windowMs, now) : new CountWindow(windowCalls);
}
