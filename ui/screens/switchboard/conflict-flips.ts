import type { FlipAnswer } from "../../../protocol/api.ts";

/** The flips a conflict names. The field is free in the schema, so each is looked at before it is shown. */
export function conflictFlips(conflict: unknown): readonly FlipAnswer[] {
  if (typeof conflict !== "object" || conflict === null || !("flips" in conflict) || !Array.isArray(conflict.flips)) return [];
  return conflict.flips.filter(isFlip);
}

/** The switch's revision now, by the conflict; null when it does not say. */
export function conflictRevision(conflict: unknown): number | null {
  if (typeof conflict !== "object" || conflict === null || !("current" in conflict)) return null;
  return typeof conflict.current === "number" ? conflict.current : null;
}

function isFlip(value: unknown): value is FlipAnswer {
  if (typeof value !== "object" || value === null) return false;
  const { id, position, author, scope } = value as Partial<FlipAnswer>;
  return (
    typeof id === "string" &&
    typeof position === "string" &&
    typeof author === "string" &&
    typeof scope === "object" &&
    (scope as unknown) !== null
  );
}
