/**
 * Who calls what, as the callers tell it: every resource that names its far side is an end of an edge. A service of that name is joined,
 * anything else stands outside the fleet. Pure; the clock and the rates are passed in.
 */
import type { Kind } from "../protocol/kinds.ts";
import { linkState, type InstanceState, type ResourceState } from "./fleet.ts";
import { instanceStatus, resourceStatus, severity, type Status } from "./health.ts";

export interface MapNode {
  /** The name; of a group, a text that no name can be. */
  readonly key: string;
  readonly kind: "service" | "outside" | "group";
  readonly name: string;
  /** Of a service what it reports itself; of anything else the worst that its callers see. */
  readonly status: Status;
  /** Instances of a service; those heard; those in the status above. */
  readonly instances: number;
  readonly live: number;
  readonly inStatus: number;
  /** Served a second and the errors among them; null when unknown. */
  readonly requests: number | null;
  readonly errors: number | null;
  /** Newest frame of its instances, server time; null when never heard or not a service. */
  readonly heardAt: number | null;
  /** Value of the label by which the fleet is grouped. */
  readonly group: string | null;
  /** Of a group: how many nodes are in it. */
  readonly members: number;
}

/** One resource of the callers, over all of their instances. */
export interface EdgePart {
  readonly kind: Kind;
  readonly name: string;
  /** Of the instances that are heard; without any, why they are not. */
  readonly status: Status;
  readonly inStatus: number;
  /** Instances that have it and are heard, and all that have it. */
  readonly heard: number;
  readonly all: number;
}

export interface MapEdge {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  /** Worst state at the caller's end. */
  readonly status: Status;
  /** What the calls go through, worst first. Never empty. */
  readonly parts: readonly EdgePart[];
  /** A second, over the callers that are heard; null when unknown. `rejected` never left the caller. */
  readonly calls: number | null;
  readonly failures: number | null;
  readonly rejected: number | null;
  /** Calling instances that are heard, and all. */
  readonly heard: number;
  readonly callers: number;
}

export interface DependencyMap {
  readonly nodes: ReadonlyMap<string, MapNode>;
  readonly edges: readonly MapEdge[];
  /** The label that groups the fleet; null when no instance carries one. */
  readonly groupedBy: string | null;
}

/** Increase a second of a counter; null when unknown. */
export type CounterRate = (instance: InstanceState, resource: ResourceState, column: string) => number | null;

/**
 * What counts the calls of an edge, first choice first. The same call passes through a breaker, a retry and a pool, so kinds are never
 * summed: the first that is known speaks for the edge.
 */
const COUNTED: readonly { readonly kind: Kind; readonly calls: string; readonly failures?: string; readonly rejected?: string }[] = [
  { kind: "breaker", calls: "calls", failures: "failures", rejected: "rejected" },
  { kind: "retry", calls: "calls", failures: "exhausted" },
  { kind: "timeout", calls: "calls", failures: "totalTimeouts", rejected: "refused" },
  { kind: "fallback", calls: "calls" },
  { kind: "hedge", calls: "calls" },
  { kind: "cache", calls: "commands", failures: "errors" },
  { kind: "consumer", calls: "messages", failures: "errors" },
  { kind: "pool", calls: "acquired", failures: "timeouts" },
  { kind: "queue", calls: "completed", failures: "failed" },
  { kind: "limiter", calls: "allowed", rejected: "limited" },
];

/** Labels that say who a service belongs to, first choice first. */
const GROUP_LABELS = ["team", "tier"] as const;

/**
 * The name of the far side. A breaker or a pool that names none is taken to be called after it, unless it bears its own service's name.
 */
export function targetOf(resource: ResourceState, service: string): string | null {
  if (resource.target !== undefined) return resource.target;
  return (resource.kind === "breaker" || resource.kind === "pool") && resource.name !== service ? resource.name : null;
}

interface PartDraft {
  readonly kind: Kind;
  readonly name: string;
  readonly statuses: Status[];
  away: Status;
  all: number;
}

interface EdgeDraft {
  readonly from: string;
  readonly to: string;
  readonly parts: Map<string, PartDraft>;
  readonly rates: ({ calls: number; failures: number | null; rejected: number | null } | null)[];
  readonly callers: Set<string>;
  readonly heard: Set<string>;
}

export function dependencyMap(fleet: Iterable<InstanceState>, now: number, rateOf: CounterRate): DependencyMap {
  const services = present(fleet, now);
  const edges = new Map<string, EdgeDraft>();
  for (const [service, instances] of services) {
    for (const instance of instances) {
      const link = linkState(instance, now);
      for (const resource of instance.resources) {
        const to = resource.retired === true ? null : targetOf(resource, service);
        if (to === null) continue;
        const key = `${service}\n${to}`;
        let edge = edges.get(key);
        if (!edge) edges.set(key, (edge = newEdge(service, to)));
        edge.callers.add(instance.key);
        const part = partOf(edge, resource);
        part.all++;
        if (link !== "live") {
          if (severity(link) > severity(part.away)) part.away = link;
          continue;
        }
        edge.heard.add(instance.key);
        part.statuses.push(resourceStatus(instance, resource));
        addRates(edge, resource, (column) => rateOf(instance, resource, column));
      }
    }
  }
  const drawn = [...edges].map(([key, draft]) => finished(key, draft)).sort((a, b) => (a.key < b.key ? -1 : 1));
  const groupedBy = GROUP_LABELS.find((label) => [...services.values()].some((list) => groupValue(list, label) !== null)) ?? null;
  const nodes = new Map<string, MapNode>();
  for (const [name, instances] of services)
    nodes.set(name, serviceNode(name, instances, { now, rateOf, group: groupedBy === null ? null : groupValue(instances, groupedBy) }));
  addOutside(nodes, drawn);
  return { nodes, edges: drawn, groupedBy };
}

/** Instances by service, without those that said goodbye: they are no trouble, unless nobody of their service remains. */
function present(fleet: Iterable<InstanceState>, now: number): ReadonlyMap<string, readonly InstanceState[]> {
  const all = new Map<string, InstanceState[]>();
  for (const instance of fleet) {
    const list = all.get(instance.service);
    if (list) list.push(instance);
    else all.set(instance.service, [instance]);
  }
  const names = [...all.keys()].sort();
  return new Map(
    names.map((name) => {
      const instances = all.get(name) ?? [];
      const staying = instances.filter((instance) => !instance.left || linkState(instance, now) !== "offline");
      return [name, staying.length > 0 ? staying : instances];
    }),
  );
}

function groupValue(instances: readonly InstanceState[], label: string): string | null {
  for (const instance of instances) {
    const value = instance.labels[label];
    if (value !== undefined && value !== "") return value;
  }
  return null;
}

function newEdge(from: string, to: string): EdgeDraft {
  return { from, to, parts: new Map(), rates: COUNTED.map(() => null), callers: new Set(), heard: new Set() };
}

function partOf(edge: EdgeDraft, { kind, name }: ResourceState): PartDraft {
  const key = `${kind}\n${name}`;
  let part = edge.parts.get(key);
  if (!part) edge.parts.set(key, (part = { kind, name, statuses: [], away: "stale", all: 0 }));
  return part;
}

function addRates(edge: EdgeDraft, { kind }: ResourceState, rate: (column: string) => number | null): void {
  const index = COUNTED.findIndex((candidate) => candidate.kind === kind);
  const columns = COUNTED[index];
  const calls = columns ? rate(columns.calls) : null;
  if (!columns || calls === null) return;
  const before = edge.rates[index];
  const failures = columns.failures === undefined ? null : rate(columns.failures);
  const rejected = columns.rejected === undefined ? null : rate(columns.rejected);
  edge.rates[index] = {
    calls: (before?.calls ?? 0) + calls,
    failures: added(before?.failures ?? null, failures),
    rejected: added(before?.rejected ?? null, rejected),
  };
}

/** A sum of what is known; null when nothing is. */
export function added(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : a + b;
}

/** Worse of two, where a status that is not known yields to any that is. */
function worse(a: Status, b: Status): Status {
  return severity(b) > severity(a) ? b : a;
}

function finished(key: string, { from, to, parts, rates, callers, heard }: EdgeDraft): MapEdge {
  const done = [...parts.values()].map(({ kind, name, statuses, away, all }): EdgePart => {
    const status = statuses.length === 0 ? away : statuses.reduce(worse, "unseen");
    const inStatus = statuses.length === 0 ? all : statuses.filter((one) => one === status).length;
    return { kind, name, status, inStatus, heard: statuses.length, all };
  });
  const counted = rates.find((rate) => rate !== null);
  return {
    key,
    from,
    to,
    status: worstHeard(done),
    parts: done.sort(byTrouble),
    calls: counted?.calls ?? null,
    failures: counted?.failures ?? null,
    rejected: counted?.rejected ?? null,
    heard: heard.size,
    callers: callers.size,
  };
}

/** Worst of what is heard: what only the silent said is no news. Without anyone heard, why. */
function worstHeard(seen: readonly { readonly status: Status; readonly heard: number }[]): Status {
  const heard = seen.filter((entry) => entry.heard > 0);
  return (heard.length > 0 ? heard : seen).reduce<Status>((found, entry) => worse(found, entry.status), "unseen");
}

/** Those heard before those silent, then worst first; a breaker before what stands beside it. */
function byTrouble(a: EdgePart, b: EdgePart): number {
  const rank = (part: EdgePart): number => (part.heard > 0 ? 100 : 0) + severity(part.status) * 2 + (part.kind === "breaker" ? 1 : 0);
  return rank(b) - rank(a) || (a.kind + a.name < b.kind + b.name ? -1 : 1);
}

function serviceNode(
  name: string,
  instances: readonly InstanceState[],
  { now, rateOf, group }: { now: number; rateOf: CounterRate; group: string | null },
): MapNode {
  const statuses = instances.map((instance) => instanceStatus(instance, now));
  const status = statuses.reduce(worse, "unseen");
  let requests: number | null = null;
  let errors: number | null = null;
  let heardAt: number | null = null;
  let live = 0;
  for (const instance of instances) {
    if (instance.lastFrameAt !== null) heardAt = Math.max(heardAt ?? 0, instance.lastFrameAt);
    if (linkState(instance, now) !== "live") continue;
    live++;
    for (const resource of instance.resources) {
      if (resource.kind !== "server" || resource.retired === true) continue;
      requests = added(requests, rateOf(instance, resource, "requests"));
      errors = added(errors, rateOf(instance, resource, "errors"));
    }
  }
  const inStatus = statuses.filter((one) => one === status).length;
  return {
    key: name,
    kind: "service",
    name,
    status,
    instances: instances.length,
    live,
    inStatus,
    requests,
    errors,
    heardAt,
    group,
    members: 1,
  };
}

/** Far sides that are no services here: what is known of them is what their callers see. */
function addOutside(nodes: Map<string, MapNode>, edges: readonly MapEdge[]): void {
  const found = new Map<string, MapEdge[]>();
  for (const edge of edges) {
    if (nodes.has(edge.to)) continue;
    found.set(edge.to, [...(found.get(edge.to) ?? []), edge]);
  }
  for (const [name, into] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const groups = new Set(into.map((edge) => nodes.get(edge.from)?.group ?? null));
    nodes.set(name, {
      key: name,
      kind: "outside",
      name,
      status: worstHeard(into),
      instances: 0,
      live: 0,
      inStatus: 0,
      requests: into.reduce<number | null>((sum, edge) => added(sum, edge.calls), null),
      errors: into.reduce<number | null>((sum, edge) => added(sum, edge.failures), null),
      heardAt: null,
      // It lies with those who call it, as long as they agree.
      group: groups.size === 1 ? ([...groups][0] ?? null) : null,
      members: 1,
    });
  }
}
