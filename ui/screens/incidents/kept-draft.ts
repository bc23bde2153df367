/** What was typed into a write-up and not saved, kept in this tab. A browser that keeps nothing loses only that. */
import type { ReviewDraft } from "./review-form.ts";

type Kept = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const keyOf = (id: string): string => `holdfast.write-up.${id}`;
const PROSE = ["summary", "trigger", "contributing", "wentWell", "wentBadly", "lucky"] as const;

/** Null clears it. */
export function keepDraft(storage: () => Kept, id: string, draft: ReviewDraft | null): void {
  try {
    if (draft === null) storage().removeItem(keyOf(id));
    else storage().setItem(keyOf(id), JSON.stringify(draft));
  } catch {
    // Full or forbidden: it stays in the form.
  }
}

/** Null when there is none, or none that can be understood. */
export function keptDraft(storage: () => Kept, id: string): ReviewDraft | null {
  try {
    const found = JSON.parse(storage().getItem(keyOf(id)) ?? "null") as Partial<ReviewDraft> | null;
    if (found === null || PROSE.some((name) => typeof found[name] !== "string") || !Array.isArray(found.actions)) return null;
    const actions = found.actions.filter((action) =>
      ["text", "type", "owner", "link"].every((name) => typeof (action as unknown as Record<string, unknown> | null)?.[name] === "string"),
    );
    return { ...(found as ReviewDraft), actions };
  } catch {
    return null;
  }
}
