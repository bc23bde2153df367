/**
 * Changing what is observed, for hosts that said `control: true`: each setting is a knob on the library's own property or method. A knob
 * is touched only when its value differs from what was set last, and gets back exactly what the code had put there.
 */
import { fieldsOf, type Field, type OverrideState, type PolicyName, type SettingValue } from "../../../protocol/settings.ts";
import type { Steering } from "../resilience/part.ts";
import type { Guard } from "./guard.ts";

type Settings = Readonly<Record<string, SettingValue>>;

/** Where a library holds a setting. `raw` is the value as the library has it. */
export interface Knob<T> {
  get(thing: T): unknown;
  set(thing: T, raw: unknown): void;
  /** Settings are this many times the raw number. */
  readonly scale?: number;
  /** Raw value of a setting of 0. */
  readonly none?: unknown;
  /** The lowest value this library can take, when that is above the table's. */
  readonly low?: number;
}

export interface Control<T> {
  readonly policy: PolicyName;
  /** By setting. The settings without one cannot be changed. */
  readonly knobs: Readonly<Record<string, Knob<T>>>;
  /** Values of settings that cannot be changed, where the default would mislead. */
  readonly given?: Settings;
  /** What a change does not do. */
  readonly note: string;
  /** Wakes those who wait, after a change. */
  pump?(thing: T, before: Settings, after: Settings): void;
  /** The states `override` knows; all when left out. */
  readonly states?: readonly OverrideState[];
  /** Takes an operator's state; null: none. Left out when the library has no such thing. */
  override?(thing: T, state: OverrideState | null): void;
}

/** A knob on a property, by its path (`options.max`). */
export function knob(path: string, more: Pick<Knob<object>, "scale" | "none" | "low"> = {}): Knob<object> {
  const keys = path.split(".");
  const last = keys.pop() as string;
  const holder = (thing: object): Record<string, unknown> =>
    keys.reduce((at, key) => at[key] as Record<string, unknown>, thing as Record<string, unknown>);
  return {
    ...more,
    get: (thing) => holder(thing)[last],
    set: (thing, raw) => {
      holder(thing)[last] = raw;
    },
  };
}

/** How much a limit was raised; 0 when it was not. */
export function raised(key: string, before: Settings, after: Settings): number {
  return Math.max(0, Number(after[key]) - Number(before[key]));
}

/** Holds the thing weakly. `restore` puts everything back as the code had it; it may throw. */
export function steeringOf<T extends object>(
  control: Control<T>,
  thing: T,
  guard: Guard,
): { readonly steering: Steering; readonly restore: () => void } {
  const target = new WeakRef(thing);
  const { policy, knobs, note } = control;
  const raws: Record<string, unknown> = {};
  const code: Record<string, SettingValue> = {};
  const bounds: Record<string, readonly [number, number]> = {};
  const fixed: string[] = [];
  for (const [key, field] of Object.entries(fieldsOf(policy))) {
    const own = knobs[key];
    if (own === undefined) {
      fixed.push(key);
      code[key] = control.given?.[key] ?? (field.type === "int" && field.min === 0 ? 0 : field.default);
      continue;
    }
    raws[key] = own.get(thing);
    code[key] = settingOf(field, raws[key], own);
    if (own.low !== undefined && field.type === "int") bounds[key] = [own.low, field.max];
  }
  let inForce: Settings = code;
  let forced: OverrideState | null = null;
  const apply = (next: Settings): void => {
    const alive = target.deref();
    if (alive === undefined) return;
    const before = inForce;
    inForce = next;
    const changed = Object.keys(knobs).filter((key) => next[key] !== before[key]);
    for (const key of changed) {
      const own = knobs[key] as Knob<T>;
      own.set(alive, next[key] === code[key] ? raws[key] : rawOf(own, next[key]));
    }
    if (changed.length > 0) control.pump?.(alive, before, next);
  };
  const override = (state: OverrideState | null): void => {
    const alive = target.deref();
    if (alive === undefined || state === forced) return;
    forced = state;
    control.override?.(alive, state);
  };
  return {
    steering: {
      policy,
      code,
      bounds,
      fixed,
      states: control.override === undefined ? [] : control.states,
      note,
      faults: false,
      settings: (items) => guard.run(() => apply(Object.assign({}, code, ...items.map(({ values }) => values)) as Settings), undefined),
      override: (state) => guard.run(() => override(state), undefined),
      fault: () => undefined,
    },
    restore: () => {
      override(null);
      apply(code);
    },
  };
}

/** What a library holds, as a setting. No limit is 0 where the table knows that, else the highest there is. */
function settingOf(field: Field, raw: unknown, { scale = 1, low }: Knob<never>): SettingValue {
  if (field.type === "flag") return raw === true;
  if (field.type === "choice") return field.default;
  const value = typeof raw === "number" ? raw * scale : 0;
  if (!(value > 0) && field.min === 0) return 0;
  return value > 0 ? Math.min(field.max, Math.max(low ?? field.min, Math.round(value))) : field.max;
}

function rawOf(own: Knob<never>, value: SettingValue | undefined): unknown {
  if (value === 0 && "none" in own) return own.none;
  return typeof value === "number" ? value / (own.scale ?? 1) : value;
}
