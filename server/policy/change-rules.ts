/** Whether a change of a policy can be: by the table, by what instances declare, and by what is in force already. */
import { outlasting, type Decision, type PolicyScope, type ScopedChange } from "../../core/policy.ts";
import { combinationProblem, effectiveValues } from "../../core/policy-values.ts";
import { defaultsOf, FAULT, faultProblem, fieldsOf, overrideProblem, valuesProblem, type Values } from "../../protocol/settings.ts";
import { ApiError, type ErrorCode } from "../errors.ts";
import type { Flip } from "../store/store.ts";
import { alike, type Alike, type PolicyHolder } from "./policy-catalog.ts";

/** Seconds that a fault may last. */
export const FAULT_MOST_SECONDS = 3_600;

export type PolicyDecision = Exclude<Decision, { kind: "switch" }>;
type Pending = Decision & Pick<ScopedChange, "id" | "expiresAt"> & { readonly scope: PolicyScope };
type Sort = Pick<Alike<PolicyHolder, Flip>, "declared" | "changes">;

interface Refusal {
  readonly code: ErrorCode;
  readonly reason: string;
}

export interface InstanceRefusal extends Refusal {
  readonly instance: string;
  readonly live: boolean;
}

/** What does not depend on who it is for. @throws ApiError settings_invalid, override_unfit, fault_invalid */
export function checkDecision(decision: PolicyDecision, expiresInSeconds: number | null | undefined): void {
  const [code, path, problem] = ((): [ErrorCode, string, string | null] => {
    switch (decision.kind) {
      case "settings": {
        const { policy, values } = decision.body;
        const none = Object.keys(values).length === 0 ? "say at least one setting" : null;
        return ["settings_invalid", "values", none ?? valuesProblem(fieldsOf(policy), values)];
      }
      case "override":
        return ["override_unfit", "state", overrideProblem(decision.policy, decision.body.state)];
      case "fault": {
        const ends = expiresInSeconds !== null && (expiresInSeconds ?? 0) <= FAULT_MOST_SECONDS;
        if (!ends) return ["fault_invalid", "expiresInSeconds", `a fault ends by itself after ${FAULT_MOST_SECONDS} seconds at most`];
        return ["fault_invalid", "values", faultProblem(decision.body.values)];
      }
    }
  })();
  if (problem !== null) throw new ApiError(code, { detail: `${sentence(problem)}.`, errors: [{ path, message: problem }] });
}

/** Who would refuse a change, and why. `inForce` are the changes of its subject. Targets of a switch are not asked. */
export function refusalsOf(change: Pending, targets: readonly PolicyHolder[], inForce: readonly Flip[]): InstanceRefusal[] {
  const beneath = inForce.filter((flip) => flip.kind === change.kind);
  return alike(targets, beneath).flatMap((sort) => {
    const refusal = refusalOf(change, sort);
    return refusal === null ? [] : sort.holders.map(({ key, live }) => ({ ...refusal, instance: key, live }));
  });
}

/**
 * Refuses what a connected instance would refuse. One that is away, perhaps for good, has no veto, unless nobody is connected.
 * @throws ApiError settings_invalid, settings_out_of_bounds, fault_not_allowed
 */
export function checkRefusals(refusals: readonly InstanceRefusal[], targets: readonly PolicyHolder[]): void {
  const anyLive = targets.some((target) => target.live);
  const judges = refusals.filter((refusal) => refusal.live || !anyLive);
  const [first] = judges;
  if (first === undefined) return;
  const reasons = [...new Set(judges.map((refusal) => refusal.reason))];
  const who = judges.length === 1 ? first.instance : `${judges.length} of ${targets.length} instances, ${first.instance} among them`;
  throw new ApiError(first.code, {
    detail: `${who}: ${reasons[0] ?? ""}.`,
    errors: reasons.slice(0, 20).map((message) => ({ path: "values", message })),
  });
}

function refusalOf(change: Pending, { declared, changes }: Sort): Refusal | null {
  const refusal = (code: ErrorCode, reason: string | null): Refusal | null => (reason === null ? null : { code, reason });
  switch (change.kind) {
    case "settings":
      return (
        refusal("settings_out_of_bounds", valuesProblem(fieldsOf(change.policy), change.body.values, declared)) ??
        refusal("settings_invalid", combinationProblem(declared, changes.filter(isSettings), change))
      );
    case "fault":
      return refusal("fault_not_allowed", declared.faults ? null : `faults are not allowed in ${change.key} there`);
    case "override":
      return refusal("override_unfit", overrideProblem(change.policy, change.body.state, declared.states));
    case "switch":
      return null;
  }
}

/** What instances of one sort hold of a subject, by setting. An override is `state`; "none" is the policy's own mind. */
export function heldValues(kind: PolicyDecision["kind"], { declared, changes }: Sort): Values {
  switch (kind) {
    case "settings":
      return effectiveValues(declared, changes.filter(isSettings)).values;
    case "override":
      return { state: deciding(changes, "override")?.body.state ?? "none" };
    case "fault":
      return { ...defaultsOf(FAULT), ...deciding(changes, "fault")?.body.values };
  }
}

/** The change of a kind that decides where all of these cover. */
export function deciding<K extends FlipOf["kind"]>(changes: readonly Flip[], kind: K): FlipOf<K> | null {
  const own = changes.filter((change): change is FlipOf<K> => change.kind === kind);
  return own.sort((a, b) => b.revision - a.revision)[0] ?? null;
}

export type FlipOf<K extends Flip["kind"] = Flip["kind"]> = Flip & { readonly kind: K };
export const isSettings = (flip: Flip): flip is FlipOf<"settings"> => flip.kind === "settings";

export interface ValueCount {
  readonly value: Values[string];
  readonly instances: number;
}

/** How often each value is held, most often first. */
export function countValues(entries: Iterable<readonly [value: Values[string], instances: number]>): ValueCount[] {
  const counts = new Map<Values[string], number>();
  for (const [value, instances] of entries) counts.set(value, (counts.get(value) ?? 0) + instances);
  return [...counts].map(([value, instances]) => ({ value, instances })).sort((a, b) => b.instances - a.instances);
}

/** What a change moves: each value it says, what is held now, and what shows when it ends. */
export function movesOf(
  change: PolicyDecision & Pending,
  targets: readonly PolicyHolder[],
  inForce: readonly Flip[],
): { readonly key: string; readonly to: Values[string]; readonly from: ValueCount[]; readonly returnsTo: ValueCount[] }[] {
  const said: Values = change.kind === "override" ? { state: change.body.state } : change.body.values;
  const sorts = alike(targets, inForce).map((sort) => ({
    instances: sort.holders.length,
    now: heldValues(change.kind, sort),
    then: heldValues(change.kind, { ...sort, changes: outlasting(sort.changes, change.expiresAt) }),
  }));
  return Object.entries(said).map(([key, to]) => ({
    key,
    to,
    from: countValues(sorts.map(({ now, instances }) => [now[key] ?? "", instances])),
    returnsTo: countValues(sorts.map(({ then, instances }) => [then[key] ?? "", instances])),
  }));
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
