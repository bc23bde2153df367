/** What the API says of a policy: what the code of its instances says, and what is in force on top of it. */
import { effectiveValues } from "../../core/policy-values.ts";
import { HOLDER_NAMES, type PolicyAnswer, type PolicySetting } from "../../protocol/policy-api.ts";
import { fieldsOf, overrideProblem, OVERRIDE_STATES, type Field, type PolicyName } from "../../protocol/settings.ts";
import { deciding, isSettings } from "../policy/change-rules.ts";
import { alike, type Alike, type PolicyHolder } from "../policy/policy-catalog.ts";
import type { Flip } from "../store/store.ts";
import { changeAnswer, type PolicyParts } from "./answers.ts";

type Sorts = readonly Alike<PolicyHolder, Flip>[];

export async function policyAnswer(
  { policy: service }: PolicyParts,
  environment: string,
  { name, policy }: { readonly name: string; readonly policy: PolicyName },
): Promise<PolicyAnswer> {
  const subject = { kind: "settings", key: name, policy } as const;
  const pipeline = { kind: "fault", key: name, policy: null } as const;
  const holders = service.policies.find(environment, subject);
  const changes = [...service.inForce(environment, subject), ...service.inForce(environment, pipeline)].sort(
    (a, b) => b.revision - a.revision,
  );
  const sorts = alike(holders, changes);
  return {
    name,
    policy,
    services: [...new Set(holders.map((holder) => holder.service))].sort(),
    instances: { total: holders.length, live: holders.filter((holder) => holder.live).length },
    revision: await service.history.revision(environment, subject),
    settings: settingsOf(policy, sorts),
    note: sorts.find(({ declared }) => declared.note !== undefined)?.declared.note ?? null,
    states: OVERRIDE_STATES.filter((state) => sorts.some(({ declared }) => overrideProblem(policy, state, declared.states) === null)),
    override: decidingOf(sorts, "override").map(({ flip: { id, revision, body }, instances }) => ({
      id,
      revision,
      instances,
      state: body.state,
    })),
    fault: {
      allowed: service.policies.find(environment, pipeline).filter(({ declared }) => declared.faults).length,
      inForce: decidingOf(sorts, "fault").map(({ flip: { id, revision, body }, instances }) => ({
        id,
        revision,
        instances,
        values: body.values,
      })),
    },
    changes: await Promise.all(changes.map((flip) => changeAnswer({ policy: service }, flip))),
    lastChange: service.history.last(environment, subject),
  };
}

/** The changes of a kind that decide somewhere, and at how many instances, newest first. */
function decidingOf<K extends "override" | "fault">(sorts: Sorts, kind: K) {
  const found = new Map<string, { flip: NonNullable<ReturnType<typeof deciding<K>>>; instances: number }>();
  for (const { changes, holders } of sorts) {
    const flip = deciding(changes, kind);
    if (flip === null) continue;
    found.set(flip.id, { flip, instances: (found.get(flip.id)?.instances ?? 0) + holders.length });
  }
  return [...found.values()].sort((a, b) => b.flip.revision - a.flip.revision);
}

function settingsOf(policy: PolicyName, sorts: Sorts): PolicySetting[] {
  const effective = sorts.map((sort) => effectiveValues(sort.declared, sort.changes.filter(isSettings)));
  return Object.entries<Field>(fieldsOf(policy)).map(([key, field]) => {
    const bounds = sorts.flatMap(({ declared }) => {
      const own = Object.hasOwn(declared.bounds, key) ? declared.bounds[key] : undefined;
      return own === undefined ? [] : [own];
    });
    return {
      key,
      type: field.type,
      default: field.default,
      ...(field.type === "int" ? { min: field.min, max: field.max } : {}),
      ...(field.type === "choice" ? { options: [...field.options] } : {}),
      bounds: bounds.length === 0 ? null : [Math.max(...bounds.map(([low]) => low)), Math.min(...bounds.map(([, high]) => high))],
      fixed: sorts.some(({ declared }) => declared.fixed.includes(key)),
      code: together(sorts.map(({ declared, holders }) => ({ value: declared.values[key] ?? field.default, holders }))),
      effective: together(
        sorts.map(({ holders }, index) => {
          const setBy = effective[index]?.setBy.get(key);
          return {
            value: effective[index]?.values[key] ?? field.default,
            origin: setBy === undefined ? ("code" as const) : ("remote" as const),
            revision: setBy?.revision ?? 0,
            holders,
          };
        }),
      ),
    };
  });
}

/** Entries that say the same as one, with how many instances it is true of and who they are; most instances first. */
function together<E extends object>(entries: readonly (E & { readonly holders: readonly PolicyHolder[] })[]) {
  const found = new Map<string, { said: Omit<E, "holders">; keys: string[] }>();
  for (const { holders, ...said } of entries) {
    const id = JSON.stringify(said);
    const entry = found.get(id) ?? { said, keys: [] };
    for (const { key } of holders) entry.keys.push(key);
    found.set(id, entry);
  }
  return [...found.values()]
    .map(({ said, keys }) => ({ ...said, instances: keys.length, names: keys.sort().slice(0, HOLDER_NAMES) }))
    .sort((a, b) => b.instances - a.instances);
}
