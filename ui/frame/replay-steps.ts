/** The steps that bring policy back to a moment, as one change. */
import type { ChangeAnswer } from "../../protocol/api.ts";
import type { ChangeSetItem, ChangeSetRequest } from "../../protocol/change-set-api.ts";
import type { PolicyDifferenceAnswer } from "../../protocol/replay-api.ts";
import type { OverrideState, PolicyName, Values } from "../../protocol/settings.ts";

export type DifferenceItem = PolicyDifferenceAnswer["items"][number];
type MadeAgain = Extract<DifferenceItem["steps"][number], { step: "make" }>;

/** All steps as one change. Each subject as it was looked at: what somebody changes meanwhile refuses all of it. */
export function wayBack(
  items: readonly DifferenceItem[],
  { title, reason }: { readonly title: string; readonly reason: string },
): ChangeSetRequest {
  const made = items.flatMap(({ steps, revision }) =>
    steps.filter((step): step is MadeAgain => step.step === "make").map((step) => itemOf(step, revision)),
  );
  const ends = items.flatMap(({ steps }) => steps.filter(({ step }) => step === "end").map(({ of }) => of));
  return { title: title.slice(0, 120), reason: reason.trim(), items: made, ends };
}

function itemOf({ kind, key, policy, scope, expiresInSeconds, ...step }: MadeAgain, expectedRevision: number): ChangeSetItem {
  const order = { scope, expiresInSeconds, expectedRevision };
  // What a body holds is told by its kind; the union of the answer does not say so.
  const body = step.body as { readonly position: string; readonly values: Values; readonly state: OverrideState };
  if (kind === "switch") return { kind, key, position: body.position, ...order };
  const subject = { name: key, policy: policy as PolicyName };
  if (kind === "settings") return { kind, ...subject, values: { ...body.values }, ...order };
  return { kind: "override", ...subject, state: body.state, ...order };
}

/** What was in force, in a few words; what decides stands last. */
export function inForceWords(changes: readonly Pick<ChangeAnswer, "body" | "scope">[]): string {
  const words = changes.map(({ body }) =>
    "position" in body
      ? body.position
      : "state" in body
        ? body.state.replaceAll("_", " ")
        : Object.entries(body.values)
            .map(([key, value]) => `${key} ${String(value)}`)
            .join(", "),
  );
  return words.length === 0 ? "as the code says" : words.join(", then ");
}
