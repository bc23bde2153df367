/**
 * The player: which moment is shown, whether time goes on, how fast, round which stretch. Outside React; the clock, the timer and the
 * source of the past are given. Its picture is a store like the live one, so that every screen draws the past as it draws the present.
 */
import { Picture } from "./picture.ts";
import type { RecordedWindow } from "./recorded-window.ts";
import type { ReplaySource, TimeRange } from "./replay-source.ts";
import { isTransition, landingFrom, SETTLE_MS } from "./transitions.ts";
import { windowEnd, windowOf, windowStart } from "./replay-window.ts";
import { WindowCache } from "./window-cache.ts";

export const SPEEDS = [1, 2, 5, 10, 30, 60] as const;
export type Speed = (typeof SPEEDS)[number];

/** The newest moment that is replayed: what comes later may not have arrived everywhere. */
export const EDGE_MS = 5_000;
/** Five pictures a second: motion to the eye, and little to draw. */
const TICK_MS = 200;
/** A computer that slept does not jump. */
const LONGEST_TICK_MS = 2_000;
/** Time of playing for which the next window is read ahead. */
const AHEAD_MS = 20_000;
/** Real time between two questions about incidents while playing. */
const INCIDENTS_MS = 5_000;
/** Further on than this, a moment is shown anew: it costs less than going there. */
const LEAP_MS = 150_000;
const MOST_BYTES = 96_000_000;
/** How far a step looks, span after span. */
const STEP_SPANS_MS = [600_000, 3_600_000, 24 * 3_600_000];

/** live: no replay. reading: the moment is not in memory yet. shown: the picture is of `at`. nothing: nothing was recorded then. */
export type ReplayPhase = "live" | "reading" | "shown" | "nothing" | "failed";

export interface ReplayView {
  readonly phase: ReplayPhase;
  readonly at: number;
  readonly playing: boolean;
  /** Playing, but what comes next has to be read first. */
  readonly waiting: boolean;
  readonly speed: Speed;
  readonly loop: TimeRange | null;
  /** Nothing older is there; null while unknown or when nothing was ever recorded. */
  readonly recordedFrom: number | null;
  /** Nothing newer was recorded yet. */
  readonly atEdge: boolean;
  /** The window had more events than an answer carries, or pages that could not be read. */
  readonly incomplete: boolean;
  readonly error: unknown;
  /** When something last moved the policy before `at`: what is asked of policies is asked as of then. */
  readonly policyAt: number;
  /** What is asked of incidents is asked as of then: the moment itself, or while it is played every few seconds and at each of their events. */
  readonly incidentsAt: number;
  /** What the last step found. */
  readonly step: "looking" | "none" | null;
}

export interface ReplayStoreOptions {
  readonly environment: string;
  readonly source: ReplaySource;
  /** The console's clock. */
  readonly liveNow: () => number;
  /** Monotonic ms. */
  readonly clock: () => number;
  /** Calls back again and again; returns how to end it. */
  readonly every: (ms: number, tick: () => void) => () => void;
  /** One flush of the picture, soon. */
  readonly schedule: (flush: () => void) => void;
  readonly mostBytes?: number;
}

const LIVE: ReplayView = {
  phase: "live",
  at: 0,
  playing: false,
  waiting: false,
  speed: 1,
  loop: null,
  recordedFrom: null,
  atEdge: false,
  incomplete: false,
  error: null,
  policyAt: 0,
  incidentsAt: 0,
  step: null,
};

export class ReplayStore {
  readonly picture: Picture;
  readonly #options: ReplayStoreOptions;
  readonly #cache: WindowCache;
  readonly #listeners = new Set<() => void>();
  #view: ReplayView = LIVE;
  #stop: (() => void) | null = null;
  #tickedAt = 0;
  /** Grows with each seek; what was asked for an older one is too late. */
  #asked = 0;
  #stepping: AbortController | null = null;

  constructor(options: ReplayStoreOptions) {
    this.#options = options;
    this.picture = new Picture({ environment: options.environment, schedule: options.schedule });
    this.#cache = new WindowCache({ source: options.source, edge: () => this.edge(), mostBytes: options.mostBytes ?? MOST_BYTES });
  }

  /** The same object until something changed. */
  get view(): ReplayView {
    return this.#view;
  }

  /** Memory of windows, without decoded columns. */
  get bytes(): number {
    return this.#cache.bytes;
  }

  /** The newest moment that can be shown. */
  edge(): number {
    return Math.floor(this.#options.liveNow() - EDGE_MS);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Shows a moment. Within windows in memory nothing is requested. */
  seek(wanted: number): void {
    const at = Math.min(Math.round(wanted), this.edge());
    this.#asked++;
    this.#stepping?.abort();
    const { recordedFrom } = this.#view;
    const change = { at, atEdge: at >= this.edge(), error: null, step: null, waiting: false } as const;
    if (recordedFrom !== null && at < recordedFrom) this.#set({ ...change, phase: "nothing", playing: false });
    else if (this.#holds(at)) this.#show(change);
    else {
      this.#set({ ...change, phase: "reading" });
      void this.#read(at);
    }
    if (!this.#view.playing) this.#rest();
  }

  play(): void {
    if (this.#view.phase !== "reading" && this.#view.phase !== "shown") return;
    const { loop, at } = this.#view;
    this.#set({ playing: true, step: null });
    if (loop && (at < loop.from || at >= loop.to)) this.seek(loop.from);
    this.#tickedAt = this.#options.clock();
    this.#stop ??= this.#options.every(TICK_MS, () => this.#tick());
  }

  hold(): void {
    this.#rest();
    this.#set({ playing: false, waiting: false });
    if (this.#view.phase === "shown") this.#set({ incidentsAt: this.#incidentsAt() });
  }

  toggle(): void {
    if (this.#view.playing) this.hold();
    else this.play();
  }

  setSpeed(speed: Speed): void {
    this.#set({ speed });
  }

  /** Goes round from `to` to `from` while playing; null lets it go on. */
  setLoop(loop: TimeRange | null): void {
    this.#set({ loop: loop !== null && loop.to - loop.from >= 1000 ? loop : null });
  }

  /** Some seconds on or back, from the newest moment when live. */
  nudge(ms: number): void {
    this.seek((this.#view.phase === "live" ? this.edge() : this.#view.at) + ms);
  }

  /** To the next transition or the one before. What is in memory is asked first. */
  async step(direction: 1 | -1): Promise<void> {
    const from = this.#view.phase === "live" ? this.edge() : this.#view.at;
    const known = this.#stepInMemory(from, direction);
    if (known !== null && known <= this.edge()) {
      this.seek(known);
      return;
    }
    if (this.#view.phase === "live") this.seek(from);
    this.hold();
    this.#stepping?.abort();
    const abort = (this.#stepping = new AbortController());
    this.#set({ step: "looking" });
    try {
      const found = await this.#stepInLog(from, direction, abort.signal);
      if (abort.signal.aborted) return;
      if (found === null) this.#set({ step: "none" });
      else this.seek(found);
    } catch (error) {
      if (!abort.signal.aborted) this.#set({ step: null, error });
    }
  }

  /** Ends the replay. What was read stays for a while. */
  goLive(): void {
    this.#asked++;
    this.#rest();
    this.#stepping?.abort();
    this.#cache.need([]);
    this.#set({ ...LIVE, recordedFrom: this.#view.recordedFrom });
  }

  /** Tries again to read what could not be read. */
  retry(): void {
    this.seek(this.#view.at);
  }

  dispose(): void {
    this.goLive();
    this.#cache.clear();
  }

  #rest(): void {
    this.#stop?.();
    this.#stop = null;
  }

  #tick(): void {
    const { clock } = this.#options;
    const elapsed = Math.min(LONGEST_TICK_MS, clock() - this.#tickedAt);
    this.#tickedAt = clock();
    const { phase, at, speed, loop } = this.#view;
    if (phase !== "shown") return;
    if (loop && at >= loop.to) {
      this.seek(loop.from);
      return;
    }
    const edge = this.edge();
    const wanted = Math.min(Math.round(at + elapsed * speed), edge, loop?.to ?? Infinity);
    const to = Math.max(at, this.#heldUntil(at, wanted));
    this.#readAhead(Math.min(edge, to + speed * AHEAD_MS));
    if (to > at) this.#show({ at: to });
    // Faster than the present there is nothing to play.
    if (to >= edge && speed > 1) this.hold();
    this.#set({ waiting: to < wanted, atEdge: to >= edge - TICK_MS });
  }

  /** How far one can go from `at` towards `to` with what is in memory. */
  #heldUntil(at: number, to: number): number {
    for (let index = windowOf(at); ; index++) {
      const window = this.#cache.get(index);
      if (window === undefined) return Math.min(to, windowStart(index));
      if (to <= window.to || window.to < windowEnd(index)) return Math.min(to, window.to);
    }
  }

  #readAhead(until: number): void {
    const first = windowOf(this.#view.at);
    const indexes = [first - 1, first];
    for (let index = first + 1; index <= Math.min(windowOf(until), first + 2); index++) indexes.push(index);
    this.#cache.need(indexes);
    for (const index of indexes) {
      if (index < first || this.#cache.holds(index, until) || this.edge() <= windowStart(index)) continue;
      this.#cache.load(index).catch((error: unknown) => {
        if (this.#view.playing && this.#view.waiting) {
          this.hold();
          this.#set({ error });
        }
      });
    }
  }

  /** The window of a moment and the one before, for what looks back. Before the first recorded moment there is none. */
  #indexesFor(at: number): readonly number[] {
    const index = windowOf(at);
    const { recordedFrom } = this.#view;
    return recordedFrom !== null && windowEnd(index - 1) < recordedFrom ? [index] : [index - 1, index];
  }

  #holds(at: number): boolean {
    return this.#indexesFor(at).every((index) => this.#cache.holds(index, at));
  }

  async #read(at: number): Promise<void> {
    const asked = this.#asked;
    try {
      const indexes = this.#indexesFor(at);
      this.#cache.need(indexes);
      const windows = await Promise.all(indexes.map((index) => this.#cache.load(index)));
      if (asked !== this.#asked) return;
      const { recordedFrom } = windows.at(-1)?.story ?? { recordedFrom: null };
      this.#set({ recordedFrom });
      if (recordedFrom === null || at < recordedFrom) {
        this.#rest();
        this.#set({ phase: "nothing", playing: false });
      } else {
        this.#show({ at: Math.min(at, windows.at(-1)?.to ?? at) });
      }
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#rest();
      this.#set({ phase: "failed", playing: false, error });
    }
  }

  #show(change: Partial<ReplayView> & { readonly at: number }): void {
    const { at } = change;
    const last = windowOf(at);
    const before = windowOf(this.picture.at);
    const on = this.#view.phase === "shown" && at >= this.picture.at && last - before <= 1 && at - this.picture.at < LEAP_MS;
    const windows: RecordedWindow[] = [];
    for (let index = last - (on && last > before ? 2 : 1); index <= last; index++) {
      const window = this.#cache.get(index);
      // Before the recording began nothing is known, which is not the same as an empty fleet.
      if (window && window.to > (this.#view.recordedFrom ?? -Infinity)) windows.push(window);
    }
    if (on) this.picture.advance(windows, at);
    else this.picture.show(windows, at);
    const incomplete = windows.some((window) => window.damaged > 0 || window.story.eventsCut);
    this.#set({ ...change, phase: "shown", policyAt: Math.ceil(this.picture.policyAt), incidentsAt: this.#incidentsAt(), incomplete });
  }

  #incidentsAt(): number {
    const { at, incidentAt } = this.picture;
    const { playing, speed } = this.#view;
    const step = INCIDENTS_MS * speed;
    return playing ? Math.ceil(Math.max(Math.floor(at / step) * step, incidentAt)) : Math.ceil(at);
  }

  #stepInMemory(from: number, direction: 1 | -1): number | null {
    const first = windowOf(from);
    const timesOf = (window: RecordedWindow | undefined): readonly number[] =>
      (window?.events ?? []).filter((event) => isTransition(event.type)).map((event) => event.at);
    // What happened just before the window is landed on within it.
    const times = [...timesOf(this.#cache.get(first - direction))];
    for (let index = first; ; index += direction) {
      const window = this.#cache.get(index);
      if (window === undefined) return null;
      times.push(...timesOf(window));
      times.sort((a, b) => a - b);
      const found = landingFrom(times, from, direction);
      if (found !== null) return found;
    }
  }

  async #stepInLog(from: number, direction: 1 | -1, signal: AbortSignal): Promise<number | null> {
    const edge = this.edge();
    for (const span of STEP_SPANS_MS) {
      const range =
        direction === 1 ? { from: from - 2 * SETTLE_MS, to: Math.min(edge, from + span) } : { from: from - span, to: from - SETTLE_MS - 1 };
      const times = await this.#options.source.transitions(range, direction === 1 ? "from" : "to", signal);
      const found = landingFrom(times, from, direction);
      if (found !== null) return Math.min(found, edge);
      if (direction === 1 && from + span >= edge) return null;
    }
    return null;
  }

  #set(change: Partial<ReplayView>): void {
    const entries = Object.entries(change) as [keyof ReplayView, unknown][];
    if (entries.every(([key, value]) => this.#view[key] === value)) return;
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}
