/** The list of policies: what each line says, and which lines a filter leaves. Pure. */
import { policyDrift, type PolicyDrift } from "../../../core/policy-drift.ts";
import type { PolicyAnswer } from "../../../protocol/policy-api.ts";
import { changedWords, driftWords } from "../service/policy-marks.tsx";
import { changeWords } from "../service/policy-form.ts";

export interface PolicyRow {
  /** Names it in the address. */
  readonly id: string;
  readonly policy: PolicyAnswer;
  readonly drift: PolicyDrift;
  readonly changed: readonly string[];
  readonly differs: readonly string[];
  /** The values of the newest change of settings; null without one. */
  readonly said: string | null;
  /** When the last of the changes in force ends; null when one never does, or there is none. */
  readonly until: number | null;
}

export interface PolicyFilter {
  readonly kind: string | null;
  readonly service: string | null;
  readonly text: string;
  /** Only those that the console changed. */
  readonly changed: boolean;
  /** Only those whose instances differ. */
  readonly differs: boolean;
}

export const policyId = ({ name, policy }: Pick<PolicyAnswer, "name" | "policy">): string => `${policy}:${name}`;

export function policyRows(policies: readonly PolicyAnswer[]): readonly PolicyRow[] {
  return policies.map((policy) => {
    const drift = policyDrift(policy);
    const settings = policy.changes.find(({ kind }) => kind === "settings");
    const ends = policy.changes.map(({ expiresAt }) => expiresAt);
    return {
      id: policyId(policy),
      policy,
      drift,
      changed: changedWords(policy),
      differs: driftWords(drift),
      said: settings === undefined ? null : changeWords(settings),
      until: ends.length === 0 || ends.includes(null) ? null : Math.max(...ends.map(Number)),
    };
  });
}

export function passes({ policy, changed, differs }: PolicyRow, filter: PolicyFilter): boolean {
  if (filter.kind !== null && policy.policy !== filter.kind) return false;
  if (filter.service !== null && !policy.services.includes(filter.service)) return false;
  if (filter.changed && changed.length + policy.changes.length === 0) return false;
  if (filter.differs && differs.length === 0) return false;
  const wanted = filter.text.trim().toLowerCase();
  const told = [
    policy.name,
    policy.policy,
    ...policy.services,
    ...policy.settings.map(({ key }) => key),
    ...policy.changes.map(changeWords),
  ];
  return wanted === "" || told.some((part) => part.toLowerCase().includes(wanted));
}

/** What may be chosen, by name. */
export function choices(policies: readonly PolicyAnswer[]): { readonly kinds: readonly string[]; readonly services: readonly string[] } {
  return {
    kinds: [...new Set(policies.map(({ policy }) => policy))].sort(),
    services: [...new Set(policies.flatMap(({ services }) => services))].sort(),
  };
}
