/** What every adapter is: how to recognise a thing, what to listen to, how to read it. */
import type { Kind } from "../../../protocol/kinds.ts";
import type { Cells } from "../telemetry/columns.ts";
import type { Data, Scalar } from "../types.ts";
import type { Control } from "./control.ts";
import type { Guard } from "./guard.ts";

/** Where an adapter reports what happens between two samples. */
export interface Sink {
  /** One more of the counter in this column, or `by` more. */
  count(column: number, by?: number): void;
  /** A call (or a wait for a place in a pool) ended well or not. `ms` NaN: it took no time worth showing. */
  outcome(good: boolean, ms: number): void;
  /** The breaker is in this state now, by its wire number. Tells the console at once when it is news. */
  state(state: number): void;
}

export interface AdapterContext {
  readonly guard: Guard;
  readonly sink: Sink;
  /** Milliseconds on the monotonic clock. */
  readonly now: () => number;
  /** 0 to 1, for what must not happen everywhere at once. */
  readonly random: () => number;
  /** Settings the host passed, for what cannot be read from the thing. */
  readonly settings: Data;
  /** The thing ended itself: end the observation. */
  readonly ended: () => void;
}

/** A thing under observation; what went through the sink is filled in for it. `read` gets the thing passed in, so that nothing here keeps it alive. */
export interface Attachment<T> {
  read(thing: T, cells: Cells): void;
  /** Takes listeners off the thing. */
  detach?(thing: T): void;
  /** Ends what goes on without the thing, like a subscription of the process. Called even when the thing is gone. */
  release?(): void;
  /** What the host may let the console change. */
  readonly controls?: readonly Control<T>[];
}

export interface Adapter<T extends object = object> {
  readonly kind: Kind;
  /** The library, for people. */
  readonly source: string;
  /** Columns counted through the sink. */
  readonly counts: readonly number[];
  recognises(thing: object): thing is T;
  /** Settings worth showing. Never anything secret: adapters name the fields they take. */
  settings(thing: T): Record<string, Scalar>;
  attach(thing: T, context: AdapterContext): Attachment<T>;
}

type Loose = Readonly<Record<string, unknown>>;

/** A field of a thing of unknown shape; undefined when a getter throws. */
export function field(thing: object, key: string): unknown {
  try {
    return (thing as Loose)[key];
  } catch {
    return undefined;
  }
}

export function hasFunctions(thing: object, ...keys: readonly string[]): boolean {
  return keys.every((key) => typeof field(thing, key) === "function");
}

export function hasNumbers(thing: object, ...keys: readonly string[]): boolean {
  return keys.every((key) => typeof field(thing, key) === "number");
}

/** The named fields of an options object that are finite numbers or booleans. */
export function plainSettings(options: unknown, keys: readonly string[]): Record<string, Scalar> {
  const settings: Record<string, Scalar> = {};
  if (typeof options !== "object" || options === null) return settings;
  for (const key of keys) {
    const value = field(options, key);
    if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) settings[key] = value;
  }
  return settings;
}

/** Emitters as Node and eventemitter3 have them. */
export interface EmitterLike {
  on(event: string, listener: (...args: never[]) => void): unknown;
  removeListener(event: string, listener: (...args: never[]) => void): unknown;
}

type Listeners = Readonly<Record<string, (...args: never[]) => void>>;

export function listen(emitter: EmitterLike, listeners: Listeners): void {
  for (const [event, listener] of Object.entries(listeners)) emitter.on(event, listener);
}

export function unlisten(emitter: EmitterLike, listeners: Listeners): void {
  for (const [event, listener] of Object.entries(listeners)) emitter.removeListener(event, listener);
}
