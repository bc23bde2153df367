/**
 * The browser's copy of the fleet: outside React and outside the query cache, changed in place by the same fold as the server's, told
 * to the screen at most once a frame and only where something changed. No React here.
 */
import {
  createFleet,
  foldFleet,
  slotCount,
  type FleetAction,
  type FleetState,
  type InstanceState,
  type ResourceState,
} from "../../core/fleet.ts";
import { columnIndex } from "../../protocol/kinds.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { LiveDown, LiveInstance, LoggedEvent } from "../../protocol/live.ts";
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
 * Topics a listener can name: `fleet`, `events`, `connection`, `policy`; and `states`, or `states:<service>` of one service: a breaker changed its
 * state, or who is there changed.
 */
export type Topic = string;

/** Different declarations that are remembered. */
const ALIKE_MOST = 1_000;

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
  readonly #watched = new Set<string>();
  #events: readonly LoggedEvent[] = [];
  #connection: Connection = { state: "connecting", now: 0, heardAt: 0, attempt: 0, environment: "" };
  #scheduled = false;
  #paused: { readonly at: number; readonly held: LiveDown[] } | null = null;
  #arrived = 0;
  #missed = 0;
  #lastEvent = 0;
  #epoch = 0;
  /** How far our clock is before the console's, at most: as a word that was not late shows it. */
  #apart: number | null = null;
  #inOrder: readonly InstanceState[] | null = null;
  /** Declarations by their text. */
  readonly #alike = new Map<string, unknown>();

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

  /** Events that came since the page was opened; only the newest are kept. */
  get arrived(): number {
    return this.#arrived;
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

  /** Every instance, in order of service and name; the same array until one is described, comes or goes. Their values change in place. */
  get instances(): readonly InstanceState[] {
    this.#inOrder ??= [...this.fleet.instances.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    return this.#inOrder;
  }

  ring(key: string): RateRing {
    let ring = this.#rings.get(key);
    if (!ring) {
      this.#rings.set(key, (ring = new RateRing()));
      ring.whole = this.#watched.has(this.fleet.instances.get(key)?.service ?? "");
    }
    return ring;
  }

  /** Every second of this service is kept while somebody looks at it. The returned function ends that. */
  watch(service: string): () => void {
    const set = (whole: boolean): void => {
      if (whole) this.#watched.add(service);
      else this.#watched.delete(service);
      for (const instance of this.fleet.instances.values()) if (instance.service === service) this.ring(instance.key).whole = whole;
    };
    set(true);
    return () => set(false);
  }

  /** Stored history from before this page was open, oldest first; rows as in the ring. */
  backfill(key: string, samples: readonly RateSample[]): void {
    const instance = this.fleet.instances.get(key);
    if (!instance) return;
    this.ring(key).prepend(samples);
    this.#mark("fleet");
  }

  /** What is known from before the moment of a picture, to be read when somebody looks. */
  recall(key: string, earlier: Earlier): void {
    const instance = this.fleet.instances.get(key);
    if (!instance) return;
    this.ring(key).recall(earlier);
    this.#mark("fleet");
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
    for (const { service } of this.fleet.instances.values()) this.#mark(`states:${service}`);
    this.#fold({ type: "replaced", instances: [], revision: 0 });
    this.#rings.clear();
    this.#events = [];
    this.#arrived = 0;
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
    this.#fold({ type: "forgotten", key });
    this.#rings.delete(key);
    this.#mark("fleet");
    this.#stateOf(instance);
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
    // What is held back has come: it must not be asked for again.
    if (message.t === "event") this.#lastEvent = Math.max(this.#lastEvent, message.events.at(-1)?.id ?? 0);
    else if (message.t === "snapshot") this.#lastEvent = Math.max(this.#lastEvent, message.lastEvent);
    if (this.#paused) holdBack(this.#paused.held, message);
    else this.#apply(message);
  }

  /** Values that were missed, oldest first; also while paused, for they are of before. What is remembered of each second has a gap then. */
  catchUp(values: readonly LiveDown[]): void {
    for (const ring of this.#rings.values()) ring.clear();
    for (const message of values) this.#apply(message);
    for (const ring of this.#rings.values()) ring.beginsHere();
  }

  /** A breaker changed its state, as somebody saw who reads the values. */
  statesMoved(): void {
    this.#mark("states");
  }

  #apply(message: LiveDown): void {
    switch (message.t) {
      case "snapshot":
        this.#alike.clear();
        for (const instance of message.instances)
          if (this.fleet.instances.get(instance.key)?.boot !== instance.boot) this.#rings.delete(instance.key);
        this.#fold({
          type: "replaced",
          instances: message.instances.map((instance) => this.#shared(instance)),
          revision: message.revision,
        });
        this.#connection = { ...this.#connection, environment: message.environment };
        for (const key of this.#rings.keys()) if (!this.fleet.instances.has(key)) this.#rings.delete(key);
        for (const instance of this.fleet.instances.values()) this.#stateOf(instance);
        this.#mark("policy");
        this.#mark("fleet");
        this.#mark("states");
        return;
      case "upsert":
        for (const instance of message.instances) {
          const before = this.fleet.instances.get(instance.key);
          if (before && before.boot !== instance.boot) this.ring(instance.key).clear();
          this.#fold({ type: "described", instance: this.#shared(instance) });
          this.#stateOf(instance);
        }
        this.#mark("fleet");
        return;
      case "delta":
        for (const change of message.instances) {
          foldFleet(this.fleet, { type: "sampled", key: change.key, at: change.at, slots: change.slots });
          const instance = this.fleet.instances.get(change.key);
          if (!instance) continue;
          if (hasState(instance.resources, change.slots)) this.#stateOf(instance);
          this.ring(change.key).push(change.at, instance.row);
        }
        this.#mark("fleet");
        return;
      case "event":
        this.#arrived += message.events.length;
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

  /** The same instance, with the lists of others that declare alike: a fleet is looked at each second, and what is shared is near at hand. */
  #shared(instance: LiveInstance): LiveInstance {
    const { resources, switches, labels } = instance;
    return { ...instance, resources: this.#alikeOf(resources), switches: this.#alikeOf(switches), labels: this.#alikeOf(labels) };
  }

  #alikeOf<T>(value: T): T {
    const text = JSON.stringify(value);
    const known = this.#alike.get(text);
    if (known !== undefined) return known as T;
    if (this.#alike.size >= ALIKE_MOST) this.#alike.clear();
    this.#alike.set(text, value);
    return value;
  }

  #fold(action: FleetAction): void {
    this.#inOrder = null;
    foldFleet(this.fleet, action);
  }

  /** The instance came, went, was described anew, or one of its breakers changed its state. */
  #stateOf({ service }: { readonly service: string }): void {
    this.#mark("states");
    this.#mark(`states:${service}`);
  }

  #mark(topic: Topic): void {
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

/** By slot: 1 where a breaker's state stands. */
const stateSlots = new WeakMap<readonly ResourceState[], Uint8Array>();

/** Whether one of the changed slots (slot, value, slot, value...) is the state of a breaker. */
function hasState(resources: readonly ResourceState[], slots: ArrayLike<number>): boolean {
  let states = stateSlots.get(resources);
  if (!states) {
    const at = columnIndex("breaker", "state");
    states = new Uint8Array(slotCount(resources));
    for (const { kind, offset } of resources) if (kind === "breaker") states[offset + at] = 1;
    stateSlots.set(resources, states);
  }
  for (let i = 0; i < slots.length; i += 2) if (states[slots[i] as number] === 1) return true;
  return false;
}
