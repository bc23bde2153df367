/** What the settings of a policy come to at an instance, and why a change of them cannot be. Pure; merges as agents do. */
import type { SettingsBody } from "../protocol/policy.ts";
import { fieldsOf, togetherProblem, valuesProblem, type Bounds, type PolicyName, type Values } from "../protocol/settings.ts";
import { outlasting, type ScopedChange } from "./policy.ts";

/** What an instance declares of a policy, complete. */
export interface DeclaredPolicy {
  readonly policy: PolicyName;
  readonly values: Values;
  readonly bounds: Bounds;
  readonly fixed: readonly string[];
}

/** A change of settings in force. */
export interface ScopedSettings extends ScopedChange {
  readonly body: Pick<SettingsBody, "values">;
}

export interface EffectiveValues {
  readonly values: Values;
  /** The change that set each value; absent for those of the code. */
  readonly setBy: ReadonlyMap<string, ScopedSettings>;
}

/**
 * The code's values with the changes that cover the instance laid over them, lowest revision first. One that the instance cannot take,
 * by itself or with what is beneath it, is left out, as the agent leaves it out.
 */
export function effectiveValues(declared: DeclaredPolicy, changes: readonly ScopedSettings[]): EffectiveValues {
  let values = declared.values;
  const setBy = new Map<string, ScopedSettings>();
  for (const change of [...changes].sort((a, b) => a.revision - b.revision)) {
    const next = { ...values, ...change.body.values };
    if (valuesProblem(fieldsOf(declared.policy), change.body.values, declared) ?? togetherProblem(declared.policy, next)) continue;
    values = next;
    for (const key of Object.keys(change.body.values)) setBy.set(key, change);
  }
  return { values, setBy };
}

/**
 * Why an instance could not hold new settings as long as they last: their combination with the code and with the changes beneath, now
 * and each time one of those ends. Null when it can. Bounds are another matter: see `valuesProblem`.
 */
export function combinationProblem(
  declared: DeclaredPolicy,
  beneath: readonly ScopedSettings[],
  change: Pick<ScopedSettings, "body" | "expiresAt">,
): string | null {
  const ends = beneath.flatMap(({ expiresAt }) =>
    expiresAt !== null && (change.expiresAt === null || expiresAt < change.expiresAt) ? [expiresAt] : [],
  );
  for (const end of [null, ...ends.sort((a, b) => a - b)]) {
    const left = end === null ? beneath : outlasting(beneath, end);
    const problem = togetherProblem(declared.policy, { ...effectiveValues(declared, left).values, ...change.body.values });
    if (problem !== null) return end === null ? problem : `${problem} as soon as an earlier change ends`;
  }
  return null;
}
