/** Where the instances of a policy differ: by value, or because some have not applied what was asked. Pure. */
import type { PolicyAnswer, PolicySetting } from "../protocol/policy-api.ts";
import type { SettingValue } from "../protocol/settings.ts";

export interface DriftValue {
  readonly value: SettingValue;
  readonly instances: number;
  /** Some of them, by name. */
  readonly names: readonly string[];
}

export interface SettingDrift {
  readonly key: string;
  /** Values in force differ, or only those of the code beneath a change. */
  readonly where: "force" | "code";
  /** Most instances first. */
  readonly values: readonly DriftValue[];
}

export interface Behind {
  readonly id: string;
  readonly revision: number;
  readonly applied: number;
  readonly targeted: number;
  readonly refused: number;
}

export interface PolicyDrift {
  readonly settings: readonly SettingDrift[];
  /** Changes in force that some instance has not applied. */
  readonly behind: readonly Behind[];
}

export function policyDrift({ settings, changes }: Pick<PolicyAnswer, "settings" | "changes">): PolicyDrift {
  return {
    settings: settings.flatMap((setting): SettingDrift[] => {
      const force = byValue(setting.effective);
      if (force.length > 1) return [{ key: setting.key, where: "force", values: force }];
      return setting.code.length > 1 ? [{ key: setting.key, where: "code", values: setting.code }] : [];
    }),
    behind: changes.flatMap(({ id, revision, receipts: { applied, targeted, refused } }) =>
      applied < targeted ? [{ id, revision, applied, targeted, refused }] : [],
    ),
  };
}

/** One value may come from several changes. */
function byValue(entries: PolicySetting["effective"]): DriftValue[] {
  const found = new Map<SettingValue, DriftValue>();
  for (const { value, instances, names } of entries) {
    const before = found.get(value);
    found.set(value, {
      value,
      instances: (before?.instances ?? 0) + instances,
      names: [...(before?.names ?? []), ...names].sort(),
    });
  }
  return [...found.values()].sort((a, b) => b.instances - a.instances);
}

/** "a, b and 3 more". */
export function someNames(names: readonly string[], total: number, most = 6): string {
  const shown = names.slice(0, most);
  const rest = total - shown.length;
  return rest > 0 ? `${shown.join(", ")} and ${rest} more` : shown.join(", ");
}
