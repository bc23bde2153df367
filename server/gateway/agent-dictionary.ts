import { placeResources, slotCount, type ResourceState } from "../../core/fleet.ts";
import type { Declare, PolicyDeclaration, SwitchDeclaration } from "../../protocol/agent-up.ts";
import { columnIndex, type Kind } from "../../protocol/kinds.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { LiveResource } from "../../protocol/live.ts";

export type DeclareProblem =
  /** The peer does not keep to the protocol: close. */
  | { readonly verdict: "bad"; readonly reason: string }
  /** A limit: the message changes nothing, the link goes on. */
  | { readonly verdict: "refused"; readonly code: string; readonly reason: string };

/** Lists that were declared, by their text: an instance gets the one that another of its service declared before. */
const SHARED_MOST = 256;
const shared = new Map<string, LiveResource[]>();

function share(resources: LiveResource[]): LiveResource[] {
  const text = JSON.stringify(resources);
  const known = shared.get(text);
  if (known) return known;
  if (shared.size >= SHARED_MOST) for (const oldest of shared.keys()) if (shared.delete(oldest)) break;
  shared.set(text, resources);
  return resources;
}

/** What one connection has declared: the order of its resources fixes the slots of its frames. */
export class AgentDictionary {
  #declared: LiveResource[] = [];
  #resources: readonly ResourceState[] = [];
  #switches = new Map<string, SwitchDeclaration>();
  #policies = new Map<string, PolicyDeclaration>();
  #slots = 0;

  get resources(): readonly ResourceState[] {
    return this.#resources;
  }

  /** The same, without places. */
  get declared(): LiveResource[] {
    return this.#declared;
  }

  get slots(): number {
    return this.#slots;
  }

  switches(): SwitchDeclaration[] {
    return [...this.#switches.values()];
  }

  policies(): PolicyDeclaration[] {
    return [...this.#policies.values()];
  }

  /**
   * Takes a declaration whole or not at all.
   * @param allowance new resources the token may still have
   */
  declare(message: Declare, allowance: number): DeclareProblem | null {
    const next: LiveResource[] = [...this.#declared];
    for (const declared of message.resources) {
      const held = next[declared.id];
      if (!held && declared.id !== next.length) return bad(`resource id ${String(declared.id)} comes before ${String(next.length)}`);
      if (held && (held.kind !== declared.kind || held.name !== declared.name))
        return bad(`resource id ${String(declared.id)} was declared as something else`);
      next[declared.id] = { ...declared, ...(held?.retired ? { retired: true } : {}) };
    }
    for (const id of message.retired) {
      const held = next[id];
      if (!held) return bad(`retired id ${String(id)} was never declared`);
      next[id] = { ...held, retired: true };
    }
    const slots = slotCount(next);
    if (slots > LIMITS.slotsPerFrame)
      return refused("too_many_slots", `resources take ${String(slots)} slots; a frame has ${String(LIMITS.slotsPerFrame)}`);
    if (next.length - this.#resources.length > allowance)
      return refused("too_many_resources", "this token has as many resources as it may have");
    const switches = new Map(this.#switches);
    for (const declared of message.switches) {
      const problem = switchProblem(declared);
      if (problem) return bad(problem);
      switches.set(declared.key, declared);
    }
    if (switches.size > LIMITS.switchesPerAgent)
      return refused("too_many_switches", `an agent has at most ${String(LIMITS.switchesPerAgent)} switches`);
    const policies = new Map(this.#policies);
    for (const declared of message.policies ?? []) policies.set(`${declared.policy} ${declared.name}`, declared);
    if (policies.size > LIMITS.policiesPerAgent)
      return refused("too_many_policies", `an agent has at most ${String(LIMITS.policiesPerAgent)} policies`);
    this.#declared = share(next);
    this.#resources = placeResources(this.#declared);
    this.#switches = switches;
    this.#policies = policies;
    this.#slots = slots;
    return null;
  }

  switchMoved(key: string, position: string): boolean {
    const held = this.#switches.get(key);
    if (!held?.positions.includes(position)) return false;
    this.#switches.set(key, { ...held, position });
    return true;
  }

  /** The slot of a column of a resource that is not retired; -1 when there is none. */
  slotOf(resource: { readonly kind: Kind; readonly name: string }, column: string): number {
    for (let id = this.#resources.length - 1; id >= 0; id--) {
      const held = this.#resources[id];
      if (held && held.kind === resource.kind && held.name === resource.name && !held.retired)
        return held.offset + columnIndex(held.kind, column);
    }
    return -1;
  }
}

function switchProblem(declared: SwitchDeclaration): string | null {
  if (new Set(declared.positions).size !== declared.positions.length) return `switch ${declared.key} names a position twice`;
  if (!declared.positions.includes(declared.safeDefault)) return `switch ${declared.key}: safeDefault is not among its positions`;
  if (!declared.positions.includes(declared.position)) return `switch ${declared.key}: position is not among its positions`;
  return null;
}

function bad(reason: string): DeclareProblem {
  return { verdict: "bad", reason };
}

function refused(code: string, reason: string): DeclareProblem {
  return { verdict: "refused", code, reason };
}
