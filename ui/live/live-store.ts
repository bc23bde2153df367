/**
 * The browser's copy of the fleet: outside React and outside the query cache, changed in place by the same fold as the server's, told
 * to the screen at most once a frame and only where something changed. No React here.
 */
import { createFleet, foldFleet, type FleetState, type InstanceState, type ResourceState } from "../../core/fleet.ts";
import { columnIndex } from "../../protocol/kinds.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { LiveDown, LoggedEvent } from "../../protocol/live.ts";
import { holdBack } from "./hold-back.ts";
import { RateRing, type Earlier, type RateSample } from "./rates.ts";

export type ConnectionState = "connecting" | "live" | "lost";

export interface Connection {
  readonly state: ConnectionState;
  /** Console clock at the last message, in ms; 0 before the first. */
  readonly now: number;
  /** Browser clock when it was sent, as far as that is known: a word that came late was old when it came. */
  readonly heardAt: number;
  readonly attempt: number;
  readonly environment: string;
}

export const EVENTS_KEPT = 500;

/**
 * Topics a listener can name: `fleet`, `events`, `connection`, `policy`, `instance:<key>`, `service:<name>`, and `states`: a breaker changed
 * its state, or who is there changed.
 */
export type Topic = string;

/** A picture that was too old is called live again when it is no older than this. */
const CAUGHT_UP_MS = 2_000;

export interface LiveStoreOptions {
  /** Calls back once, soon: requestAnimationFrame in a browser. */
  readonly schedule: (flush: () => void) => void;
  readonly clock: () => number;
  /** What is asked for, until the console says what it sends: nothing may fall back to another environment meanwhile. */
  readonly environment?: string;
  /** It shows a moment of the past: nothing can be done to it. */
  readonly past?: boolean;
}

export class LiveStore {
  readonly fleet: FleetState = createFleet();
  readonly #options: LiveStoreOptions;
  readonly #listeners = new Map<Topic, Set<() => void>>();
  readonly #dirty = new Set<Topic>();
  readonly #versions = new Map<Topic, number>();
  readonly #rings = new Map<string, RateRing>();
  #events: readonly LoggedEvent[] = [];
  #connection: Connection = { state: "connecting", now: 0, heardAt: 0, attempt: 0, environment: "" };
  #scheduled = false;
  #paused: { readonly at: number; readonly held: LiveDown[] } | null = null;
  #missed = 0;
  #lastEvent = 0;
  #epoch = 0;
  /** How far our clock is before the console's, at most: as a word that was not late shows it. */
  #apart: number | null = null;
  #keys: readonly string[] | null = null;
  #inOrder: readonly InstanceState[] | null = null;

  constructor(options: LiveStoreOptions) {
    this.#options = options;
    this.#connection = { ...this.#connection, environment: options.environment ?? "" };
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Newest first. */
  get events(): readonly LoggedEvent[] {
    return this.#events;
  }

  /** Events the console could not deliver since the page was opened; they are in the log. */
  get missed(): number {
    return this.#missed;
  }

  get lastEvent(): number {
    return this.#lastEvent;
  }

  get past(): boolean {
    return this.#options.past ?? false;
  }

  /** Grows when time jumped: what remembers the seconds before begins anew. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Messages held back while paused, or null while live. */
  get heldBack(): number | null {
    return this.#paused === null ? null : this.#paused.held.filter((message) => message.t === "event").length;
  }

  /** Every instance, in order of service and name; the same array until something changes. */
  get instances(): readonly InstanceState[] {
    if (this.#inOrder !== null) return this.#inOrder;
    const { instances } = this.fleet;
    if (this.#keys?.length !== instances.size || !this.#keys.every((key) => instances.has(key))) this.#keys = [...instances.keys()].sort();
    this.#inOrder = this.#keys.flatMap((key) => instances.get(key) ?? []);
    return this.#inOrder;
  }

  ring(key: string): RateRing {
    let ring = this.#rings.get(key);
    if (!ring) this.#rings.set(key, (ring = new RateRing()));
    return ring;
  }

  /** Stored history from before this page was open, oldest first; rows as in the ring. */
  backfill(key: string, samples: readonly RateSample[]): void {
    const instance = this.fleet.instances.get(key);
    if (!instance) return;
    this.ring(key).prepend(samples);
    this.#touched(instance);
    this.#mark("fleet");
  }

  /** What is known from before the moment of a picture, to be read when somebody looks. */
  recall(key: string, earlier: Earlier): void {
    const instance = this.fleet.instances.get(key);
    if (!instance) return;
    this.ring(key).recall(earlier);
    this.#touched(instance);
  }

  /** A number that grows with each change of the topic; a stable snapshot for useSyncExternalStore. */
  version(topic: Topic): number {
    return this.#versions.get(topic) ?? 0;
  }

  subscribe(topic: Topic, listener: () => void): () => void {
    let set = this.#listeners.get(topic);
    if (!set) this.#listeners.set(topic, (set = new Set()));
    set.add(listener);
    return () => {
      set.delete(listener);
      if (set.size === 0) this.#listeners.delete(topic);
    };
  }

  /** The time of the picture: the console's clock, standing still while paused, so that nothing ages that is only held. */
  now(): number {
    return this.#paused?.at ?? this.liveNow();
  }

  /** The console's clock now, by its last word and our own clock since, paused or not. */
  liveNow(): number {
    const { now, heardAt } = this.#connection;
    return now === 0 ? this.#options.clock() : now + (this.#options.clock() - heardAt);
  }

  /** Since the console was last heard, in ms; null before its first word. */
  ageMs(): number | null {
    const { heardAt } = this.#connection;
    return heardAt === 0 ? null : this.#options.clock() - heardAt;
  }

  setConnection(change: Partial<Connection>): void {
    this.#connection = { ...this.#connection, ...change };
    this.#mark("connection");
  }

  /** Holds the picture; what comes in is kept and counted until `resume`. */
  pause(): void {
    this.#paused ??= { at: this.liveNow(), held: [] };
    this.#mark("connection");
  }

  resume(): void {
    const held = this.#paused?.held ?? [];
    this.#paused = null;
    for (const message of held) this.#apply(message);
    this.#mark("connection");
  }

  /** Forgets everything, because another moment is about to be shown. */
  reset(): void {
    for (const instance of this.fleet.instances.values()) this.#touched(instance);
    foldFleet(this.fleet, { type: "replaced", instances: [], revision: 0 });
    this.#rings.clear();
    this.#events = [];
    this.#missed = 0;
    this.#lastEvent = 0;
    this.#epoch++;
    for (const topic of ["fleet", "states", "events", "policy", "connection"]) this.#mark(topic);
  }

  /** Leaves out events of that moment and before: a picture of the past tells as much whether it was played or sought. */
  forgetEvents(until: number): void {
    const kept = this.#events.filter((event) => event.at > until);
    if (kept.length === this.#events.length) return;
    this.#events = kept;
    this.#mark("events");
  }

  /** Leaves an instance out that the past did not know any more. */
  forget(key: string): void {
    const instance = this.fleet.instances.get(key);
    if (!instance) return;
    foldFleet(this.fleet, { type: "forgotten", key });
    this.#rings.delete(key);
    this.#touched(instance);
    this.#mark("fleet");
    this.#mark("states");
  }

  /** The console's clock is at `now`: from here on what comes later than it says is old. */
  compareClocks(now: number): void {
    this.#apart = this.#options.clock() - now;
  }

  receive(message: LiveDown): void {
    const clock = this.#options.clock();
    this.#apart = Math.min(this.#apart ?? Infinity, clock - message.now);
    const late = clock - message.now - this.#apart;
    const old = late > (this.#connection.state === "lost" ? CAUGHT_UP_MS : LIMITS.staleAfterMs);
    this.#connection = { ...this.#connection, state: old ? "lost" : "live", now: message.now, heardAt: clock - late, attempt: 0 };
    this.#mark("connection");
    if (message.t === "event") this.#lastEvent = Math.max(this.#lastEvent, message.events.at(-1)?.id ?? 0);
    if (this.#paused) holdBack(this.#paused.held, message);
    else this.#apply(message);
  }

  #apply(message: LiveDown): void {
    switch (message.t) {
      case "snapshot":
        for (const instance of message.instances)
          if (this.fleet.instances.get(instance.key)?.boot !== instance.boot) this.#rings.delete(instance.key);
        foldFleet(this.fleet, { type: "replaced", instances: message.instances, revision: message.revision });
        this.#connection = { ...this.#connection, environment: message.environment };
        this.#lastEvent = Math.max(this.#lastEvent, message.lastEvent);
        for (const key of this.#rings.keys()) if (!this.fleet.instances.has(key)) this.#rings.delete(key);
        for (const instance of this.fleet.instances.values()) this.#touched(instance);
        this.#mark("policy");
        this.#mark("fleet");
        this.#mark("states");
        return;
      case "upsert":
        for (const instance of message.instances) {
          const before = this.fleet.instances.get(instance.key);
          if (before && before.boot !== instance.boot) this.ring(instance.key).clear();
          foldFleet(this.fleet, { type: "described", instance });
          const after = this.fleet.instances.get(instance.key);
          if (after) this.#touched(after);
        }
        this.#mark("fleet");
        this.#mark("states");
        return;
      case "delta":
        for (const change of message.instances) {
          foldFleet(this.fleet, { type: "sampled", key: change.key, at: change.at, slots: change.slots });
          const instance = this.fleet.instances.get(change.key);
          if (!instance) continue;
          if (hasState(instance.resources, change.slots)) this.#mark("states");
          this.ring(change.key).push(change.at, instance.row);
          this.#touched(instance);
        }
        this.#mark("fleet");
        return;
      case "event":
        this.#events = [...[...message.events].reverse(), ...this.#events].slice(0, EVENTS_KEPT);
        this.#mark("events");
        return;
      case "policy":
        foldFleet(this.fleet, { type: "policy-moved", revision: message.revision });
        this.#mark("policy");
        return;
      case "resync":
        this.#missed += message.missed;
        this.#mark("events");
        return;
      case "beat":
        return;
    }
  }

  #touched(instance: InstanceState): void {
    this.#mark(`instance:${instance.key}`);
    this.#mark(`service:${instance.service}`);
  }

  #mark(topic: Topic): void {
    if (topic === "fleet") this.#inOrder = null;
    this.#dirty.add(topic);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#options.schedule(() => this.flush());
  }

  /** Tells the listeners of everything that changed since the last flush. */
  flush(): void {
    this.#scheduled = false;
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    for (const topic of dirty) this.#versions.set(topic, this.version(topic) + 1);
    for (const topic of dirty) for (const listener of this.#listeners.get(topic) ?? []) listener();
  }
}

const stateSlots = new WeakMap<readonly ResourceState[], ReadonlySet<number>>();

/** Whether one of the changed slots (slot, value, slot, value...) is the state of a breaker. */
function hasState(resources: readonly ResourceState[], slots: ArrayLike<number>): boolean {
  let states = stateSlots.get(resources);
  if (!states) {
    const at = columnIndex("breaker", "state");
    states = new Set(resources.flatMap(({ kind, offset }) => (kind === "breaker" ? [offset + at] : [])));
    stateSlots.set(resources, states);
  }
  for (let i = 0; i < slots.length; i += 2) if (states.has(slots[i] ?? -1)) return true;
  return false;
}
