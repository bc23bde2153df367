/** Which part of a dependency map is looked at: a neighbourhood, or the whole with groups drawn as one. Pure. */
import { added, type DependencyMap, type MapEdge, type MapNode } from "./dependency-map.ts";
import { severity, type Status } from "./health.ts";

/** A node, what calls it and what it calls, as far as `hops` calls away, and every edge among those. */
export function neighbourhood(map: DependencyMap, key: string, hops: number): DependencyMap {
  const start = map.nodes.has(key) ? [key] : [];
  const kept = new Set(start);
  const spread = (ends: (edge: MapEdge) => readonly [string, string]): void => {
    let rim = new Set(start);
    for (let hop = 0; hop < hops; hop++) {
      const next = new Set<string>();
      for (const edge of map.edges) {
        const [near, far] = ends(edge);
        if (rim.has(near)) next.add(far);
      }
      for (const found of next) kept.add(found);
      rim = next;
    }
  };
  spread((edge) => [edge.from, edge.to]);
  spread((edge) => [edge.to, edge.from]);
  return {
    ...map,
    nodes: new Map([...map.nodes].filter(([name]) => kept.has(name))),
    edges: map.edges.filter((edge) => kept.has(edge.from) && kept.has(edge.to)),
  };
}

/** Where to begin when nobody has chosen: the caller of the worst edge, then the node with most edges, then by name. */
export function startingPoint(map: DependencyMap): string | null {
  const rank = new Map<string, { worst: number; edges: number }>();
  for (const node of map.nodes.values()) if (node.kind === "service") rank.set(node.key, { worst: 0, edges: 0 });
  for (const edge of map.edges) {
    for (const key of new Set([edge.from, edge.to])) {
      const entry = rank.get(key);
      if (entry) entry.edges++;
    }
    const caller = rank.get(edge.from);
    if (caller) caller.worst = Math.max(caller.worst, urgency(edge.status));
  }
  const order = [...rank].sort(([a, x], [b, y]) => y.worst - x.worst || y.edges - x.edges || (a < b ? -1 : 1));
  return order[0]?.[0] ?? null;
}

/** An open breaker hurts now; a silent caller only hides. */
function urgency(status: Status): number {
  return status === "open" ? 100 : severity(status);
}

/** Key of the node that stands for a group: no name can hold a line break. */
export const groupKey = (group: string): string => `group\n${group}`;

/** The name behind a key. */
export const nameOf = (key: string): string => (key.startsWith("group\n") ? key.slice("group\n".length) : key);

/** The groups of a map by name, with their members. */
export function groupsOf(map: DependencyMap): ReadonlyMap<string, readonly MapNode[]> {
  const groups = new Map<string, MapNode[]>();
  for (const node of map.nodes.values()) {
    if (node.group === null) continue;
    const members = groups.get(node.group);
    if (members) members.push(node);
    else groups.set(node.group, [node]);
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Draws each closed group as one node. Calls inside it disappear, calls across its border are summed with their worst state. */
export function closeGroups(map: DependencyMap, isClosed: (group: string) => boolean): DependencyMap {
  const nodes = new Map<string, MapNode>();
  for (const [group, members] of groupsOf(map)) if (isClosed(group)) nodes.set(groupKey(group), groupNode(group, members));
  const place = (key: string): string => {
    const group = map.nodes.get(key)?.group ?? null;
    return group !== null && isClosed(group) ? groupKey(group) : key;
  };
  for (const node of map.nodes.values()) if (place(node.key) === node.key) nodes.set(node.key, node);
  const edges = new Map<string, MapEdge>();
  for (const edge of map.edges) {
    const moved = { ...edge, from: place(edge.from), to: place(edge.to) };
    const isMoved = moved.from !== edge.from || moved.to !== edge.to;
    if (isMoved && moved.from === moved.to) continue;
    const key = `${moved.from}\n${moved.to}`;
    const before = edges.get(key);
    edges.set(key, before ? merged(before, moved) : { ...moved, key });
  }
  return { ...map, nodes, edges: [...edges.values()] };
}

function groupNode(group: string, members: readonly MapNode[]): MapNode {
  const status = members.reduce<Status>((worst, node) => (severity(node.status) > severity(worst) ? node.status : worst), "unseen");
  const heard = members.flatMap((node) => (node.heardAt === null ? [] : [node.heardAt]));
  const services = members.filter((node) => node.kind === "service");
  return {
    key: groupKey(group),
    kind: "group",
    name: group,
    status,
    instances: services.reduce((sum, node) => sum + node.instances, 0),
    live: services.reduce((sum, node) => sum + node.live, 0),
    inStatus: members.filter((node) => node.status === status).length,
    requests: services.reduce<number | null>((sum, node) => added(sum, node.requests), null),
    errors: services.reduce<number | null>((sum, node) => added(sum, node.errors), null),
    heardAt: heard.length === 0 ? null : Math.max(...heard),
    group,
    members: members.length,
  };
}

function merged(a: MapEdge, b: MapEdge): MapEdge {
  const [worse, other] = severity(b.status) > severity(a.status) ? [b, a] : [a, b];
  return {
    ...worse,
    key: a.key,
    parts: [...worse.parts, ...other.parts],
    calls: added(a.calls, b.calls),
    failures: added(a.failures, b.failures),
    rejected: added(a.rejected, b.rejected),
    heard: a.heard + b.heard,
    callers: a.callers + b.callers,
  };
}

/** Nodes whose name or group holds the text, and their direct neighbours. Everything for an empty text. */
export function matching(map: DependencyMap, text: string): DependencyMap {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return map;
  const found = new Set(
    [...map.nodes.values()].filter((node) => `${node.name}\n${node.group ?? ""}`.toLowerCase().includes(wanted)).map((node) => node.key),
  );
  const edges = map.edges.filter((edge) => found.has(edge.from) || found.has(edge.to));
  const kept = new Set([...found, ...edges.flatMap((edge) => [edge.from, edge.to])]);
  return { ...map, nodes: new Map([...map.nodes].filter(([key]) => kept.has(key))), edges };
}
