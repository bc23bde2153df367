/** Hedging: a second attempt beside one that is late. See hedge-race.ts for how it runs. */
import type { Reading } from "../../../protocol/kinds.ts";
import type { OverrideState, SettingsOf } from "../../../protocol/settings.ts";
import type { Runs } from "./standalone.ts";
import { surroundings } from "./surroundings.ts";
import { race, type Hedging } from "./hedge-race.ts";
import { Place, settingOf, valuesOf, type OptionsOf, type Setting } from "./policy-part.ts";
import { RetryBudget } from "./retry-budget.ts";
import { Runner } from "./runner.ts";
import { Settings, type Explained } from "./settings.ts";

export type HedgeOptions = OptionsOf<"hedge">;

export class Hedge implements Hedging {
  readonly name: string;
  readonly #settings: Settings<"hedge">;
  readonly #place: Place;
  readonly #counts = { calls: 0, hedges: 0, wins: 0, denied: 0 };
  #disabled = false;

  /** @throws TypeError for settings that cannot be. */
  constructor(name: string, options: HedgeOptions = {}, setting: Setting = settingOf(options)) {
    this.name = name;
    this.#settings = new Settings("hedge", { values: valuesOf<"hedge">(options), bounds: options.bounds });
    this.#place = new Place(
      { name, kind: "hedge", settings: this.#settings, read: () => this.read(), override: (state) => this.override(state) },
      setting,
    );
  }

  /** Hedges are counted where one would be sent, and not sent. */
  get shadow(): boolean {
    return this.#settings.current.shadow;
  }

  get max(): number {
    return this.#settings.current.maxHedges;
  }

  delayMs(): number {
    return this.#disabled ? Infinity : this.#settings.current.delayMs;
  }

  count(what: keyof Reading<"hedge">): void {
    this.#counts[what]++;
  }

  override(state: OverrideState | null): void {
    this.#disabled = state === "disabled";
  }

  explain(): Readonly<Record<keyof SettingsOf<"hedge">, Explained>> {
    return this.#settings.explain();
  }

  read(): Reading<"hedge"> {
    return { ...this.#counts };
  }

  close(): void {
    this.#place.leave();
  }
}

/** A hedge. Its `run` hedges calls that may be made twice, within a budget of its own or a shared one. */
export function hedge(
  name: string,
  options: HedgeOptions & { readonly budget?: RetryBudget | undefined; readonly idempotent?: boolean | undefined } = {},
): Hedge & Runs {
  const { budget = new RetryBudget(`${name.slice(0, 57)} budget`, { agent: options.agent }), idempotent = false, ...rest } = options;
  const policy = new Hedge(name, rest);
  const world = surroundings();
  const outer = new Runner({ name, world, times: "total" });
  const inner = new Runner({ name, world, times: "attempt" });
  const once: Runs["run"] = (fn, given) => inner.run(fn, given);
  const run: Runs["run"] = (fn, given = {}) => {
    budget.called();
    if (!(given.idempotent ?? idempotent)) return outer.run(fn, given);
    const parts = { run: once, hedge: policy, budget, wheel: world.wheel };
    return outer.run((context) => race(parts, fn, context, {}), given);
  };
  return Object.assign(policy, { run });
}
