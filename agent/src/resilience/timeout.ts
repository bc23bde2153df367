/** Timeouts: of each attempt, and of the whole call with its retries and waits. */
import type { Reading } from "../../../protocol/kinds.ts";
import type { OverrideState, SettingsOf } from "../../../protocol/settings.ts";
import { Place, settingOf, valuesOf, type OptionsOf, type Setting } from "./policy-part.ts";
import { Settings, type Explained } from "./settings.ts";
import { publish } from "./topics.ts";

export type TimeoutOptions = OptionsOf<"timeout">;
export type TimeoutScope = "attempt" | "total";

export class TimeoutPolicy {
  readonly name: string;
  /** In force; Infinity while disabled. */
  attemptMs = Infinity;
  totalMs = Infinity;
  calls = 0;
  /** Calls whose deadline had passed when they came. */
  refused = 0;
  readonly #settings: Settings<"timeout">;
  readonly #place: Place;
  #disabled = false;
  #attempts = 0;
  #totals = 0;

  constructor(name: string, options: TimeoutOptions = {}, setting: Setting = settingOf(options)) {
    this.name = name;
    this.#settings = new Settings("timeout", { values: valuesOf<"timeout">(options), bounds: options.bounds }, () => this.#apply());
    this.#apply();
    this.#place = new Place(
      { name, kind: "timeout", settings: this.#settings, read: () => this.read(), override: (state) => this.override(state) },
      setting,
    );
  }

  /** Counts a timeout. False in shadow mode: the call goes on. */
  fired(scope: TimeoutScope): boolean {
    if (scope === "attempt") this.#attempts++;
    else this.#totals++;
    publish("holdfast:timeout:fired", () => ({ name: this.name, scope }));
    return !this.#settings.current.shadow;
  }

  override(state: OverrideState | null): void {
    this.#disabled = state === "disabled";
    this.#apply();
  }

  explain(): Readonly<Record<keyof SettingsOf<"timeout">, Explained>> {
    return this.#settings.explain();
  }

  read(): Reading<"timeout"> {
    return { calls: this.calls, attemptTimeouts: this.#attempts, totalTimeouts: this.#totals, refused: this.refused };
  }

  close(): void {
    this.#place.leave();
  }

  #apply(): void {
    const { attemptMs, totalMs } = this.#settings.current;
    this.attemptMs = this.#disabled ? Infinity : attemptMs;
    this.totalMs = this.#disabled ? Infinity : totalMs;
  }
}
