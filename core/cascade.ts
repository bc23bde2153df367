/** What is impaired, and what lies upstream of it: trouble travels from the called to the caller. Pure. */
import type { DependencyMap } from "./dependency-map.ts";
import { severity, type Status } from "./health.ts";

export interface CascadeRoot {
  /** Impaired, and calls nothing that is: the deepest point that can be seen. Not proof of a cause. */
  readonly key: string;
  readonly status: Status;
  /** Who calls it, directly (1) or through others, nearest first. */
  readonly upstream: readonly { readonly key: string; readonly hops: number }[];
}

export interface Cascade {
  readonly impaired: ReadonlySet<string>;
  /** Not impaired, but upstream of what is. */
  readonly upstream: ReadonlySet<string>;
  /** Edges on the way: those that lead to something impaired or upstream of it. */
  readonly edges: ReadonlySet<string>;
  /** Most callers first. */
  readonly roots: readonly CascadeRoot[];
}

/** Half-open or worse. A switched feature is a choice, not an impairment. */
export function isImpaired(status: Status): boolean {
  return severity(status) >= severity("half_open");
}

export function cascadeOf(map: DependencyMap): Cascade {
  // What a caller's breaker says about the far side counts as much as what the far side says about itself.
  const seen = new Map<string, Status>();
  const note = (key: string, status: Status): void => {
    if (isImpaired(status) && severity(status) > severity(seen.get(key) ?? "closed")) seen.set(key, status);
  };
  for (const node of map.nodes.values()) if (node.kind !== "outside") note(node.key, node.status);
  // A caller that is not heard says nothing about those it calls.
  for (const edge of map.edges) if (edge.heard > 0) note(edge.to, edge.status);

  const callers = new Map<string, string[]>();
  const callees = new Map<string, string[]>();
  for (const edge of map.edges) {
    if (edge.from === edge.to) continue;
    push(callers, edge.to, edge.from);
    push(callees, edge.from, edge.to);
  }
  const impaired = new Set(seen.keys());
  const roots: CascadeRoot[] = [];
  const explained = new Set<string>();
  const add = (key: string): void => {
    const upstream = upstreamOf(key, callers);
    roots.push({ key, status: seen.get(key) ?? "closed", upstream });
    explained.add(key);
    for (const entry of upstream) explained.add(entry.key);
  };
  for (const key of [...impaired].sort()) if (!(callees.get(key) ?? []).some((callee) => impaired.has(callee))) add(key);
  // What is left lies on or above a circle of impaired nodes that has no deepest point: its worst member stands for it.
  const left = () => [...impaired].filter((key) => !explained.has(key)).sort((a, b) => bad(b) - bad(a) || (a < b ? -1 : 1));
  const bad = (key: string): number => severity(seen.get(key) ?? "closed");
  for (let key = left()[0]; key !== undefined; key = left()[0]) add(key);

  const upstream = new Set([...explained].filter((key) => !impaired.has(key)));
  return {
    impaired,
    upstream,
    edges: new Set(map.edges.filter((edge) => explained.has(edge.to)).map((edge) => edge.key)),
    roots: roots.sort(
      (a, b) => b.upstream.length - a.upstream.length || severity(b.status) - severity(a.status) || (a.key < b.key ? -1 : 1),
    ),
  };
}

function push(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function upstreamOf(start: string, callers: ReadonlyMap<string, readonly string[]>): CascadeRoot["upstream"] {
  const hops = new Map([[start, 0]]);
  for (const [key, hop] of hops) for (const caller of callers.get(key) ?? []) if (!hops.has(caller)) hops.set(caller, hop + 1);
  hops.delete(start);
  return [...hops].map(([key, distance]) => ({ key, hops: distance }));
}
