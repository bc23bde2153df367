import { covers, type PolicyTarget, type ScopedChange, type Subject } from "../../core/policy.ts";
import type { PolicyDeclaration } from "../../protocol/agent-up.ts";
import type { PolicyName } from "../../protocol/settings.ts";
import { ApiError } from "../errors.ts";
import type { LiveFleet } from "../fleet/live-fleet.ts";

/** An instance that declares a policy. */
export interface PolicyHolder extends PolicyTarget {
  readonly live: boolean;
  /** The same object for all instances that declare the same. */
  readonly declared: PolicyDeclaration;
}

/** The policies that the fleet has declared, and who has them. */
export class PolicyCatalog {
  readonly #fleet: Pick<LiveFleet, "fleet" | "policies">;

  constructor(fleet: Pick<LiveFleet, "fleet" | "policies">) {
    this.#fleet = fleet;
  }

  /** Name and policy of each that a service, or any, has; in that order. */
  list(environment: string, service?: string): readonly { readonly name: string; readonly policy: PolicyName }[] {
    const found = new Map<string, { name: string; policy: PolicyName }>();
    const states = this.#fleet.fleet(environment).instances;
    const has = (instances: ReadonlySet<string>) => [...instances].some((key) => states.get(key)?.service === service);
    for (const { declared, instances } of this.#fleet.policies(environment))
      if (service === undefined || has(instances))
        for (const { name, policy } of declared) found.set(`${name}\n${policy}`, { name, policy });
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, known]) => known);
  }

  /** Known instances that declare what a change is about, connected or not. @throws ApiError policy_unknown */
  find(environment: string, subject: Subject): readonly PolicyHolder[] {
    const found: PolicyHolder[] = [];
    const states = this.#fleet.fleet(environment).instances;
    for (const { declared, instances } of this.#fleet.policies(environment)) {
      const match = declarationOf(declared, subject);
      if (match === null) continue;
      for (const key of instances) {
        const state = states.get(key);
        if (state) found.push({ key, service: state.service, live: state.connectedAt !== null, declared: match });
      }
    }
    if (found.length > 0) return found;
    const what = subject.policy ?? "pipeline";
    throw new ApiError("policy_unknown", { detail: `No instance in ${environment} declares a ${what} named "${subject.key}".` });
  }
}

/** The declaration that a change is about; a fault is about any of its pipeline that allows faults. Null when there is none. */
export function declarationOf(declared: readonly PolicyDeclaration[], { key, policy }: Subject): PolicyDeclaration | null {
  const named = declared.filter((one) => one.name === key && (policy === null || one.policy === policy));
  return named.find((one) => one.faults) ?? named[0] ?? null;
}

export interface Alike<H, F> {
  readonly declared: PolicyDeclaration;
  /** The changes that cover each of them. */
  readonly changes: readonly F[];
  readonly holders: readonly H[];
}

/** Holders that declare the same and are covered by the same changes: what is true of one is true of all. */
export function alike<H extends PolicyHolder, F extends ScopedChange>(
  holders: readonly H[],
  changes: readonly F[],
): readonly Alike<H, F>[] {
  type Sort = Alike<H, F> & { readonly holders: H[] };
  const sorts = new Map<PolicyDeclaration, Map<string, Sort>>();
  for (const holder of holders) {
    const covering = changes.filter((change) => covers(change, holder));
    const id = covering.map((change) => change.id).join();
    let sort = sorts.get(holder.declared);
    if (!sort) sorts.set(holder.declared, (sort = new Map<string, Sort>()));
    const same = sort.get(id);
    if (same) same.holders.push(holder);
    else sort.set(id, { declared: holder.declared, changes: covering, holders: [holder] });
  }
  return [...sorts.values()].flatMap((sort) => [...sort.values()]);
}
