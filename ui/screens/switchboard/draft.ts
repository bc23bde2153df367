/** A set of changes that a person is about to make: what it changes, what it ends, what it leaves alone. Pure. */
import type { ChangeAnswer, FlipAnswer } from "../../../protocol/api.ts";
import type { ChangeSetItem, ChangeSetPreview, ChangeSetRequest } from "../../../protocol/change-set-api.ts";
import type { PresetAnswer, PresetItem } from "../../../protocol/preset-api.ts";
import { LEVEL_NAMES, planLevel } from "../../../core/ladder.ts";
import { actorName } from "../events/sentence.ts";
import { ladderSwitch, type BoardRow } from "./board.ts";
import { scopeWords } from "./switch-state.ts";
import { isolated } from "../../../core/isolated.ts";

export interface Draft {
  /** "Level 2: Comfort". */
  readonly title: string;
  readonly items: readonly PresetItem[];
  /** `replaced`: one of the items takes its place. */
  readonly ends: readonly { readonly id: string; readonly text: string; readonly replaced?: boolean }[];
  /** What is not touched, and why. */
  readonly notes: readonly string[];
  readonly purpose?: "ladder";
}

/** Changes one set may have, of each sort. */
export const SET_MOST = 50;

/** What going to a level would do. Nothing that a person switched by hand is in it. */
export function levelDraft(rows: readonly BoardRow[], level: number, group: string | null): Draft {
  const titles = new Map(rows.map(({ entry }) => [entry.key, entry.title]));
  const plan = planLevel(rows.map(ladderSwitch), level);
  const hand = ({ key, flip }: { readonly key: string; readonly flip: FlipAnswer }, rest: string): string =>
    `${titles.get(key) ?? key}: ${rest} ${flip.position}${where(flip)} by ${actorName(flip.author)}, by hand. It is not touched.`;
  return {
    title: `${group === null ? "Level" : `${group}: level`} ${String(level)}, ${(LEVEL_NAMES[level] ?? "").toLowerCase()}`,
    items: plan.make.map(({ key, position }) => ({ kind: "switch", key, position })),
    ends: plan.end.map((flip) => ({ id: flip.id, text: changeText(flip), replaced: plan.make.some(({ key }) => key === flip.key) })),
    notes: [...plan.already.map((held) => hand(held, "already at")), ...plan.left.map((held) => hand(held, "was put to"))],
    purpose: "ladder",
  };
}

const where = (flip: FlipAnswer): string => {
  const words = scopeWords(flip.scope);
  return words === null ? "" : ` (${words})`;
};

export const presetDraft = (preset: PresetAnswer): Draft => ({ title: preset.name, items: preset.items, ends: [], notes: [] });

/** The oldest first, as many as one set takes. */
export function putBackDraft(changes: readonly ChangeAnswer[]): Draft {
  const taken = changes.slice(0, SET_MOST);
  const rest = changes.length - taken.length;
  return {
    title: "Put back all that was left switched",
    items: [],
    ends: taken.map((change) => ({ id: change.id, text: changeText(change) })),
    notes: rest === 0 ? [] : [`${String(rest)} newer ones are left for a second go: one set ends ${String(SET_MOST)} at most.`],
  };
}

/** "recommendations at popular", "payments timeout: attemptMs 300". */
export function changeText({ key, policy, body, scope }: Pick<ChangeAnswer, "key" | "policy" | "body" | "scope">): string {
  const words = scopeWords(scope);
  return `${subjectText({ key, policy })}${bodyText(body)}${words === null ? "" : `, ${words}`}`;
}

const subjectText = ({ key, policy }: Pick<ChangeAnswer, "key" | "policy">): string => (policy === null ? key : `${key} ${policy}`);

function bodyText(body: ChangeAnswer["body"]): string {
  if ("position" in body) return ` at ${isolated(body.position)}`;
  if ("state" in body) return `: ${body.state.replaceAll("_", " ")}`;
  return `: ${valuesText(body.values)}`;
}

const valuesText = (values: Readonly<Record<string, string | number | boolean>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(", ");

/** What an item changes, and to what. */
export function itemText(item: PresetItem): { readonly subject: string; readonly to: string; readonly scope: string | null } {
  const scope = scopeWords(item.scope ?? {});
  switch (item.kind) {
    case "switch":
      return { subject: item.key, to: item.position, scope };
    case "settings":
      return { subject: `${item.name} ${item.policy}`, to: valuesText(item.values), scope };
    case "override":
      return { subject: `${item.name} ${item.policy}`, to: item.state.replaceAll("_", " "), scope };
  }
}

export interface Order {
  readonly reason: string;
  readonly expiresInSeconds: number | null;
  /** In the order of the draft's items. */
  readonly seen: ChangeSetPreview["items"];
}

/** What is sent: as it was looked at, without what is so already. Steps of the ladder are made anew, so that all end together. */
export function setRequest({ title, items, ends, purpose }: Draft, { reason, expiresInSeconds, seen }: Order): ChangeSetRequest {
  return {
    title: title.slice(0, 120),
    reason: reason.trim(),
    ends: ends.map(({ id }) => id),
    items: items.flatMap((item, i): ChangeSetItem[] => {
      const look = seen[i];
      if (look?.already === true && purpose !== "ladder") return [];
      return [{ ...item, expiresInSeconds, ...(look === undefined ? {} : { expectedRevision: look.revision, flipId: look.flipId }) }];
    }),
    ...(purpose === undefined ? {} : { purpose }),
  };
}
