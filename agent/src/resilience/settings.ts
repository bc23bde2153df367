/** The settings of one policy: what the code says, what the console says on top of it, and what is in force. */
import {
  defaultsOf,
  fieldsOf,
  togetherProblem,
  valuesProblem,
  type Bounds,
  type PolicyName,
  type SettingsOf,
  type SettingValue,
  type Values,
} from "../../../protocol/settings.ts";
import type { RemoteValues } from "./part.ts";

export interface Explained {
  readonly value: SettingValue;
  /** `default` of the table, `code` of the host, `remote` of the console. */
  readonly origin: "default" | "code" | "remote";
  /** Revision that set it; 0 unless remote. */
  readonly revision: number;
  /** Limits of the code; null when only the table's hold. */
  readonly bounds: readonly [min: number, max: number] | null;
}

/**
 * Holds settings as one frozen object that is swapped whole, so that a call reads one consistent set with one field read.
 * Remote values are merged field by field over the code's; they never pass the bounds. A set that cannot be together is not taken:
 * the last good one stays.
 */
export class Settings<P extends PolicyName> {
  readonly policy: P;
  readonly code: SettingsOf<P>;
  readonly bounds: Bounds;
  readonly fixed: readonly string[];
  /** In force now. Read it once a call. */
  current: SettingsOf<P>;
  readonly #given: ReadonlySet<string>;
  readonly #swapped: (next: SettingsOf<P>, previous: SettingsOf<P>) => void;
  #remote: readonly RemoteValues[] = [];

  /** @throws TypeError for settings of the host that cannot be: a mistake in code, found at start. */
  constructor(
    policy: P,
    options: {
      readonly values?: Partial<SettingsOf<P>> | undefined;
      readonly bounds?: Bounds | undefined;
      readonly fixed?: readonly string[] | undefined;
    },
    swapped: (next: SettingsOf<P>, previous: SettingsOf<P>) => void = () => undefined,
  ) {
    const fields = fieldsOf(policy);
    const given = Object.fromEntries(Object.entries(options.values ?? {}).filter(([, value]) => value !== undefined)) as Values;
    const all = { ...defaultsOf(fields), ...given };
    const problem = valuesProblem(fields, given) ?? togetherProblem(policy, all);
    if (problem !== null) throw new TypeError(`holdfast ${policy}: ${problem}`);
    this.policy = policy;
    this.code = Object.freeze(all) as unknown as SettingsOf<P>;
    this.bounds = Object.freeze({ ...options.bounds });
    this.fixed = options.fixed ?? [];
    this.current = this.code;
    this.#given = new Set(Object.keys(given));
    this.#swapped = swapped;
  }

  /** Takes the remote items in force, lowest revision first. */
  remote(items: readonly RemoteValues[]): void {
    const fields = fieldsOf(this.policy);
    let merged: Values = this.code;
    const taken: RemoteValues[] = [];
    for (const item of items) {
      const next = { ...merged, ...item.values };
      if (valuesProblem(fields, item.values, this) !== null || togetherProblem(this.policy, next) !== null) continue;
      merged = next;
      taken.push(item);
    }
    this.#remote = taken;
    const previous = this.current;
    this.current = (taken.length === 0 ? this.code : Object.freeze(merged)) as unknown as SettingsOf<P>;
    if (this.current !== previous) this.#swapped(this.current, previous);
  }

  /** Value, origin and revision of each setting. */
  explain(): Readonly<Record<keyof SettingsOf<P>, Explained>> {
    const entries = Object.entries(this.current).map(([key, value]): [string, Explained] => {
      const last = this.#remote.filter((item) => Object.hasOwn(item.values, key)).at(-1);
      const origin = last !== undefined ? "remote" : this.#given.has(key) ? "code" : "default";
      return [key, { value: value as SettingValue, origin, revision: last?.revision ?? 0, bounds: this.bounds[key] ?? null }];
    });
    return Object.fromEntries(entries) as Record<keyof SettingsOf<P>, Explained>;
  }
}
