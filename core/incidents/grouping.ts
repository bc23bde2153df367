/**
 * Which runs are one incident: those along a dependency path close in time, and those of one thing that came back soon. Depends only on
 * the set of runs, never on their order.
 */
import type { Paths } from "./paths.ts";
import type { Run } from "./runs.ts";

/** A run with where it lies: the service that has it, and the far side; the same when the trouble is the service's own. */
export interface PlacedRun extends Run {
  readonly target: string | null;
}

/** Runs of one incident, first departure first. At least one of them was bad for long enough. */
export type Group = readonly [PlacedRun, ...PlacedRun[]];

/** Services in between that show nothing. */
const SILENT_HOPS = 1;

export function groupRuns(runs: readonly Run[], paths: Paths): Group[] {
  const placed = runs.map((run) => ({ ...run, target: paths.targetOf(run.subject.service, run.subject.resource) })).sort(byDeparture);
  const opened = placed.filter(({ span }) => span.openedAt !== null);
  const parents = opened.map((_, index) => index);
  const root = (index: number): number => {
    let at = index;
    while (parents[at] !== at) at = parents[at] = parents[parents[at] as number] as number;
    return at;
  };
  opened.forEach((run, index) => {
    for (let other = 0; other < index; other++) {
      const [mine, theirs] = [root(index), root(other)];
      if (mine !== theirs && belong(opened[other] as PlacedRun, run, paths)) parents[mine] = theirs;
    }
  });
  const groups = new Map<number, PlacedRun[]>();
  opened.forEach((run, index) => {
    const group = groups.get(root(index));
    if (group) group.push(run);
    else groups.set(root(index), [run]);
  });
  const lists = [...groups.values()].sort((a, b) => byDeparture(a[0] as PlacedRun, b[0] as PlacedRun));
  const members = lists.map((list) => [...list]);
  // A short trouble opens nothing, but may be where it began: it goes to the first group it belongs to, and joins no two.
  for (const run of placed) {
    if (run.span.openedAt !== null) continue;
    const home = lists.findIndex((list) => list.some((member) => member.key !== run.key && belong(member, run, paths)));
    members[home]?.push(run);
  }
  return members.map((list) => list.sort(byDeparture) as unknown as Group);
}

export function byDeparture(a: Run, b: Run): number {
  return a.span.from - b.span.from || (a.key < b.key ? -1 : a.key > b.key ? 1 : a.rule.id < b.rule.id ? -1 : 1);
}

function belong(a: PlacedRun, b: PlacedRun, paths: Paths): boolean {
  const [early, late] = a.span.from <= b.span.from ? [a, b] : [b, a];
  const apart = early.span.to === null ? 0 : late.span.from - early.span.to;
  if (a.key === b.key) return apart <= Math.max(a.rule.reopenWindowMs, b.rule.reopenWindowMs);
  return apart <= Math.max(a.rule.groupWindowMs, b.rule.groupWindowMs) && onOnePath(a, b, paths);
}

/**
 * On one path: the same far side, one beyond the other, or the same service. Not two breakers of one caller towards different targets:
 * what each of them sees lies elsewhere.
 */
export function onOnePath(a: PlacedRun, b: PlacedRun, paths: Paths): boolean {
  const [serviceA, serviceB] = [a.subject.service, b.subject.service];
  const [farA, farB] = [a.target ?? serviceA, b.target ?? serviceB];
  if (farA === farB) return true;
  if (paths.reaches(farA, serviceB, SILENT_HOPS) || paths.reaches(farB, serviceA, SILENT_HOPS)) return true;
  return serviceA === serviceB && !(a.subject.on === "breaker_open" && b.subject.on === "breaker_open");
}
