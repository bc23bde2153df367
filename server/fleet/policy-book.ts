import type { PolicyDeclaration } from "../../protocol/agent-up.ts";
import { defaultsOf, fieldsOf, valuesProblem, type Fields } from "../../protocol/settings.ts";

/** Instances that declare exactly the same: a thousand of one version are one group. */
export interface PolicyGroup {
  readonly declared: readonly PolicyDeclaration[];
  readonly instances: ReadonlySet<string>;
}

interface Group extends PolicyGroup {
  readonly id: string;
  readonly instances: Set<string>;
}

/** The policies that each instance of each environment declared last. Known from the store while an instance is away. */
export class PolicyBook {
  readonly #groups = new Map<string, Map<string, Group>>();
  readonly #held = new Map<string, Map<string, Group>>();

  groups(environment: string): Iterable<PolicyGroup> {
    return this.#groups.get(environment)?.values() ?? [];
  }

  of(environment: string, instance: string): readonly PolicyDeclaration[] {
    return this.#held.get(environment)?.get(instance)?.declared ?? [];
  }

  /** Everything an instance declares, whole. */
  declared(environment: string, instance: string, declarations: readonly PolicyDeclaration[]): void {
    const held = entry(this.#held, environment);
    const groups = entry(this.#groups, environment);
    const id = JSON.stringify(declarations);
    const before = held.get(instance);
    if (before?.id === id) return;
    this.forget(environment, instance);
    if (declarations.length === 0) return;
    let group = groups.get(id);
    if (!group) groups.set(id, (group = { id, declared: declarations.map(understood), instances: new Set() }));
    group.instances.add(instance);
    held.set(instance, group);
  }

  forget(environment: string, instance: string): void {
    const group = this.#held.get(environment)?.get(instance);
    if (!group) return;
    this.#held.get(environment)?.delete(instance);
    group.instances.delete(instance);
    if (group.instances.size === 0) this.#groups.get(environment)?.delete(group.id);
  }
}

function entry(map: Map<string, Map<string, Group>>, environment: string): Map<string, Group> {
  let found = map.get(environment);
  if (!found) map.set(environment, (found = new Map<string, Group>()));
  return found;
}

/** A declaration in the terms of our table: settings of another version of it are left out, missing ones are the table's. */
function understood(declared: PolicyDeclaration): PolicyDeclaration {
  const fields: Fields = fieldsOf(declared.policy);
  const known = Object.entries(declared.values).filter(([key, value]) => valuesProblem(fields, { [key]: value }) === null);
  const bounds = Object.entries(declared.bounds).flatMap(([key, [low, high]]): [string, [number, number]][] => {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    return field?.type === "int" ? [[key, [Math.max(low, field.min), Math.min(high, field.max)]]] : [];
  });
  return {
    ...declared,
    values: { ...defaultsOf(fields), ...Object.fromEntries(known) },
    bounds: Object.fromEntries(bounds),
    fixed: declared.fixed.filter((key) => Object.hasOwn(fields, key)),
  };
}
