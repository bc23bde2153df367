/** Rate limiter: GCRA by key. A key is one number, the time at which its bucket is full again, so nothing runs while nobody calls. */
import type { Reading } from "../../../protocol/kinds.ts";
import type { OverrideState, SettingsOf } from "../../../protocol/settings.ts";
import { Place, settingOf, valuesOf, type OptionsOf, type Setting } from "./policy-part.ts";
import { Settings, type Explained } from "./settings.ts";
import { running, type Runs } from "./standalone.ts";
import type { Surroundings } from "./surroundings.ts";
import { publish } from "./topics.ts";

export type RateLimiterOptions = OptionsOf<"limiter"> & {
  /** Keys remembered at once. Beyond it the one nearest to a full bucket is forgotten. Default: 10,000. */
  readonly maxKeys?: number | undefined;
};

const MAX_KEYS = 10_000;
/** Keys compared to find the one to forget. */
const LOOKED_AT = 8;
/** Sums of fractions are not exact: less than this is no wait. */
const NOTHING_MS = 1e-6;

export class RateLimiter {
  readonly name: string;
  /** Keys forgotten before their bucket was full again, because there were too many. */
  evicted = 0;
  readonly #settings: Settings<"limiter">;
  readonly #world: Surroundings;
  readonly #place: Place;
  /** Slot of each key, in `#names` and, one further, in `#fullAt`. Slot 0 there is of the calls without a key. */
  readonly #slots = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #maxKeys: number;
  /** When the bucket of each slot is full again. Grows by doubling. */
  #fullAt = new Float64Array(16).fill(-Infinity);
  #hand = 0;
  #disabled = false;
  /** Milliseconds to earn one call, and those a bucket holds. */
  #eachMs = 0;
  #holdsMs = 0;
  #allowed = 0;
  #limited = 0;

  /** @throws TypeError for settings that cannot be. */
  constructor(name: string, options: RateLimiterOptions = {}, setting: Setting = settingOf(options)) {
    this.name = name;
    this.#world = setting.world;
    this.#maxKeys = Math.max(1, Math.floor(options.maxKeys ?? MAX_KEYS));
    const values = valuesOf<"limiter">(options, "maxKeys");
    this.#settings = new Settings("limiter", { values, bounds: options.bounds }, () => this.#apply());
    this.#apply();
    this.#place = new Place(
      { name, kind: "limiter", settings: this.#settings, read: () => this.read(), override: (state) => this.override(state) },
      setting,
    );
  }

  /** Takes one call. 0: it may go on; else the milliseconds until it is worth coming back. Calls without a key share one bucket. */
  tryAcquire(key: string | undefined): number {
    if (this.#disabled) {
      this.#allowed++;
      return 0;
    }
    const now = this.#world.monoNow();
    const slot = key === undefined ? 0 : (this.#slots.get(key) ?? this.#newSlot(key, now));
    const fullAt = Math.max(this.#fullAt[slot] as number, now) + this.#eachMs;
    const wait = fullAt - now - this.#holdsMs;
    if (wait > NOTHING_MS) return this.#refuse(key, wait);
    this.#fullAt[slot] = fullAt;
    this.#allowed++;
    return 0;
  }

  /** Keys remembered now. */
  get keys(): number {
    return this.#slots.size;
  }

  override(state: OverrideState | null): void {
    this.#disabled = state === "disabled";
  }

  explain(): Readonly<Record<keyof SettingsOf<"limiter">, Explained>> {
    return this.#settings.explain();
  }

  /** `level`: calls taken out of the emptiest bucket, of `limit` that it holds. */
  read(): Reading<"limiter"> {
    const now = this.#world.monoNow();
    let latest = now;
    for (const fullAt of this.#fullAt) if (fullAt > latest) latest = fullAt;
    const level = Math.ceil((latest - now) / this.#eachMs - NOTHING_MS);
    return { allowed: this.#allowed, limited: this.#limited, level, limit: this.#settings.current.burst };
  }

  close(): void {
    this.#place.leave();
  }

  #refuse(key: string | undefined, waitMs: number): number {
    this.#limited++;
    publish("holdfast:limiter:limited", () => ({ name: this.name, key: key ?? null, waitMs }));
    if (!this.#settings.current.shadow) return waitMs;
    this.#allowed++;
    return 0;
  }

  /** What was taken stays taken: debts are counted in calls, not in the time that earned them before. */
  #apply(): void {
    const { limit, periodMs, burst } = this.#settings.current;
    const eachMs = periodMs / limit;
    const holdsMs = eachMs * burst;
    if (this.#eachMs > 0) {
      const now = this.#world.monoNow();
      this.#fullAt.forEach((fullAt, slot) => {
        if (fullAt > now) this.#fullAt[slot] = now + Math.min((fullAt - now) * (eachMs / this.#eachMs), holdsMs);
      });
    }
    this.#eachMs = eachMs;
    this.#holdsMs = holdsMs;
  }

  #newSlot(key: string, now: number): number {
    const full = this.#names.length >= this.#maxKeys;
    const slot = full ? this.#forget(now) : this.#names.length + 1;
    if (slot >= this.#fullAt.length) {
      const grown = new Float64Array(this.#fullAt.length * 2).fill(-Infinity);
      grown.set(this.#fullAt);
      this.#fullAt = grown;
    }
    this.#names[slot - 1] = key;
    this.#fullAt[slot] = -Infinity;
    this.#slots.set(key, slot);
    return slot;
  }

  /** A key whose bucket is full is as good as unknown; of a few others in turn, the one nearest to that goes. */
  #forget(now: number): number {
    let slot = 0;
    for (let i = 0; i < LOOKED_AT; i++) {
      this.#hand = (this.#hand % this.#names.length) + 1;
      if (slot === 0 || (this.#fullAt[this.#hand] as number) < (this.#fullAt[slot] as number)) slot = this.#hand;
      if ((this.#fullAt[slot] as number) <= now) break;
    }
    if ((this.#fullAt[slot] as number) > now) this.evicted++;
    this.#slots.delete(this.#names[slot - 1] as string);
    return slot;
  }
}

/** A rate limiter. Beside `run`, which limits by the call's `key`, it has `tryAcquire`. */
export function rateLimiter(name: string, options: RateLimiterOptions = {}): RateLimiter & Runs {
  const limiter = new RateLimiter(name, options);
  return running(limiter, { limiter });
}
