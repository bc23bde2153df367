/** Bulkhead: so many calls at once, a bounded queue in four lanes, and a limit to the wait. */
import { PRIORITY_CLASSES, type PriorityClass, type Reading } from "../../../protocol/kinds.ts";
import type { OverrideState, SettingsOf } from "../../../protocol/settings.ts";
import { LatencyWindow } from "../observe/latency-window.ts";
import { PolicyError } from "./errors.ts";
import { Place, settingOf, valuesOf, type OptionsOf, type Setting } from "./policy-part.ts";
import { Settings, type Explained } from "./settings.ts";
import type { Surroundings } from "./surroundings.ts";
import { WheelEntry } from "./timer-wheel.ts";
import { publish } from "./topics.ts";

export type BulkheadOptions = OptionsOf<"bulkhead">;

/** What can stand in a bulkhead's queue. It is linked into its lane, so that it leaves from anywhere at once. */
export abstract class Waiter extends WheelEntry {
  ahead: Waiter | null = null;
  behind: Waiter | null = null;
  /** Index into PRIORITY_CLASSES. */
  priority = 1;
  /** When it began to wait; negative while it does not. */
  waitsSince = -0.5;

  /** It has a slot now. Never throws. */
  abstract granted(): void;
  /** A more important call took its place in the queue. Never throws. */
  abstract displaced(): void;
}

interface Lane {
  first: Waiter | null;
  last: Waiter | null;
}

export class Bulkhead {
  readonly name: string;
  /** What refused calls fail with. */
  readonly error: PolicyError;
  /** What calls fail with that waited in vain. */
  readonly waitError: PolicyError;
  readonly #settings: Settings<"bulkhead">;
  readonly #world: Surroundings;
  readonly #place: Place;
  readonly #waits: LatencyWindow;
  readonly #lanes: readonly Lane[] = PRIORITY_CLASSES.map(() => ({ first: null, last: null }));
  #disabled = false;
  /** Slots that are given out without a second look. */
  #free = 0;
  #inUse = 0;
  #waiting = 0;
  #rejected = 0;
  #pumping = false;

  constructor(name: string, options: BulkheadOptions = {}, setting: Setting = settingOf(options)) {
    this.name = name;
    this.error = new PolicyError("bulkhead_full", name);
    this.waitError = new PolicyError("bulkhead_wait", name);
    this.#world = setting.world;
    this.#settings = new Settings("bulkhead", { values: valuesOf<"bulkhead">(options), bounds: options.bounds }, () => this.#apply());
    this.#free = this.#settings.current.maxConcurrent;
    this.#waits = new LatencyWindow(this.#world.monoNow());
    this.#place = new Place(
      { name, kind: "bulkhead", settings: this.#settings, read: () => this.read(), override: (state) => this.override(state) },
      setting,
    );
  }

  get inUse(): number {
    return this.#inUse;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Longest wait in the queue; 0: nobody waits. */
  get maxWaitMs(): number {
    return this.#settings.current.maxWaitMs;
  }

  /** Takes a slot if one is free and nobody waits for it. Give it back with `end`. Allocates nothing. */
  begin(): boolean {
    if (this.#inUse < this.#free && this.#waiting === 0) {
      this.#inUse++;
      return true;
    }
    return this.#passes();
  }

  /** The call ended: its slot goes to the first in the queue. */
  end(): void {
    this.#inUse--;
    if (this.#waiting !== 0) this.#pump();
  }

  /** Queues for a slot after `begin` said no. False: the queue is full. */
  enter(waiter: Waiter): boolean {
    const { maxQueue, maxWaitMs } = this.#settings.current;
    if (maxWaitMs === 0 || maxQueue === 0 || (this.#waiting >= maxQueue && !this.#makeRoom(waiter.priority))) {
      this.reject();
      return false;
    }
    const lane = this.#lanes[waiter.priority] as Lane;
    waiter.ahead = lane.last;
    waiter.behind = null;
    if (lane.last === null) lane.first = waiter;
    else lane.last.behind = waiter;
    lane.last = waiter;
    waiter.waitsSince = this.#world.monoNow();
    this.#waiting++;
    return true;
  }

  /** Leaves the queue, if it stands there. */
  leave(waiter: Waiter): void {
    if (waiter.waitsSince < 0) return;
    const lane = this.#lanes[waiter.priority] as Lane;
    if (waiter.ahead === null) lane.first = waiter.behind;
    else waiter.ahead.behind = waiter.behind;
    if (waiter.behind === null) lane.last = waiter.ahead;
    else waiter.behind.ahead = waiter.ahead;
    waiter.ahead = null;
    waiter.behind = null;
    this.#waits.record(this.#world.monoNow() - waiter.waitsSince);
    waiter.waitsSince = -0.5;
    this.#waiting--;
  }

  /** Counts a call that found no slot, or none in time. */
  reject(): void {
    this.#rejected++;
    publish("holdfast:bulkhead:rejected", () => ({ name: this.name, inUse: this.#inUse, waiting: this.#waiting }));
  }

  override(state: OverrideState | null): void {
    this.#disabled = state === "disabled";
    this.#apply();
  }

  explain(): Readonly<Record<keyof SettingsOf<"bulkhead">, Explained>> {
    return this.#settings.explain();
  }

  /** `waitP99Us` is of those that had to wait. */
  read(): Reading<"bulkhead"> {
    const { maxConcurrent, maxQueue } = this.#settings.current;
    const waitP99Us = this.#waits.percentile(0.99);
    this.#waits.turn(this.#world.monoNow());
    return { inUse: this.#inUse, max: maxConcurrent, waiting: this.#waiting, queueMax: maxQueue, rejected: this.#rejected, waitP99Us };
  }

  close(): void {
    this.#place.leave();
  }

  /** No slot is free: whether the call goes on all the same. */
  #passes(): boolean {
    const { shadow, maxConcurrent, maxQueue } = this.#settings.current;
    if (!shadow && !this.#disabled) return false;
    if (!this.#disabled && this.#inUse >= maxConcurrent + maxQueue) this.reject();
    this.#inUse++;
    return true;
  }

  #apply(): void {
    this.#free = this.#disabled ? Infinity : this.#settings.current.maxConcurrent;
    this.#pump();
  }

  /** Sends the newest of the least important away, if it is less important than this. */
  #makeRoom(priority: number): boolean {
    for (let i = 0; i < priority; i++) {
      const last = (this.#lanes[i] as Lane).last;
      if (last === null) continue;
      this.leave(last);
      this.reject();
      last.displaced();
      return true;
    }
    return false;
  }

  /** Hands free slots to those who wait, most important and then longest first. What they start may end and come here again. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    const free = this.#settings.current.shadow ? Infinity : this.#free;
    while (this.#waiting !== 0 && this.#inUse < free) {
      const next = this.#first();
      if (next === null) break;
      this.leave(next);
      this.#inUse++;
      next.granted();
    }
    this.#pumping = false;
  }

  #first(): Waiter | null {
    for (let i = this.#lanes.length - 1; i >= 0; i--) {
      const { first } = this.#lanes[i] as Lane;
      if (first !== null) return first;
    }
    return null;
  }
}

/** Lane of a class; medium for calls that do not say. */
export function laneOf(priority: PriorityClass | undefined): number {
  return priority === undefined ? 1 : PRIORITY_CLASSES.indexOf(priority);
}
