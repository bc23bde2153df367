/** Fallback: what is answered when a call fails. Tiers in order: fresh cache, stale cache, default, message, queue for later. */
import type { Reading } from "../../../protocol/kinds.ts";
import type { OverrideState, SettingsOf } from "../../../protocol/settings.ts";
import { FallbackCache } from "./fallback-cache.ts";
import { LaterQueue, type Later } from "./later-queue.ts";
import { Place, settingOf, valuesOf, type OptionsOf, type Setting } from "./policy-part.ts";
import { Settings, type Explained } from "./settings.ts";
import { running, type Runs } from "./standalone.ts";
import type { Surroundings } from "./surroundings.ts";
import { publish } from "./topics.ts";

export type FallbackTier = "fresh" | "stale" | "default" | "message" | "queue";

/** Which tier answered instead of the call. */
export interface Served {
  readonly tier: FallbackTier;
  readonly key: string | undefined;
  /** Age of the answer; 0 unless it is a cached one. */
  readonly staleMs: number;
  /** What the call failed with. */
  readonly error: unknown;
}

/** The tiers of a chain: those left out are passed over. The cache is there when `freshMs` or `staleMs` is. */
export type FallbackOptions<T = unknown> = OptionsOf<"fallback"> & {
  /** An answer that is always there. What it throws leaves it to the next tier. */
  readonly default?: ((error: unknown) => T | PromiseLike<T>) | undefined;
  /** An answer that tells the user what is missing. */
  readonly message?: ((error: unknown) => T | PromiseLike<T>) | undefined;
  /** Calls with a key can be made good later. */
  readonly queue?: Later<T> | undefined;
  /** Answers kept. Default: 1,000. */
  readonly maxCached?: number | undefined;
  /** Told of each answer of the chain. What it throws is ignored. */
  readonly onServed?: ((served: Served) => void) | undefined;
};

export class FallbackChain<T = unknown> {
  readonly name: string;
  readonly #settings: Settings<"fallback">;
  readonly #world: Surroundings;
  readonly #place: Place;
  readonly #options: FallbackOptions<T>;
  readonly #cache: FallbackCache<T>;
  readonly #later: LaterQueue | null;
  readonly #served: Record<FallbackTier, number> = { fresh: 0, stale: 0, default: 0, message: 0, queue: 0 };
  #disabled = false;
  #calls = 0;
  #failed = 0;
  #staleMs = 0;

  /** @throws TypeError for settings that cannot be. */
  constructor(name: string, options: FallbackOptions<T> = {}, setting: Setting = settingOf(options)) {
    this.name = name;
    this.#options = options;
    this.#world = setting.world;
    this.#cache = new FallbackCache(options.maxCached ?? 1_000);
    this.#later = options.queue === undefined ? null : new LaterQueue(options.queue);
    const values = valuesOf<"fallback">(options, "default", "message", "queue", "maxCached", "onServed");
    this.#settings = new Settings("fallback", { values, bounds: options.bounds }, () => {
      if (this.#keepMs === 0) this.#cache.clear();
    });
    this.#place = new Place(
      { name, kind: "fallback", settings: this.#settings, read: () => this.read(), override: (state) => this.override(state) },
      setting,
    );
  }

  /** An operator wants answers of a tier, and the code has that tier. Calls are not made then. */
  get forced(): boolean {
    const { force, shadow } = this.#settings.current;
    if (force === "none" || shadow || this.#disabled) return false;
    return force === "cache" ? this.#keepMs > 0 : this.#options[force] !== undefined;
  }

  /** Keys put off and not yet sent. */
  get waiting(): number {
    return this.#later?.size ?? 0;
  }

  /** Answers kept now. */
  get cached(): number {
    return this.#cache.size;
  }

  /** The answer of the first tier that has one, from the forced tier on. Throws or rejects with the error when none has. */
  answer(error: unknown, key?: string): T | Promise<T> {
    if (this.#disabled) throw error;
    this.#calls++;
    const { force, freshMs, staleMs, shadow } = this.#settings.current;
    const kept = force === "none" || force === "cache" || shadow ? this.#cache.get(key ?? "") : undefined;
    if (kept !== undefined) {
      const age = this.#world.monoNow() - kept.at;
      const tier = freshMs > 0 && age <= freshMs ? "fresh" : age <= staleMs ? "stale" : null;
      if (tier !== null) {
        this.#serve({ tier, key, error, staleMs: age });
        if (shadow) throw error;
        return kept.value;
      }
      this.#cache.delete(key ?? "");
    }
    if (shadow) this.#pretend(error, key);
    return this.#made(error, key);
  }

  /** Keeps a good answer, if the settings say how long it is of use. */
  store(value: T, key?: string): void {
    if (this.#keepMs > 0 && !this.#disabled) this.#cache.set(key ?? "", value, this.#world.monoNow());
  }

  /** Sends what was put off, in order, until one fails; answers how many went. Calling it while it runs joins in. Never rejects. */
  drain(): Promise<number> {
    return this.#later?.drain() ?? Promise.resolve(0);
  }

  override(state: OverrideState | null): void {
    this.#disabled = state === "disabled";
  }

  explain(): Readonly<Record<keyof SettingsOf<"fallback">, Explained>> {
    return this.#settings.explain();
  }

  /** `staleMs`: age of the cached answer last given. */
  read(): Reading<"fallback"> {
    const { fresh, stale, default: defaults, message: messages, queue: queued } = this.#served;
    return { calls: this.#calls, fresh, stale, defaults, messages, queued, failed: this.#failed, staleMs: this.#staleMs };
  }

  close(): void {
    this.#place.leave();
  }

  get #keepMs(): number {
    const { freshMs, staleMs } = this.#settings.current;
    return Math.max(freshMs, staleMs);
  }

  async #made(error: unknown, key: string | undefined): Promise<T> {
    const { force } = this.#settings.current;
    const { queue } = this.#options;
    for (const tier of ["default", "message"] as const) {
      const make = this.#options[tier];
      if (make === undefined || force === "queue" || (tier === "default" && force === "message")) continue;
      try {
        const value = await make(error);
        this.#serve({ tier, key, error, staleMs: 0 });
        return value;
      } catch {
        // The next tier may have an answer.
      }
    }
    if (queue !== undefined && key !== undefined && this.#later?.add(key) === true) {
      try {
        const value = queue.answer(key);
        this.#serve({ tier: "queue", key, error, staleMs: 0 });
        return value;
      } catch {
        // It is put off all the same; the caller learns of the failure.
      }
    }
    this.#failed++;
    throw error;
  }

  /** Shadow: counts the tier that would have been asked, asks none. */
  #pretend(error: unknown, key: string | undefined): never {
    const { default: made, message, queue } = this.#options;
    const tier = made !== undefined ? "default" : message !== undefined ? "message" : "queue";
    if (tier === "queue" && (queue === undefined || key === undefined)) this.#failed++;
    else this.#serve({ tier, key, error, staleMs: 0 });
    throw error;
  }

  #serve(served: Served): void {
    const { tier, staleMs } = served;
    this.#served[tier]++;
    if (tier === "fresh" || tier === "stale") this.#staleMs = Math.round(staleMs);
    publish("holdfast:fallback:served", () => ({ name: this.name, tier, staleMs, key: served.key ?? null }));
    try {
      this.#options.onServed?.(served);
    } catch {
      // A listener's mistake is not the caller's.
    }
  }
}

/** A fallback. Beside `run`, which keeps good answers by the call's `key`, it has `answer` and `store`. */
export function fallback<T = unknown>(name: string, options: FallbackOptions<T> = {}): FallbackChain<T> & Runs {
  const chain = new FallbackChain<T>(name, options);
  return running(chain, { fallback: chain });
}
