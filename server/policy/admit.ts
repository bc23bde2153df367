import { targetsOf, type PolicyTarget } from "../../core/policy.ts";
import type { NewFlip } from "../store/store.ts";
import type { PreviewParts } from "./change-preview.ts";
import { checkDecision, checkRefusals, refusalsOf } from "./change-rules.ts";

/** Who has what a change is about and is in its scope. Refuses what cannot be, before anything changes. @throws ApiError */
export function admit(
  { catalog, policies, inForce }: PreviewParts,
  flip: NewFlip,
  expiresInSeconds: number | null,
): readonly (PolicyTarget & { readonly live: boolean })[] {
  const { environment, key } = flip;
  if (flip.kind === "switch") {
    catalog.find(environment, key, flip.body.position);
    return targetsOf(flip, catalog.holders(environment, key));
  }
  checkDecision(flip, expiresInSeconds);
  const targets = targetsOf(flip, policies.find(environment, flip));
  checkRefusals(refusalsOf(flip, targets, inForce(environment, flip)), targets);
  return targets;
}
