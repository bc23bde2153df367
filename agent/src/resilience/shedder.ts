/**
 * Load shedder: refuses the least important calls at the door while the service has more to do than it can. Once a second it looks at the
 * event loop, the time spent waiting and the calls in flight, and sets a level; a call is then let in by one comparison. Nothing here
 * throws, and letting in allocates nothing.
 */
import { PRIORITY_CLASSES, type PriorityClass, type Reading } from "../../../protocol/kinds.ts";
import type { OverrideState, SettingsOf } from "../../../protocol/settings.ts";
import type { Disposer } from "../types.ts";
import { AdaptiveLimit } from "./adaptive-limit.ts";
import { laneOf } from "./bulkhead.ts";
import { Place, settingOf, valuesOf, type OptionsOf, type Setting } from "./policy-part.ts";
import { Settings, type Explained } from "./settings.ts";
import { COHORTS, cohortOf, CRITICAL_RANK, HIGH_RANK, RankHistogram } from "./shed-level.ts";
import { nodeSignals, type LoopSignals } from "./shedder-signals.ts";
import type { Surroundings } from "./surroundings.ts";
import { publish } from "./topics.ts";

export type LoadShedderOptions = OptionsOf<"shedder">;

/** What is over its limit most: why calls are shed. */
export type ShedCause = "utilisation" | "delay" | "queue" | "latency";

const TICK_MS = 1_000;
/** Calls between two looks at the clock: when the loop is blocked no timer comes, but calls do. */
const GLANCE = 64;
/** Looks in between are not closer to each other than this. */
const GLANCE_MS = 250;
/** The most by which what got done is divided in one window, and the most that is added. */
const MAX_CUT = 1.5;
const MAX_GROWTH = 1.25;
const MAX_RETRY_SECONDS = 30;

export class LoadShedder {
  readonly name: string;
  readonly #settings: Settings<"shedder">;
  readonly #world: Surroundings;
  readonly #signals: LoopSignals;
  readonly #place: Place;
  readonly #stop: Disposer;
  readonly #limit: AdaptiveLimit;
  readonly #ranks = new RankHistogram();
  readonly #shed = new Float64Array(PRIORITY_CLASSES.length);
  #disabled = false;
  #admitted = 0;
  #inFlight = 0;
  /** Calls of a lower rank are refused. */
  #level = 0;
  #hour: number;
  /** Calls a window that may be let in; Infinity while nothing is wrong. */
  #allowance = Infinity;
  #offeredLast = 0;
  #cause: ShedCause | null = null;
  #glanceIn = GLANCE;
  #calibratedAt: number;
  #delayBefore = 0;
  #eluBefore = 0;
  // Of the window that runs.
  #entered = 0;
  #ended = 0;
  #inFlightSum = 0;
  #peak = 0;
  #latencySum = 0;
  #latencies = 0;
  #waitSum = 0;
  #waits = 0;

  /** @throws TypeError for settings that cannot be. */
  constructor(name: string, options: LoadShedderOptions = {}, within: Within = {}) {
    const { setting = settingOf(options), signals = nodeSignals() } = within;
    this.name = name;
    this.#world = setting.world;
    this.#signals = signals;
    this.#settings = new Settings("shedder", { values: valuesOf<"shedder">(options), bounds: options.bounds }, (next) => {
      this.#limit.clamp(next);
    });
    this.#limit = new AdaptiveLimit(this.#settings.current);
    this.#hour = signals.hour();
    this.#calibratedAt = this.#world.monoNow();
    this.#stop = signals.every(TICK_MS, () => this.#calibrate(this.#world.monoNow()));
    this.#place = new Place(
      { name, kind: "shedder", settings: this.#settings, read: () => this.read(), override: (state) => this.override(state) },
      setting,
    );
  }

  /**
   * Lets a call in or refuses it. `priority`: a class or its index, medium by default; critical is never refused. `user`: any whole
   * number that stays the same for one user, so that a user is let in or refused with all calls. Each call let in must `leave`.
   */
  enter(priority: number | PriorityClass | undefined, user?: number): boolean {
    const importance = typeof priority === "number" ? priority : laneOf(priority);
    const part = user === undefined ? (this.#world.random() * COHORTS) | 0 : cohortOf(user, this.#hour);
    const rank = importance * COHORTS + part;
    (this.#ranks.window[rank] as number)++;
    if (--this.#glanceIn === 0) this.#glance();
    if (rank < this.#level && this.#refuses(importance)) return false;
    this.#admitted++;
    this.#entered++;
    this.#inFlightSum += ++this.#inFlight;
    if (this.#inFlight > this.#peak) this.#peak = this.#inFlight;
    return true;
  }

  /** A call that was let in is over. `startedAt`: performance.now() when it came in; NaN when its latency says nothing. */
  leave(startedAt: number): void {
    if (this.#inFlight > 0) this.#inFlight--;
    this.#ended++;
    const ms = this.#world.monoNow() - startedAt;
    if (!(ms >= 0)) return;
    this.#latencySum += ms;
    this.#latencies++;
  }

  /** Tells that work waited this long before it began: in a queue, for a connection, on its way from the load balancer. */
  waited(ms: number): void {
    if (!(ms >= 0)) return;
    this.#waitSum += ms;
    this.#waits++;
  }

  /** When refused callers may come back: later the deeper the overload, and not all at once. */
  retryAfterSeconds(): number {
    const excess = this.#level === 0 ? 1 : Math.min(MAX_RETRY_SECONDS / 2, this.#offeredLast / Math.max(1, this.#allowance));
    return Math.min(MAX_RETRY_SECONDS, Math.ceil(excess * (1 + this.#world.random())));
  }

  /** Ranks below this are refused: 0 none, 128 all of class low, 256 medium as well, 384 all but critical. Worth telling callers. */
  get level(): number {
    return this.#level;
  }

  /** Null while nothing is shed. */
  get cause(): ShedCause | null {
    return this.#cause;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  override(state: OverrideState | null): void {
    this.#disabled = state === "disabled";
    if (this.#disabled) this.#shedTo(0, null);
  }

  explain(): Readonly<Record<keyof SettingsOf<"shedder">, Explained>> {
    return this.#settings.explain();
  }

  /** In shadow mode the shed ones were let in: they are counted in both. */
  read(): Reading<"shedder"> {
    const [shedLow, shedMedium, shedHigh, shedCritical] = this.#shed as unknown as [number, number, number, number];
    return { admitted: this.#admitted, shedLow, shedMedium, shedHigh, shedCritical, inFlight: this.#inFlight, limit: this.#limit.limit };
  }

  /** Lets everything in from now on. */
  close(): void {
    this.override("disabled");
    this.#stop();
    this.#signals.stop();
    this.#place.leave();
  }

  #refuses(priority: number): boolean {
    (this.#shed[priority] as number)++;
    return !this.#settings.current.shadow;
  }

  /** Between ticks: the tick is overdue, or far more is in flight than is healthy. */
  #glance(): void {
    this.#glanceIn = GLANCE;
    const now = this.#world.monoNow();
    const since = now - this.#calibratedAt;
    const overdue = since > TICK_MS + this.#settings.current.loopDelayMs;
    if (overdue || this.#inFlight > 2 * this.#limit.limit) this.#calibrate(now);
  }

  #calibrate(now: number): void {
    const since = now - this.#calibratedAt;
    if (since < GLANCE_MS) return;
    const settings = this.#settings.current;
    this.#limit.calibrate(this.#latencies === 0 ? NaN : this.#latencySum / this.#latencies, this.#peak, settings);
    const [excess, cause] = this.#excess(since);
    const offered = (this.#ranks.turn() * TICK_MS) / since;
    const entered = (this.#entered * TICK_MS) / since;

    // What it can do is what it got done; a standstill alone does not say that it can do nothing.
    const done = Math.max(entered / 2, Math.min(entered, (this.#ended * TICK_MS) / since));
    if (excess > 1) this.#allowance = Math.max(1, done / Math.min(MAX_CUT, excess));
    else this.#allowance *= Math.min(MAX_GROWTH, (1 + 1 / excess) / 2);
    if (excess <= 1 && this.#allowance >= offered) this.#allowance = Infinity;
    // A busy loop alone is no harm to what is important: that is refused when calls wait for it.
    const ceiling = excess > 1 && cause === "utilisation" ? Math.max(HIGH_RANK, this.#level) : CRITICAL_RANK;
    this.#shedTo(this.#ranks.level(1 - this.#allowance / offered, ceiling), excess > 1 ? cause : this.#cause);

    this.#offeredLast = offered;
    this.#hour = this.#signals.hour();
    this.#calibratedAt = now;
    this.#entered = this.#ended = this.#inFlightSum = this.#latencySum = this.#latencies = this.#waitSum = this.#waits = 0;
    this.#peak = this.#inFlight;
  }

  /** How many times too much there is to do, by the signal that says most. */
  #excess(since: number): [excess: number, cause: ShedCause] {
    const { eluPermille, loopDelayMs, queueMs } = this.#settings.current;
    const loop = this.#signals.read();
    const lateMs = since - TICK_MS;
    // To begin, one pause or one busy second is not enough; a tick late by more than a tick is no single pause.
    const delayMs = Math.max(loop.delayP99Ms, lateMs);
    const sure = this.#level > 0 || lateMs > TICK_MS;
    const steadyDelayMs = sure ? delayMs : Math.min(delayMs, this.#delayBefore);
    const steadyElu = sure ? loop.eluPermille : Math.min(loop.eluPermille, this.#eluBefore);
    if (since > TICK_MS / 2) {
      this.#delayBefore = delayMs;
      this.#eluBefore = loop.eluPermille;
    }

    const waitMs = this.#waits === 0 ? loop.delayMeanMs : Math.max(loop.delayMeanMs, this.#waitSum / this.#waits);
    const inFlight = this.#entered === 0 ? this.#inFlight : this.#inFlightSum / this.#entered;
    const signals: [number, ShedCause][] = [
      [steadyElu / eluPermille, "utilisation"],
      [steadyDelayMs / loopDelayMs, "delay"],
      [waitMs / queueMs, "queue"],
      [inFlight / this.#limit.limit, "latency"],
    ];
    return signals.reduce((worst, signal) => (signal[0] > worst[0] ? signal : worst));
  }

  #shedTo(level: number, cause: ShedCause | null): void {
    const previous = this.#level;
    this.#level = this.#disabled ? 0 : level;
    this.#cause = level === 0 ? null : cause;
    if (level === previous) return;
    publish("holdfast:shedder:level", () => ({ name: this.name, level, cause: this.#cause }));
    if (previous === 0) this.#place.tell("shedder.overloaded", { cause, inFlight: this.#inFlight, limit: this.#limit.limit });
  }
}

/** What a shedder takes from the world. */
interface Within {
  readonly setting?: Setting;
  readonly signals?: LoopSignals;
}

/** A load shedder, to be given to the middlewares of `@holdfast/agent/http` or asked with `enter` and `leave`. */
export function loadShedder(name: string, options: LoadShedderOptions = {}): LoadShedder {
  return new LoadShedder(name, options);
}
