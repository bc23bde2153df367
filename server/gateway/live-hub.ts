/**
 * What the browsers of one environment see. Every message is encoded once for each scope and shared by all its sockets; values that
 * change between two flushes are sent once, as they are then.
 */
import type { FleetState, InstanceState } from "../../core/fleet.ts";
import type { Scope } from "../../protocol/live.ts";
import type { Clock, Timer } from "../clock.ts";
import type { FleetChange } from "../fleet/live-fleet.ts";
import type { LoggedEventIn } from "../store/store.ts";
import {
  encodeDeltaPart,
  encodeEvents,
  encodeLive,
  encodeSnapshot,
  encodeUpsertPart,
  eventsInScope,
  inScope,
  joinParts,
} from "./live-codec.ts";

/** A socket as the hub sees it. */
export interface LiveViewer {
  readonly scope: Scope;
  /** May be skipped for a viewer that is behind: the next snapshot says it all. */
  state(frame: Buffer, instances: number): void;
  /** Never skipped silently. `frame` holds exactly `events`. */
  events(frame: Buffer, events: readonly LoggedEventIn[]): void;
  /** Small and rare; the latest one is owed to a viewer that is behind. */
  policy(frame: Buffer): void;
  /** Starts anew with a snapshot. */
  restart(): void;
  beat(frame: Buffer): void;
  /** Every flush: catches up when the socket has drained. */
  tick(): void;
}

/** Descriptions leave at once, but no more often than this, and no more of them: a thousand agents may answer a flip at once. */
const URGENT_EVERY_MS = 50;
const DESCRIBED_AT_ONCE = 100;

export interface LiveHubOptions {
  readonly environment: string;
  readonly fleet: () => FleetState;
  readonly clock: Clock;
}

export class LiveHub {
  readonly environment: string;
  readonly #fleet: () => FleetState;
  readonly #clock: Clock;
  readonly #viewers = new Map<string, Set<LiveViewer>>();
  readonly #changed = new Map<string, Set<number>>();
  readonly #described = new Set<string>();
  readonly #urgent = new Set<string>();
  readonly #snapshots = new Map<
    string,
    { readonly version: number; readonly lastEvent: number; readonly now: number; readonly frame: Buffer }
  >();
  #events: LoggedEventIn[] = [];
  #lastEvent = 0;
  #version = 0;
  #immediate: NodeJS.Immediate | null = null;
  #later: Timer | null = null;
  #urgentAt = -URGENT_EVERY_MS;

  constructor(options: LiveHubOptions) {
    this.environment = options.environment;
    this.#fleet = options.fleet;
    this.#clock = options.clock;
  }

  /** Highest event id that viewers have been told of, or could read when the first of them came. */
  get lastEvent(): number {
    return this.#lastEvent;
  }

  /** This event is on disk, and readable for everyone. */
  readable(event: number): void {
    this.#lastEvent = Math.max(this.#lastEvent, event);
  }

  get empty(): boolean {
    return this.#viewers.size === 0;
  }

  join(viewer: LiveViewer): void {
    const key = scopeKey(viewer.scope);
    const group = this.#viewers.get(key);
    if (group) group.add(viewer);
    else this.#viewers.set(key, new Set([viewer]));
  }

  leave(viewer: LiveViewer): void {
    const key = scopeKey(viewer.scope);
    const group = this.#viewers.get(key);
    if (!group?.delete(viewer) || group.size > 0) return;
    this.#viewers.delete(key);
    this.#snapshots.delete(key);
  }

  /** A snapshot of a scope; the same bytes for everyone who asks before anything changes. */
  snapshot(scope: Scope, lastEvent: number): Buffer {
    const now = this.#clock.now();
    const key = scopeKey(scope);
    const held = this.#snapshots.get(key);
    if (held?.version === this.#version && held.lastEvent === lastEvent && held.now === now) return held.frame;
    const frame = encodeSnapshot(this.#fleet(), { scope, lastEvent, now });
    this.#snapshots.set(key, { version: this.#version, lastEvent, now, frame });
    return frame;
  }

  fleetChanged(change: FleetChange): void {
    this.#version++;
    if (change.type === "forgotten") {
      this.#changed.delete(change.key);
      this.#described.delete(change.key);
      for (const viewer of this.#all()) viewer.restart();
      return;
    }
    if (change.type === "described") {
      // The description carries every value.
      this.#changed.delete(change.key);
      this.#described.add(change.key);
      this.#hurry();
      return;
    }
    if (this.#described.has(change.key)) return;
    let slots = this.#changed.get(change.key);
    if (!slots) this.#changed.set(change.key, (slots = new Set()));
    for (let i = 0; i < change.slots.length; i += 2) slots.add(change.slots[i] as number);
    if (change.urgent) {
      this.#urgent.add(change.key);
      this.#hurry();
    }
  }

  eventsCommitted(events: readonly LoggedEventIn[]): void {
    this.#events.push(...events);
    this.#immediate ??= setImmediate(() => this.#flushUrgent());
  }

  policyMoved(revision: number, flip: string | null): void {
    const frame = encodeLive({ t: "policy", now: this.#clock.now(), revision, flip });
    for (const viewer of this.#all()) viewer.policy(frame);
  }

  beat(frame: Buffer): void {
    for (const viewer of this.#all()) viewer.beat(frame);
  }

  /** Sends everything that has changed since the last flush. */
  flush(): void {
    this.#flushUrgent();
    this.#flushValues([...this.#changed.keys()]);
    for (const viewer of this.#all()) viewer.tick();
  }

  stop(): void {
    if (this.#immediate) clearImmediate(this.#immediate);
    this.#later?.cancel();
  }

  #all(): readonly LiveViewer[] {
    return [...this.#viewers.values()].flatMap((group) => [...group]);
  }

  #hurry(): void {
    if (this.#immediate ?? this.#later) return;
    const wait = this.#urgentAt + URGENT_EVERY_MS - this.#clock.monotonic();
    if (wait <= 0) this.#immediate = setImmediate(() => this.#flushUrgent());
    else
      this.#later = this.#clock.setTimeout(() => {
        this.#later = null;
        this.#flushUrgent();
      }, wait);
  }

  #flushUrgent(): void {
    this.#immediate = null;
    this.#later?.cancel();
    this.#later = null;
    if (this.#described.size > 0 || this.#urgent.size > 0) this.#urgentAt = this.#clock.monotonic();
    this.#flushDescribed();
    if (this.#urgent.size > 0) this.#flushValues([...this.#urgent]);
    this.#urgent.clear();
    this.#flushEvents();
    if (this.#described.size > 0) this.#hurry();
  }

  #flushDescribed(): void {
    const states: InstanceState[] = [];
    for (const key of this.#described) {
      if (states.length >= DESCRIBED_AT_ONCE) break;
      this.#described.delete(key);
      const state = this.#fleet().instances.get(key);
      if (state) states.push(state);
    }
    this.#share("upsert", states, encodeUpsertPart);
  }

  #flushValues(keys: readonly string[]): void {
    const states: InstanceState[] = [];
    for (const key of keys) {
      const state = this.#fleet().instances.get(key);
      if (state && this.#changed.has(key)) states.push(state);
    }
    this.#share("delta", states, (state) => encodeDeltaPart(state, this.#changed.get(state.key) ?? []));
    for (const key of keys) this.#changed.delete(key);
  }

  /** Encodes each instance once and puts the parts together once for each scope. */
  #share(type: "delta" | "upsert", states: readonly InstanceState[], encode: (state: InstanceState) => string): void {
    if (states.length === 0 || this.empty) return;
    const parts = new Map<InstanceState, string>();
    const now = this.#clock.now();
    for (const group of this.#viewers.values()) {
      const [first] = group;
      if (!first) continue;
      const mine: string[] = [];
      for (const state of states) {
        if (!inScope(first.scope, state.service)) continue;
        let part = parts.get(state);
        if (part === undefined) parts.set(state, (part = encode(state)));
        mine.push(part);
      }
      if (mine.length === 0) continue;
      const frame = joinParts(type, mine, now);
      for (const viewer of group) viewer.state(frame, mine.length);
    }
  }

  #flushEvents(): void {
    if (this.#events.length === 0) return;
    const events = this.#events.sort((a, b) => a.id - b.id);
    this.#events = [];
    this.readable(events.at(-1)?.id ?? 0);
    const now = this.#clock.now();
    for (const group of this.#viewers.values()) {
      const [first] = group;
      if (!first) continue;
      const mine = eventsInScope(first.scope, events);
      if (mine.length === 0) continue;
      const frame = encodeEvents(mine, now);
      for (const viewer of group) viewer.events(frame, mine);
    }
  }
}

function scopeKey(scope: Scope): string {
  return scope.service ?? "";
}
