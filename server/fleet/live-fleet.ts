/** The live state of every environment: read by everyone, written by the gateway through one link for each connection. */
import type { FleetState, InstanceState } from "../../core/fleet.ts";
import type { PolicyDeclaration, SwitchDeclaration } from "../../protocol/agent-up.ts";
import type { LiveInstance, LiveResource } from "../../protocol/live.ts";
import type { AgentIdentity } from "../policy/feed.ts";
import type { KnownSwitch, NewEvent } from "../store/store.ts";
import type { PolicyGroup } from "./policy-book.ts";

export type FleetChange =
  | { readonly type: "described"; readonly environment: string; readonly key: string }
  /** `slots` is slot, value, slot, value...; valid only during the call. Urgent: a transition, ahead of the next sample. */
  | {
      readonly type: "sampled";
      readonly environment: string;
      readonly key: string;
      readonly slots: ArrayLike<number>;
      readonly urgent: boolean;
    }
  | { readonly type: "forgotten"; readonly environment: string; readonly key: string };

/** What an agent says of itself when it connects. Times by the console's clock. */
export interface AgentArrival {
  readonly boot: string;
  readonly version: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly agentVersion: string;
  readonly runtime: string;
  readonly clockSkewMs: number;
  readonly policyRevision: number;
}

/** The writing end of one connection. Inert once a newer connection of the same instance has taken over. */
export interface FleetLink {
  /** The state now; null when the instance was forgotten. */
  readonly state: InstanceState | null;
  /** The whole dictionary as known now. Values stay where the dictionary before begins alike. */
  declared(resources: LiveResource[], switches: readonly SwitchDeclaration[], policies?: readonly PolicyDeclaration[]): void;
  /** A sample: slot, value, slot, value... */
  sampled(at: number, slots: ArrayLike<number>): void;
  /** Slots that moved ahead of the next sample; told to screens at once. */
  moved(at: number, slots: ArrayLike<number>): void;
  switchMoved(key: string, position: string): void;
  policyApplied(revision: number): void;
  clockSkewed(skewMs: number): void;
  /** `goodbye`: the agent closed by itself. `lost`: the link broke; it counts as left when it has not come back after 25 s. */
  closed(how: "goodbye" | "lost"): void;
}

export interface LiveFleet {
  environments(): readonly string[];
  /** The state to read; an environment nobody has heard of is an empty fleet. Never change it. */
  fleet(environment: string): FleetState;
  describe(environment: string, key: string): LiveInstance | null;
  switches(environment: string): readonly KnownSwitch[];
  /** Policies that instances declare, connected or not. */
  policies(environment: string): Iterable<PolicyGroup>;
  policiesOf(environment: string, key: string): readonly PolicyDeclaration[];
  /** Changes in order, after they are folded; a listener that throws is logged and does not stop the others. */
  subscribe(listener: (change: FleetChange) => void): () => void;
  connect(agent: AgentIdentity, arrival: AgentArrival): FleetLink;
  /** Logs something the console noticed about an agent: committed, then on the bus. */
  note(agent: AgentIdentity, type: string, data: NewEvent["data"]): void;
  forget(environment: string, key: string): Promise<void>;
  /** Writes what is not yet written. The fleet can still be read. */
  stop(): Promise<void>;
}
