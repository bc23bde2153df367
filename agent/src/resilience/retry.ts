/** Retry: whether a failed attempt is made again, and when. Exponential back-off with full jitter (Brooker, "Exponential Backoff And Jitter"). */
import type { Reading } from "../../../protocol/kinds.ts";
import type { OverrideState, SettingsOf } from "../../../protocol/settings.ts";
import { isPolicyError } from "./errors.ts";
import { Place, settingOf, valuesOf, type OptionsOf, type Setting } from "./policy-part.ts";
import type { RetryBudget } from "./retry-budget.ts";
import { Settings, type Explained } from "./settings.ts";
import type { Surroundings } from "./surroundings.ts";
import { publish } from "./topics.ts";

export type RetryOptions = OptionsOf<"retry"> & {
  /** Whether calls that do not say may be made twice. Default: false. */
  readonly idempotent?: boolean | undefined;
  /** Whether an error is worth another attempt. Default: every error is, unless it carries `retryable: false`. What it throws counts as no. */
  readonly retryOn?: ((error: unknown) => boolean) | undefined;
};

/** RFC 9110, 9.2.2, and QUERY. */
const IDEMPOTENT_METHODS = /^(?:GET|HEAD|OPTIONS|PUT|DELETE|TRACE|QUERY)$/i;

/** Whether a request may be sent twice: by its method, or because it carries an Idempotency-Key. */
export function isIdempotent(method: string, headers?: unknown): boolean {
  return IDEMPOTENT_METHODS.test(method) || headerOf(headers, "idempotency-key") !== undefined;
}

export class Retry {
  readonly name: string;
  readonly budget: RetryBudget;
  /** Of calls that do not say. */
  readonly idempotent: boolean;
  calls = 0;
  readonly #settings: Settings<"retry">;
  readonly #world: Surroundings;
  readonly #place: Place;
  readonly #retryOn: ((error: unknown) => boolean) | undefined;
  #disabled = false;
  #retries = 0;
  #exhausted = 0;
  #denied = 0;

  constructor(name: string, options: RetryOptions & { readonly budget: RetryBudget }, setting: Setting = settingOf(options)) {
    this.name = name;
    this.budget = options.budget;
    this.idempotent = options.idempotent ?? false;
    this.#retryOn = options.retryOn;
    this.#world = setting.world;
    const values = valuesOf<"retry">(options, "idempotent", "retryOn", "budget");
    this.#settings = new Settings("retry", { values, bounds: options.bounds });
    this.#place = new Place(
      { name, kind: "retry", settings: this.#settings, read: () => this.read(), override: (state) => this.override(state) },
      setting,
    );
  }

  /** A call makes its first attempt. */
  called(): void {
    this.calls++;
    this.budget.called();
  }

  /**
   * Milliseconds until the next attempt of a call whose attempt number `attempt` failed; -1 for none. `leftMs`: until the whole call
   * ends. Takes from the budget.
   */
  delay(error: unknown, attempt: number, { idempotent, leftMs }: { readonly idempotent: boolean; readonly leftMs: number }): number {
    const { maxAttempts, baseMs, maxDelayMs, shadow } = this.#settings.current;
    if (this.#disabled || !this.#worthIt(error)) return -1;
    if (attempt >= maxAttempts) {
      if (maxAttempts > 1) this.#exhausted++;
      return -1;
    }
    const told = retryAfterMs(error);
    const delay = Math.max(this.#world.random() * Math.min(maxDelayMs, baseMs * 2 ** (attempt - 1)), told);
    if (!idempotent || told > maxDelayMs || delay >= leftMs || !this.budget.take()) {
      this.#denied++;
      return -1;
    }
    this.#retries++;
    publish("holdfast:retry:scheduled", () => ({ name: this.name, attempt: attempt + 1, delayMs: Math.round(delay) }));
    return shadow ? -1 : delay;
  }

  override(state: OverrideState | null): void {
    this.#disabled = state === "disabled";
  }

  explain(): Readonly<Record<keyof SettingsOf<"retry">, Explained>> {
    return this.#settings.explain();
  }

  read(): Reading<"retry"> {
    return {
      calls: this.calls,
      retries: this.#retries,
      exhausted: this.#exhausted,
      denied: this.#denied,
      budgetLeft: this.budget.left,
    };
  }

  close(): void {
    this.#place.leave();
  }

  /** What another policy refused would be refused again; only an attempt that timed out, or was made to fail, is worth one. */
  #worthIt(error: unknown): boolean {
    try {
      if (isPolicyError(error) && error.code !== "attempt_timeout" && error.code !== "fault_error") return false;
      if (this.#retryOn !== undefined) return this.#retryOn(error);
      return (error as { readonly retryable?: unknown } | null | undefined)?.retryable !== false;
    } catch {
      return false;
    }
  }
}

/** What the far side asks for: `retryAfterMs` of the error, or Retry-After in its headers or its response's. 0 when nothing. */
export function retryAfterMs(error: unknown, wallNow: () => number = Date.now): number {
  try {
    if (typeof error !== "object" || error === null) return 0;
    const { retryAfterMs: told, headers, response } = error as Record<string, unknown>;
    if (typeof told === "number") return told > 0 ? told : 0;
    const text = headerOf(headers, "retry-after") ?? headerOf((response as { headers?: unknown } | undefined)?.headers, "retry-after");
    if (text === undefined) return 0;
    const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - wallNow();
    return ms > 0 ? ms : 0;
  } catch {
    return 0;
  }
}

/** A header of a Headers object, a Map or a plain record, whatever its case. */
function headerOf(headers: unknown, name: string): string | undefined {
  if (typeof headers !== "object" || headers === null) return undefined;
  const { get } = headers as { get?: unknown };
  const found: unknown =
    typeof get === "function"
      ? (get.call(headers, name) as unknown)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof found === "string" || typeof found === "number" ? String(found).trim() : undefined;
}
