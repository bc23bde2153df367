/** What differs when somebody else changed an incident meanwhile. Pure. */
import type { IncidentAnswer, IncidentChange, Review } from "../../../protocol/incident-api.ts";
import { actorName } from "../../../core/incidents/words.ts";
import { STATUS_WORDS } from "./incident-words.ts";

export type Wish = Omit<IncidentChange, "expectedVersion">;
type Seen = Pick<IncidentAnswer, "title" | "severity" | "status" | "assignee" | "review">;

export interface Difference {
  readonly field: string;
  readonly seen: string;
  readonly theirs: string;
  readonly mine: string;
}

const FIELDS = ["title", "severity", "status", "assignee"] as const;
const REVIEW_WORDS: Readonly<Record<keyof Review, string>> = {
  summary: "Summary",
  trigger: "Trigger",
  contributing: "Contributing factors",
  wentWell: "Went well",
  wentBadly: "Went badly",
  lucky: "Lucky",
  actions: "Actions",
};

/** Only what this change is about, was changed by somebody else since it was looked at, and is not what is wished for anyway. */
export function differences(wish: Wish, seen: Seen, current: Seen): readonly Difference[] {
  const found: Difference[] = [];
  for (const field of FIELDS) {
    if (wish[field] === undefined || current[field] === seen[field] || current[field] === wish[field]) continue;
    const words = (value: Seen[typeof field] | undefined): string => wordsOf(field, value);
    found.push({ field: capital(field), seen: words(seen[field]), theirs: words(current[field]), mine: words(wish[field]) });
  }
  for (const [key, name] of Object.entries(REVIEW_WORDS) as [keyof Review, string][]) {
    const mine = wish.review?.[key];
    const [before, now, wanted] = [seen.review[key], current.review[key], mine].map((value) => JSON.stringify(value));
    if (mine === undefined || now === before || now === wanted) continue;
    found.push({ field: name, seen: proseOf(seen.review[key]), theirs: proseOf(current.review[key]), mine: proseOf(mine) });
  }
  return found;
}

function wordsOf(field: (typeof FIELDS)[number], value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "nobody";
  if (field === "severity") return `SEV${String(value)}`;
  if (field === "status") return STATUS_WORDS[value as keyof typeof STATUS_WORDS].toLowerCase();
  return field === "assignee" ? actorName(String(value)) : String(value);
}

function proseOf(value: string | readonly (string | { readonly text: string })[] | undefined): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" ? value : value.map((line) => (typeof line === "string" ? line : line.text)).join("; ");
  return text === "" ? "nothing" : text;
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
