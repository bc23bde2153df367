/** Several switches, or several things left switched, ticked to be changed as one. Pure. */
import type { ChangeAnswer } from "../../../protocol/api.ts";
import type { PresetItem } from "../../../protocol/preset-api.ts";
import type { BoardRow } from "./board.ts";
import { changeText, type Draft } from "./draft.ts";
import { firstPosition } from "./flip-form.ts";
import { switchRowState } from "./switch-state.ts";

/** Position by key of the switch; empty leaves it as it is. */
export type Choice = Readonly<Record<string, string>>;

const normalOf = ({ entry }: BoardRow): string => entry.positions[0] ?? "";
const isSwitched = ({ entry }: BoardRow): boolean => switchRowState(entry).switched;

/** Where there is only one other position it is chosen; everything else a person has to say. */
export const firstChoice = (rows: readonly BoardRow[]): Choice =>
  Object.fromEntries(rows.map(({ entry }) => [entry.key, firstPosition(entry) ?? ""]));

export const allNormal = (rows: readonly BoardRow[]): Choice => Object.fromEntries(rows.map((row) => [row.entry.key, normalOf(row)]));

/** Each to its first position away from normal. */
export const allOneStep = (rows: readonly BoardRow[]): Choice =>
  Object.fromEntries(rows.map(({ entry }) => [entry.key, entry.positions[1] ?? ""]));

/** Putting a switch to normal ends what holds it elsewhere, so that nothing shows again when a lease ends; any other position is a change. */
export function tickedDraft(rows: readonly BoardRow[], choice: Choice): Draft {
  const chosen = rows.filter(({ entry }) => (choice[entry.key] ?? "") !== "");
  const back = chosen.filter((row) => choice[row.entry.key] === normalOf(row));
  return {
    title: titleOf(chosen),
    items: chosen
      .filter((row) => !back.includes(row))
      .map(({ entry }) => ({ kind: "switch", key: entry.key, position: choice[entry.key] ?? "" })),
    ends: back.flatMap((row) => held(row).map((flip) => ({ id: flip.id, text: changeText(flip) }))),
    notes: back.filter((row) => held(row).length === 0).map(({ entry }) => `${entry.title} is in its normal position already.`),
  };
}

const held = (row: BoardRow) => row.entry.flips.filter(({ status, position }) => status === "live" && position !== normalOf(row));

const NAMED = 3;

function titleOf(rows: readonly BoardRow[]): string {
  const names = rows.slice(0, NAMED).map(({ entry }) => entry.title);
  return `${names.join(", ")}${rows.length > NAMED ? ` and ${String(rows.length - NAMED)} more` : ""}`;
}

/** Things left switched, ended as one. */
export const tickedBackDraft = (changes: readonly ChangeAnswer[]): Draft => ({
  title: `Put back ${String(changes.length)} of what was left switched`,
  items: [],
  ends: changes.map((change) => ({ id: change.id, text: changeText(change) })),
  notes: [],
});

/** What a preset of them starts with: where each of them is held, else its first step away from normal. */
export const tickedItems = (rows: readonly BoardRow[]): PresetItem[] =>
  rows.map((row) => {
    const { key, positions } = row.entry;
    return { kind: "switch", key, position: isSwitched(row) ? switchRowState(row.entry).position : (positions[1] ?? positions[0] ?? "") };
  });

/** With this one ticked or no longer. */
export const toggled = (ticked: readonly string[], id: string): string[] =>
  ticked.includes(id) ? ticked.filter((other) => other !== id) : [...ticked, id];

/** All of these ticked; when they all were, none of them. */
export function toggledAll(ticked: readonly string[], ids: readonly string[]): string[] {
  const rest = ticked.filter((id) => !ids.includes(id));
  return ids.every((id) => ticked.includes(id)) ? rest : [...rest, ...ids];
}
