import type { Decision } from "../../core/policy.ts";

/** The door between policy and the gateway: what an agent must hold, and what it answered. Implemented by policy, used by the gateway. */
export interface AgentIdentity {
  readonly environment: string;
  readonly service: string;
  readonly instance: string;
}

/** `service/instance`: how an instance is named inside an environment. Neither part may hold a slash (the gateway refuses it). */
export function instanceKey(agent: Pick<AgentIdentity, "service" | "instance">): string {
  return `${agent.service}/${agent.instance}`;
}

export interface PolicyItem {
  /** The flip. */
  readonly id: string;
  readonly kind: Decision["kind"];
  readonly key: string;
  readonly revision: number;
  /** Console clock; null has no expiry. */
  readonly expiresAt: number | null;
  readonly body: Decision["body"];
}

/** One step of the environment's policy, already committed. */
export interface PolicyChange {
  readonly environment: string;
  readonly revision: number;
  readonly puts: readonly PolicyItem[];
  readonly dels: readonly string[];
  /** Whether this agent is in the scope of the change. */
  readonly affects: (agent: AgentIdentity) => boolean;
}

export interface PolicyFeed {
  revision(environment: string): number;
  /** Every item in force for an agent, lowest revision first. From memory: works with the database down. */
  itemsFor(agent: AgentIdentity): readonly PolicyItem[];
  subscribe(listener: (change: PolicyChange) => void): () => void;

  /** The change was written to these agents' sockets. */
  sent(change: PolicyChange, instanceKeys: readonly string[], at: number): void;
  /** The agent holds everything up to `revision`, except the rejected items. `appliedMs` null when it came by a full sync. */
  answered(
    agent: AgentIdentity,
    answer: {
      readonly revision: number;
      readonly at: number;
      readonly appliedMs: number | null;
      readonly rejected: readonly { readonly id: string; readonly code: string; readonly message: string }[];
    },
  ): void;
  /** The agent's link is gone: its open receipts become unknown. */
  lost(agent: AgentIdentity, at: number): void;
}
