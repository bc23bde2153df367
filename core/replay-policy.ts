/** What of a policy differs between two moments, and the steps that lead back. Pure. */
import { subjectId, type Decision, type ScopedChange, type Subject } from "./policy.ts";

/** A change that was or is in force. */
export type HeldChange = ScopedChange & Decision;

/** To make a change again, or to end one. */
export type StepBack<C> = { readonly step: "make"; readonly change: C } | { readonly step: "end"; readonly change: C };

export interface PolicyDifference<C> {
  readonly subject: Subject;
  /** In force, lowest first: what lies on top decides. */
  readonly then: readonly C[];
  readonly now: readonly C[];
  /**
   * In the order in which they are to be taken: first what is made again goes on top, then what lies beneath is ended, so that nothing else
   * shows in between.
   */
  readonly steps: readonly StepBack<C>[];
}

/** Subjects that differ, by name. Changes that say the same to the same instances are not a difference. */
export function policyDifferences<C extends HeldChange>(then: readonly C[], now: readonly C[]): PolicyDifference<C>[] {
  const subjects = new Map<string, { subject: Subject; then: C[]; now: C[] }>();
  const of = (change: C): { then: C[]; now: C[] } => {
    const id = subjectId(change);
    let found = subjects.get(id);
    if (!found) subjects.set(id, (found = { subject: subjectOf(change), then: [], now: [] }));
    return found;
  };
  for (const change of inOrder(then)) of(change).then.push(change);
  for (const change of inOrder(now)) of(change).now.push(change);
  return [...subjects]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, held]) => ({ ...held, steps: stepsBack(held.then, held.now) }))
    .filter(({ steps }) => steps.length > 0);
}

/** What can stay is what was at the bottom then and still is there: whatever is made again comes on top of it. */
function stepsBack<C extends HeldChange>(then: readonly C[], now: readonly C[]): StepBack<C>[] {
  const left = [...now];
  let kept = 0;
  let above = 0;
  for (const change of then) {
    const at = left.findIndex((other, place) => place >= above && saysTheSame(change, other));
    if (at < 0) break;
    left.splice(at, 1);
    above = at;
    kept++;
  }
  return [
    ...then.slice(kept).map((change) => ({ step: "make" as const, change })),
    ...left.map((change) => ({ step: "end" as const, change })),
  ];
}

/** A share of the instances hangs on the id of the change. */
function saysTheSame(a: HeldChange, b: HeldChange): boolean {
  if (a.id === b.id) return true;
  if (a.scope.percentage !== undefined || b.scope.percentage !== undefined) return false;
  return a.kind === b.kind && canonical(a.body) === canonical(b.body) && canonical(a.scope) === canonical(b.scope);
}

/** The same text whatever the order of keys. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

const inOrder = <C extends ScopedChange>(changes: readonly C[]): C[] => [...changes].sort((a, b) => a.revision - b.revision);

/** Settings and overrides of a policy are one subject and go by settings. */
function subjectOf({ kind, key, policy }: Subject): Subject {
  return { kind: kind === "override" ? "settings" : kind, key, policy };
}
