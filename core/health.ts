/** What a state means for a person: the status language, the same on every screen. Pure; the clock is passed in. */
import { BREAKER_STATES, columnIndex } from "../protocol/kinds.ts";
import { linkState, valueAt, type InstanceState, type ResourceState } from "./fleet.ts";

export const STATUSES = ["unseen", "closed", "switched", "half_open", "forced", "warning", "open", "stale", "offline"] as const;
export type Status = (typeof STATUSES)[number];

const WORDS: Readonly<Record<Status, string>> = {
  closed: "healthy",
  half_open: "half-open",
  warning: "warning",
  open: "open",
  forced: "forced",
  switched: "switched",
  stale: "stale",
  offline: "offline",
  unseen: "unseen",
};

/** The word that always stands beside shape and colour. */
export function statusWord(status: Status): string {
  return WORDS[status];
}

const SEVERITY = Object.fromEntries(STATUSES.map((status, index) => [status, index])) as Readonly<Record<Status, number>>;

/** How bad: later in the list is worse. Stale and offline are worst, because nothing else about them is known. */
export function severity(status: Status): number {
  return SEVERITY[status];
}

/** The worst of some statuses; healthy when there are none. */
export function worst(statuses: Iterable<Status>): Status {
  let found: Status = "closed";
  for (const status of statuses) if (severity(status) > severity(found)) found = status;
  return found;
}

const STATE = columnIndex("breaker", "state");
const FAILURE = columnIndex("breaker", "failurePermille");
const DEPTH = columnIndex("queue", "depth");
const CAPACITY = columnIndex("queue", "capacity");
/** Pools and bulkheads name these alike. */
const LOAD = {
  pool: { inUse: columnIndex("pool", "inUse"), max: columnIndex("pool", "max") },
  bulkhead: { inUse: columnIndex("bulkhead", "inUse"), max: columnIndex("bulkhead", "max") },
} as const;
const loadOf = ({ kind }: ResourceState) => (kind === "pool" || kind === "bulkhead" ? LOAD[kind] : null);

/** Share of the limit at which a pool, queue or breaker is near it. */
const NEAR = 0.8;

export function breakerStatus(instance: Pick<InstanceState, "row">, resource: ResourceState): Status {
  const state = BREAKER_STATES[valueAt(instance, resource, STATE) ?? -1];
  if (state === undefined) return "unseen";
  if (state === "open") return "open";
  if (state === "half_open") return "half_open";
  if (state === "forced_open" || state === "forced_closed" || state === "disabled") return "forced";
  const failure = valueAt(instance, resource, FAILURE);
  const threshold = resource.settings?.["threshold"] ?? resource.settings?.["errorThresholdPercentage"];
  const limit = typeof threshold === "number" && threshold > 0 ? threshold * 10 : 500;
  return failure !== null && failure >= limit * NEAR ? "warning" : "closed";
}

/** In use against the limit, 0 to 1; null when unknown or without a limit. */
export function poolLoad(instance: Pick<InstanceState, "row">, resource: ResourceState): number | null {
  const columns = loadOf(resource);
  if (!columns) return null;
  const inUse = valueAt(instance, resource, columns.inUse);
  const max = valueAt(instance, resource, columns.max);
  return inUse === null || max === null || max === 0 ? null : inUse / max;
}

export function poolStatus(instance: Pick<InstanceState, "row">, resource: ResourceState): Status {
  const load = poolLoad(instance, resource);
  if (load === null) return "closed";
  return load >= NEAR ? "warning" : "closed";
}

function queueStatus(instance: Pick<InstanceState, "row">, resource: ResourceState): Status {
  const depth = valueAt(instance, resource, DEPTH);
  const capacity = valueAt(instance, resource, CAPACITY);
  return depth !== null && capacity !== null && capacity > 0 && depth >= capacity * NEAR ? "warning" : "closed";
}

/** Status of one resource by its latest values. Shedding is a matter of rates and is judged where rates are known. */
export function resourceStatus(instance: Pick<InstanceState, "row">, resource: ResourceState): Status {
  if (resource.retired === true) return "closed";
  switch (resource.kind) {
    case "breaker":
      return breakerStatus(instance, resource);
    case "pool":
    case "bulkhead":
      return poolStatus(instance, resource);
    case "queue":
      return queueStatus(instance, resource);
    default:
      return "closed";
  }
}

export interface Trouble {
  readonly resource: ResourceState;
  readonly status: Status;
}

const NO_TROUBLE: readonly Trouble[] = [];
const JUDGED: ReadonlySet<string> = new Set(["breaker", "pool", "bulkhead", "queue"]);
const judged = new WeakMap<readonly ResourceState[], readonly ResourceState[]>();

/** Resources that are not healthy, in the order of their declaration; what is not known is no trouble. */
export function troublesOf(instance: Pick<InstanceState, "row" | "resources">): readonly Trouble[] {
  let resources = judged.get(instance.resources);
  if (!resources) judged.set(instance.resources, (resources = instance.resources.filter(({ kind }) => JUDGED.has(kind))));
  let found: Trouble[] | null = null;
  for (const resource of resources) {
    const status = resourceStatus(instance, resource);
    if (status !== "closed" && status !== "unseen") (found ??= []).push({ resource, status });
  }
  return found ?? NO_TROUBLE;
}

const isMoved = (entry: InstanceState["switches"][number]): boolean => entry.position !== entry.positions[0];

/** Switches of an instance that are not in their normal position. */
export function switchedKeys(instance: Pick<InstanceState, "switches">): readonly string[] {
  return instance.switches.filter(isMoved).map((entry) => entry.key);
}

export function isSwitched(instance: Pick<InstanceState, "switches">): boolean {
  return instance.switches.some(isMoved);
}

/** Worst of everything an instance reports; what is not live says so first. */
export function instanceStatus(instance: InstanceState, now: number): Status {
  const link = linkState(instance, now);
  if (link !== "live") return link;
  let found: Status = isSwitched(instance) ? "switched" : "closed";
  for (const resource of instance.resources) {
    const status = resourceStatus(instance, resource);
    if (severity(status) > severity(found)) found = status;
  }
  return found;
}
