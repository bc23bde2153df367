/** What a change would do, before it is made. */
import { blastRadius, reachOf, targetsOf, type BlastRadius, type PolicyScope, type Reach, type Subject } from "../../core/policy.ts";
import type { Flip } from "../store/store.ts";
import { checkDecision, movesOf, refusalsOf, type PolicyDecision } from "./change-rules.ts";
import type { PolicyCatalog } from "./policy-catalog.ts";
import { scopedFlips, type SwitchCatalog } from "./switch-catalog.ts";

interface Seen {
  readonly environment: string;
  /** Of the change to come: which instances a percentage hits hangs on it. */
  readonly id: string;
  readonly scope: PolicyScope;
  readonly expiresInSeconds?: number | null | undefined;
}

export interface FlipLook extends Seen {
  readonly switchKey: string;
  readonly position: string;
}

export type ChangeLook = Seen & { readonly decision: PolicyDecision };

export interface ChangeRadius extends Reach {
  readonly refusals: readonly { readonly instance: string; readonly reason: string }[];
  readonly instances: readonly { readonly instance: string; readonly live: boolean }[];
  /** Each value that is said, beside what is held now and what shows when it ends. */
  readonly moves: ReturnType<typeof movesOf>;
}

export interface PreviewParts {
  readonly catalog: SwitchCatalog;
  readonly policies: PolicyCatalog;
  readonly inForce: (environment: string, subject: Subject) => readonly Flip[];
  readonly now: () => number;
}

export function previewFlip({ catalog, inForce, now }: PreviewParts, look: FlipLook): BlastRadius {
  const { environment, switchKey, position } = look;
  const known = catalog.find(environment, switchKey, position);
  return blastRadius({ ...seen(look, now()), position }, catalog.holders(environment, switchKey), {
    flips: scopedFlips(inForce(environment, { kind: "switch", key: switchKey, policy: null })),
    positions: known.positions,
  });
}

export function previewChange({ policies, inForce, now }: PreviewParts, look: ChangeLook): ChangeRadius {
  const { environment, decision } = look;
  checkDecision(decision, look.expiresInSeconds);
  const change = { ...decision, ...seen(look, now()) };
  const targets = targetsOf(change, policies.find(environment, decision));
  const beneath = inForce(environment, decision);
  return {
    ...reachOf(targets),
    refusals: refusalsOf(change, targets, beneath).map(({ instance, reason }) => ({ instance, reason })),
    instances: targets.map(({ key, live }) => ({ instance: key, live })),
    moves: movesOf(change, targets, beneath),
  };
}

function seen({ id, scope, expiresInSeconds }: Seen, now: number) {
  return { id, scope, expiresAt: expiresInSeconds == null ? null : now + expiresInSeconds * 1_000 };
}
