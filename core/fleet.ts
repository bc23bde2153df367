/**
 * The live state of a fleet as a fold: one function, used by the server, by the browser and by replay. It is deterministic and does
 * no I/O; it owns and changes the state it is given (a copy a second of a thousand rows would be waste), so keep one writer.
 */
import { columnIndex, columnsOf, type Kind } from "../protocol/kinds.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { LinkState, LiveInstance, LiveResource } from "../protocol/live.ts";

/** A resource with the place of its columns in the row. */
export interface ResourceState extends LiveResource {
  /** First slot of this resource in the instance's row. */
  readonly offset: number;
}

export interface InstanceState extends Omit<LiveInstance, "row" | "resources"> {
  resources: readonly ResourceState[];
  /** value + 1, or 0 for unknown: the same numbers as on the wire. */
  row: Float64Array;
  /** Grows by one with each change, so a screen can tell in one comparison whether to draw again. */
  changes: number;
}

export interface FleetState {
  readonly instances: Map<string, InstanceState>;
  /** Highest policy revision heard of. */
  revision: number;
}

export type FleetAction =
  /** Everything anew: first snapshot, resync, key frame. */
  | { readonly type: "replaced"; readonly instances: readonly LiveInstance[]; readonly revision: number }
  /** An instance joined, declared, left, or applied a policy. */
  | { readonly type: "described"; readonly instance: LiveInstance }
  /** What is known of an instance besides its values and its dictionary. */
  | { readonly type: "amended"; readonly key: string; readonly change: Partial<Omit<LiveInstance, "key" | "resources" | "row">> }
  /** Some slots changed. `slots` is slot, value, slot, value... `at` is server time. */
  | { readonly type: "sampled"; readonly key: string; readonly at: number; readonly slots: ArrayLike<number> }
  | { readonly type: "policy-moved"; readonly revision: number }
  | { readonly type: "forgotten"; readonly key: string };

export function createFleet(): FleetState {
  return { instances: new Map(), revision: 0 };
}

/** Applies one action. Unknown instances in `sampled` are ignored: their description comes first on every path. */
export function foldFleet(fleet: FleetState, action: FleetAction): void {
  switch (action.type) {
    case "replaced":
      fleet.instances.clear();
      for (const instance of action.instances) fleet.instances.set(instance.key, instanceState(instance, 0));
      fleet.revision = action.revision;
      return;
    case "described": {
      const before = fleet.instances.get(action.instance.key);
      fleet.instances.set(action.instance.key, instanceState(action.instance, (before?.changes ?? 0) + 1));
      return;
    }
    case "amended": {
      const instance = fleet.instances.get(action.key);
      if (!instance) return;
      Object.assign(instance, action.change);
      instance.changes++;
      return;
    }
    case "sampled": {
      const instance = fleet.instances.get(action.key);
      if (!instance) return;
      for (let i = 0; i + 1 < action.slots.length; i += 2) {
        const slot = action.slots[i] as number;
        if (slot < instance.row.length) instance.row[slot] = action.slots[i + 1] as number;
      }
      instance.lastFrameAt = action.at;
      instance.changes++;
      return;
    }
    case "policy-moved":
      fleet.revision = Math.max(fleet.revision, action.revision);
      return;
    case "forgotten":
      fleet.instances.delete(action.key);
      return;
  }
}

/** Instances of a service declare alike, so what is made of a list is made once and shared: thousands hold one dictionary. */
const placed = new WeakMap<readonly LiveResource[], readonly ResourceState[]>();
const plain = new WeakMap<readonly ResourceState[], LiveResource[]>();

/** Places resources on the row: the columns of resource 0, then of resource 1, and so on. The same list gives the same answer. */
export function placeResources(resources: LiveResource[]): readonly ResourceState[] {
  const known = placed.get(resources);
  if (known) return known;
  let offset = 0;
  const states = resources.map((resource) => {
    const state = { ...resource, offset };
    offset += columnsOf(resource.kind).length;
    return state;
  });
  placed.set(resources, states);
  plain.set(states, resources);
  return states;
}

/** The list that was placed. */
function plainResources(states: readonly ResourceState[]): LiveResource[] {
  return plain.get(states) ?? states.map(({ offset: _, ...resource }) => resource);
}

/** Slots that a dictionary takes. */
export function slotCount(resources: readonly { readonly kind: Kind }[]): number {
  let slots = 0;
  for (const resource of resources) slots += columnsOf(resource.kind).length;
  return slots;
}

function instanceState(instance: LiveInstance, version: number): InstanceState {
  const resources = placeResources(instance.resources);
  const row = new Float64Array(Math.max(slotCount(instance.resources), instance.row.length));
  row.set(instance.row);
  return { ...instance, resources, row, changes: version };
}

/** The description of an instance as the wire carries it; the inverse of what the fold stores. */
export function describeInstance(state: InstanceState): LiveInstance {
  const { changes: _, resources, row, ...rest } = state;
  return { ...rest, resources: plainResources(resources), row: Array.from(row) };
}

/** A value of a resource by column name; null when unknown or no such column. */
export function valueOf(instance: Pick<InstanceState, "row">, resource: ResourceState, column: string): number | null {
  const index = columnIndex(resource.kind, column);
  return index < 0 ? null : valueAt(instance, resource, index);
}

/** The same by the place of the column in its kind: for what is asked some hundred thousand times a second. */
export function valueAt(instance: Pick<InstanceState, "row">, resource: ResourceState, index: number): number | null {
  const wire = instance.row[resource.offset + index] ?? 0;
  return wire === 0 ? null : wire - 1;
}

/** live: connected and heard within 5 s; stale: connected, or the link just dropped, and silent; offline: gone; unseen: never heard since the console knows of it. */
export function linkState(instance: Pick<InstanceState, "connectedAt" | "lastFrameAt" | "disconnectedAt">, now: number): LinkState {
  if (instance.connectedAt === null) {
    if (instance.lastFrameAt === null) return "unseen";
    const silent = now - (instance.disconnectedAt ?? instance.lastFrameAt);
    return silent <= LIMITS.deadPeerMs ? "stale" : "offline";
  }
  return now - (instance.lastFrameAt ?? instance.connectedAt) <= LIMITS.staleAfterMs ? "live" : "stale";
}
