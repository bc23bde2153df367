/**
 * The seam between a resilience policy and whatever steers it. A policy works alone; once it is attached, an agent reports its reading
 * and hands it what the console decides.
 */
import type { Kind, Reading } from "../../../protocol/kinds.ts";
import type { Bounds, FaultValues, OverrideState, PolicyName, Values } from "../../../protocol/settings.ts";
import type { Data, Disposer } from "../types.ts";

/** Settings of one policy item. */
export interface RemoteValues {
  readonly revision: number;
  readonly values: Values;
}

/** What the console can change of a part. Values were validated against the table, the part's bounds, and each other. */
export interface Steering {
  readonly policy: PolicyName;
  /** Every setting as the code gives it. */
  readonly code: Values;
  readonly bounds: Bounds;
  /** Settings that cannot be changed here. */
  readonly fixed: readonly string[];
  /** Overrides that are possible here; all that make sense when left out. */
  readonly states?: readonly OverrideState[] | undefined;
  /** What a change here does not do, in a sentence; undefined when it does all one would expect. */
  readonly note?: string | undefined;
  /** The host allows failures to be injected here. */
  readonly faults: boolean;
  /** All items in force, lowest revision first; an empty list goes back to the code. Never throws. */
  settings(items: readonly RemoteValues[]): void;
  /** The override in force, null for none. Never throws. */
  override(state: OverrideState | null, revision: number): void;
  /** The fault in force, null for none. Only called when `faults` is true. Never throws. */
  fault(values: Partial<FaultValues> | null, revision: number): void;
}

/** Where a part tells what happened: events of the log (`breaker.opened`...), never sampled. Never throws. */
export type Tell = (type: string, data: Data) => void;

/** One policy as an agent sees it. */
export interface Part {
  /** Of the policy or its pipeline: 1 to 64 characters. */
  readonly name: string;
  readonly kind: Kind;
  /** Columns now. Called at each sample, so it must be cheap. */
  readonly read: () => Reading;
  readonly target?: string | undefined;
  /** Null when the console can only watch it. */
  readonly steering: Steering | null;
  /** Set while attached. */
  tell: Tell | null;
}

/** An agent, as parts see it. */
export interface PartHost {
  attach(part: Part): Disposer;
}
