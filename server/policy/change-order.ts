/** What is asked of the policy: a change, or the end of one. */
import type { Decision } from "../../core/policy.ts";
import type { FlipPurpose, FlipScope } from "../store/store.ts";

export interface ChangeOrder {
  readonly environment: string;
  readonly decision: Decision;
  readonly scope: FlipScope;
  readonly reason: string;
  readonly author: string;
  readonly expiresInSeconds: number | null;
  readonly expectedRevision?: number | undefined;
  readonly purpose?: FlipPurpose | undefined;
  /** From a preview, so that a percentage hits exactly what was shown. */
  readonly flipId?: string | undefined;
}

export interface Ending {
  readonly status: "expired" | "reverted";
  readonly actor: string;
  readonly reason: string;
}
