/**
 * Switches as flags: a provider for the OpenFeature server SDK 1.x. It is written to the shape of the SDK's interface, so that nothing
 * of the SDK is imported.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Origin, Topic, Topics } from "../topics.ts";
import type { Agent, Data, Disposer } from "../types.ts";
import { viewOf, type ViewedSwitch } from "../view.ts";
import { ProviderEmitter } from "./emitter.ts";
import { flagValue, type FlagType, type Json, type Variants } from "./flag-value.ts";

export interface HoldfastProviderOptions {
  /** Values of positions, for flags that are numbers or objects, or where the position itself is not the value wanted. */
  readonly variants?: Variants | undefined;
}

/** `revision`: of the policy that decides, 0 for none. `source`: what gave the position. */
export type FlagMetadata = Record<string, string | number | boolean>;

/** What the SDK is answered. An error carries `errorCode` too: an enumeration of the SDK, which only its own members are assignable to. */
export interface Resolution<T> {
  readonly value: T;
  readonly variant?: string;
  readonly reason?: string;
  readonly flagMetadata?: FlagMetadata;
  readonly errorMessage?: string;
}

export interface HoldfastProvider {
  readonly metadata: { readonly name: "holdfast" };
  readonly runsOn: "server";
  readonly events: ProviderEmitter;
  initialize(): Promise<void>;
  onClose(): Promise<void>;
  resolveBooleanEvaluation(key: string, fallback: boolean): Promise<Resolution<boolean>>;
  resolveStringEvaluation(key: string, fallback: string): Promise<Resolution<string>>;
  resolveNumberEvaluation(key: string, fallback: number): Promise<Resolution<number>>;
  resolveObjectEvaluation<T>(key: string, fallback: T): Promise<Resolution<T>>;
  /** Becomes an event `openfeature.tracked` of the agent, with the scalars of the details. */
  track(name: string, context?: unknown, details?: object): void;
}

/**
 * Reads the switches that the agent declared. Positions are held in this process, so it is READY at once, STALE while there is no link to
 * the console, and never FATAL.
 */
export function holdfastProvider(agent: Agent, options: HoldfastProviderOptions = {}): HoldfastProvider {
  const variants = options.variants ?? {};
  const view = viewOf(agent);
  const events = new ProviderEmitter();
  let stop: Disposer | null = null;

  const resolve = <T>(key: string, fallback: T, type: FlagType): Promise<Resolution<T>> => {
    const seen = view?.switchOf(key) ?? null;
    if (seen === null) return fails(fallback, "FLAG_NOT_FOUND", `no switch ${key} is declared`);
    const { connected } = agent.status;
    const flagMetadata = { revision: seen.revision, source: sourceOf(seen, connected) };
    const value = flagValue(seen, type, variants);
    if (value === undefined) return fails(fallback, "TYPE_MISMATCH", `${key} has no ${type} for ${seen.position}`, flagMetadata);
    return Promise.resolve({ value: value as T, variant: seen.position, reason: reasonOf(seen, connected), flagMetadata });
  };

  const start = (): Disposer => {
    const { service, instance } = agent.status;
    const own = (origin: Origin): boolean => origin.service === service && origin.instance === instance;
    let connected: boolean | null = null;
    let moved: string[] = [];
    let ended = false;
    const linked = (now: boolean): void => {
      if (ended || now === connected) return;
      connected = now;
      if (now) events.emit("PROVIDER_READY");
      else events.emit("PROVIDER_STALE", { message: "there is no link to the console" });
    };
    const tell = (): void => {
      const flagsChanged = moved;
      moved = [];
      if (!ended) events.emit("PROVIDER_CONFIGURATION_CHANGED", { flagsChanged });
    };
    const off = [
      listen("holdfast:link:state", (link) => {
        if (own(link)) linked(link.connected);
      }),
      listen("holdfast:switch:change", (change) => {
        if (!own(change)) return;
        // The switches of one commit move together: they are told together.
        if (moved.length === 0) queueMicrotask(tell);
        moved.push(change.key);
      }),
    ];
    // The SDK says READY itself once `initialize` is through; what is said before that is lost.
    setImmediate(() => linked(agent.status.connected));
    return () => {
      ended = true;
      for (const each of off) each();
    };
  };

  return {
    metadata: { name: "holdfast" },
    runsOn: "server",
    events,
    initialize: () => {
      if (agent.status.enabled) stop ??= start();
      return Promise.resolve();
    },
    onClose: () => {
      stop?.();
      stop = null;
      return Promise.resolve();
    },
    resolveBooleanEvaluation: (key, fallback) => resolve(key, fallback, "boolean"),
    resolveStringEvaluation: (key, fallback) => resolve(key, fallback, "string"),
    resolveNumberEvaluation: (key, fallback) => resolve(key, fallback, "number"),
    resolveObjectEvaluation: (key, fallback) => resolve(key, fallback, "object"),
    track: (name, _context, details = {}) => agent.event("openfeature.tracked", { ...scalars(details), name }),
  };
}

/** An error is answered, not thrown: so its metadata reaches the hooks. */
function fails<T>(value: T, errorCode: string, errorMessage: string, flagMetadata: FlagMetadata = {}): Promise<Resolution<T>> {
  const failed = { value, reason: "ERROR", errorCode, errorMessage, flagMetadata };
  return Promise.resolve(failed);
}

/** DEFAULT: nothing is known. STALE: held without a console. TARGETING_MATCH: an operator decided it for this instance. STATIC: nobody did. */
function reasonOf({ known, revision }: ViewedSwitch, connected: boolean): string {
  if (!known) return "DEFAULT";
  if (!connected) return "STALE";
  return revision > 0 ? "TARGETING_MATCH" : "STATIC";
}

function sourceOf({ known, revision }: ViewedSwitch, connected: boolean): string {
  if (!known) return "safe-default";
  if (revision === 0) return "normal";
  return connected ? "policy" : "held-policy";
}

function listen<T extends Topic>(topic: T, hear: (message: Topics[T]) => void): Disposer {
  const listener = (message: unknown): void => hear(message as Topics[T]);
  subscribe(topic, listener);
  return () => void unsubscribe(topic, listener);
}

function scalars(details: object): Data {
  return Object.fromEntries(
    Object.entries(details as Record<string, Json>).filter(
      (entry): entry is [string, string | number | boolean] => typeof entry[1] !== "object" && typeof entry[1] !== "function",
    ),
  );
}
