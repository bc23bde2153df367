/** Changes of policy and what instances answered, as the store keeps them. */
import type { Decision, Subject } from "../../core/policy.ts";
import type { PolicyKind } from "../../protocol/policy.ts";

export interface FlipScope {
  /** Absent: every instance of the environment that has the switch. */
  readonly service?: string;
  /** Instance keys `service/instance`. */
  readonly instances?: readonly string[];
  /** 1 to 100; which instances is decided by a stable hash of flip id and instance key. */
  readonly percentage?: number;
}

export type FlipStatus = "live" | "expired" | "reverted";

/** Why a change was made, where a machine must know: to practise, or as a step of the ladder. */
export type FlipPurpose = "drill" | "ladder";

interface FlipOrigin {
  readonly id: string;
  readonly environment: string;
  readonly scope: FlipScope;
  readonly reason: string;
  readonly author: string;
  readonly createdAt: number;
  /** null: no expiry, said explicitly by the author. */
  readonly expiresAt: number | null;
  /** Absent for a change made for itself. */
  readonly purpose?: FlipPurpose | undefined;
}

interface FlipFate {
  readonly revision: number;
  readonly status: FlipStatus;
  readonly endedAt: number | null;
  readonly endedBy: string | null;
  /** Revision that ended it. */
  readonly endRevision: number | null;
}

/** A change of policy of any kind, before it has a revision. */
export type NewFlip = FlipOrigin & Decision;
export type Flip = NewFlip & FlipFate;

export interface FlipQuery {
  readonly environment: string;
  /** Only what is about this. */
  readonly subject?: Subject;
  readonly kind?: PolicyKind;
  readonly status?: FlipStatus;
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit: number;
}

export type ReceiptState = "pending" | "sent" | "applied" | "refused" | "unknown";

export interface Receipt {
  readonly flipId: string;
  /** `service/instance` */
  readonly instanceKey: string;
  readonly state: ReceiptState;
  readonly at: number;
  /** Milliseconds from the commit of the flip to the agent's acknowledgement, by the console's clock. */
  readonly roundTripMs: number | null;
  /** Milliseconds the agent took, by its own monotonic clock. */
  readonly appliedMs: number | null;
  readonly reason: string | null;
  /** Last revision the agent is known to hold, for `unknown`. */
  readonly lastRevision: number | null;
}

/** Thrown by `createFlip` and `endFlip` when `expectedRevision` is not the current one of its subject. */
export class RevisionConflict extends Error {
  override readonly name = "RevisionConflict";
  readonly current: number;
  constructor(current: number) {
    super(`the current revision is ${String(current)}`);
    this.current = current;
  }
}
