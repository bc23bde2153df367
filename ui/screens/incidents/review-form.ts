/** The form of a write-up: lines as text, and what of it changed. Pure. */
import type { Review } from "../../../protocol/incident-api.ts";

export interface ActionDraft {
  readonly text: string;
  readonly type: Review["actions"][number]["type"];
  readonly owner: string;
  readonly link: string;
}

export interface ReviewDraft {
  readonly summary: string;
  readonly trigger: string;
  /** One in each line. */
  readonly contributing: string;
  readonly wentWell: string;
  readonly wentBadly: string;
  readonly lucky: string;
  readonly actions: readonly ActionDraft[];
}

export const LISTS = ["contributing", "wentWell", "wentBadly", "lucky"] as const;
export const NO_ACTION: ActionDraft = { text: "", type: "prevent", owner: "", link: "" };

export function reviewDraft(review: Review): ReviewDraft {
  const { summary, trigger, contributing, wentWell, wentBadly, lucky, actions } = review;
  return {
    summary,
    trigger,
    contributing: contributing.join("\n"),
    wentWell: wentWell.join("\n"),
    wentBadly: wentBadly.join("\n"),
    lucky: lucky.join("\n"),
    actions: actions.map(({ text, type, owner, link }) => ({ text, type, owner: owner ?? "", link: link ?? "" })),
  };
}

const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

function reviewOf(draft: ReviewDraft): Review {
  return {
    summary: draft.summary.trim(),
    trigger: draft.trigger.trim(),
    contributing: linesOf(draft.contributing),
    wentWell: linesOf(draft.wentWell),
    wentBadly: linesOf(draft.wentBadly),
    lucky: linesOf(draft.lucky),
    actions: draft.actions
      .filter(({ text }) => text.trim() !== "")
      .map(({ text, type, owner, link }) => ({
        text: text.trim(),
        type,
        owner: owner.trim() === "" ? null : owner.trim(),
        link: link.trim() === "" ? null : link.trim(),
      })),
  };
}

/** Only what was changed is sent, so that two people can write different parts. Empty when nothing was. */
export function reviewChange(draft: ReviewDraft, seen: Review): Partial<Review> {
  const wanted = reviewOf(draft);
  return Object.fromEntries(
    Object.entries(wanted).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(seen[key as keyof Review])),
  );
}

const LINE_MOST = 500;
const LINES_MOST = 20;

/** What cannot be saved as it is, in words; null when all can. */
export function reviewProblem(draft: ReviewDraft): string | null {
  for (const name of LISTS) {
    const lines = linesOf(draft[name]);
    if (lines.length > LINES_MOST) return `At most ${String(LINES_MOST)} lines in a list.`;
    if (lines.some((line) => line.length > LINE_MOST)) return `A line may have at most ${String(LINE_MOST)} characters.`;
  }
  const wrong = draft.actions.find(({ link }) => link.trim() !== "" && !/^https?:\/\/\S+$/.test(link.trim()));
  return wrong ? `The link of “${wrong.text}” must begin with https:// or http://.` : null;
}
