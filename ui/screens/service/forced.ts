/** Overrides of a policy that reach a service. */
import type { ChangeAnswer } from "../../../protocol/api.ts";
import type { PolicyAnswer } from "../../../protocol/policy-api.ts";

/** Those in force somewhere, newest first. */
export function overridesOf(policy: Pick<PolicyAnswer, "changes" | "override">, service: string): readonly ChangeAnswer[] {
  const deciding = new Set(policy.override.map(({ id }) => id));
  return policy.changes.filter(({ id, scope }) => deciding.has(id) && reaches(scope, service));
}

function reaches({ service: only, instances }: ChangeAnswer["scope"], service: string): boolean {
  if (only !== undefined && only !== service) return false;
  return instances === undefined || instances.some((key) => key.startsWith(`${service}/`));
}
