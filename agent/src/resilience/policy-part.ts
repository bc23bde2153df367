/** What every policy does to be seen and steered, in one place. */
import type { Kind, Reading } from "../../../protocol/kinds.ts";
import type { Bounds, FaultValues, OverrideState, PolicyName, SettingsOf, Values } from "../../../protocol/settings.ts";
import type { Data, Disposer } from "../types.ts";
import { settleAt } from "./home.ts";
import type { Part } from "./part.ts";
import type { Settings } from "./settings.ts";
import { surroundings, type Surroundings } from "./surroundings.ts";

/** Options that every policy takes beside its settings. */
export interface PolicyOptions {
  /** The service or system on the far side. */
  readonly target?: string | undefined;
  /** The agent that reports and steers it. Default: the process's, as soon as there is one. */
  readonly agent?: object | undefined;
  /** Limits that no remote value passes, by setting. */
  readonly bounds?: Bounds | undefined;
}

/** The code's values of a policy and what goes with them. */
export type OptionsOf<P extends PolicyName> = Partial<SettingsOf<P>> & PolicyOptions;

/** What a policy is given beside its settings when a pipeline makes it. */
export interface Setting {
  readonly world: Surroundings;
  readonly target: string | undefined;
  readonly agent: object | undefined;
  /** Failures to inject into the pipeline; null when the host did not allow any. */
  readonly inject: ((values: Partial<FaultValues> | null, revision: number) => void) | null;
}

export function settingOf(options: PolicyOptions, world: Surroundings = surroundings()): Setting {
  return { world, target: options.target, agent: options.agent, inject: null };
}

/** The settings among options; `others` are the policy's own options. */
export function valuesOf<P extends PolicyName>(options: OptionsOf<P>, ...others: readonly string[]): Partial<SettingsOf<P>> {
  const apart = new Set(["target", "agent", "bounds", ...others]);
  return Object.fromEntries(Object.entries(options).filter(([key]) => !apart.has(key))) as Partial<SettingsOf<P>>;
}

export interface PolicyFace {
  readonly name: string;
  readonly kind: Kind;
  readonly settings: { readonly policy: PolicyName; readonly code: Values } & Pick<Settings<PolicyName>, "bounds" | "fixed" | "remote">;
  readonly read: () => Reading;
  readonly override: (state: OverrideState | null) => void;
}

/** A policy where its agent finds it. */
export class Place {
  readonly #part: Part;
  readonly #leave: Disposer;

  constructor(face: PolicyFace, setting: Setting) {
    const { name, kind, settings, read, override } = face;
    const { code, bounds, fixed, policy } = settings;
    const { inject } = setting;
    this.#part = {
      name,
      kind,
      read,
      target: setting.target,
      tell: null,
      steering: {
        policy,
        code,
        bounds,
        fixed,
        faults: inject !== null,
        settings: (items) => settings.remote(items),
        override,
        fault: (values, revision) => inject?.(values, revision),
      },
    };
    this.#leave = settleAt(setting.agent, this.#part);
  }

  /** What happens to the one who listens changes nothing here. */
  tell(type: string, data: Data): void {
    try {
      this.#part.tell?.(type, data);
    } catch {
      // The log is not worth a call.
    }
  }

  leave(): void {
    this.#leave();
  }
}
