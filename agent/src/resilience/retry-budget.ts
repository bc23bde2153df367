/** Retry budget: what retries and hedges of all who share it may add to the load. After Finagle and failsafe-go. */
import type { Reading } from "../../../protocol/kinds.ts";
import type { OverrideState, SettingsOf } from "../../../protocol/settings.ts";
import { TimeWindow } from "./breaker-window.ts";
import { Place, settingOf, valuesOf, type OptionsOf, type Setting } from "./policy-part.ts";
import { Settings, type Explained } from "./settings.ts";
import type { Surroundings } from "./surroundings.ts";

export type RetryBudgetOptions = OptionsOf<"budget">;

export class RetryBudget {
  readonly name: string;
  readonly #settings: Settings<"budget">;
  readonly #world: Surroundings;
  readonly #place: Place;
  /** Its failures are the retries. */
  #window: TimeWindow;
  #disabled = false;
  #calls = 0;
  #granted = 0;
  #denied = 0;

  constructor(name: string, options: RetryBudgetOptions = {}, setting: Setting = settingOf(options)) {
    this.name = name;
    this.#world = setting.world;
    this.#settings = new Settings("budget", { values: valuesOf<"budget">(options), bounds: options.bounds }, (next, previous) => {
      if (next.windowMs !== previous.windowMs) this.#window = this.#newWindow();
    });
    this.#window = this.#newWindow();
    this.#place = new Place(
      { name, kind: "retry", settings: this.#settings, read: () => this.read(), override: (state) => this.override(state) },
      setting,
    );
  }

  /** A first attempt was made. */
  called(): void {
    this.#calls++;
    this.#window.record(this.#world.wheel.coarse(), false, false);
  }

  /** Takes one retry or hedge out of the budget, if it is there. */
  take(): boolean {
    if (!this.#disabled && this.left < 1) {
      this.#denied++;
      return false;
    }
    this.#granted++;
    this.#window.spend(this.#world.wheel.coarse());
    return true;
  }

  /** Retries and hedges that may still be made now. */
  get left(): number {
    this.#window.turn(this.#world.wheel.coarse());
    const { permille, floor } = this.#settings.current;
    return Math.max(0, Math.max(floor, Math.floor((this.#window.calls * permille) / 1000)) - this.#window.failures);
  }

  override(state: OverrideState | null): void {
    this.#disabled = state === "disabled";
  }

  explain(): Readonly<Record<keyof SettingsOf<"budget">, Explained>> {
    return this.#settings.explain();
  }

  read(): Reading<"retry"> {
    return { calls: this.#calls, retries: this.#granted, denied: this.#denied, budgetLeft: this.left };
  }

  close(): void {
    this.#place.leave();
  }

  #newWindow(): TimeWindow {
    return new TimeWindow(this.#settings.current.windowMs, this.#world.monoNow());
  }
}
