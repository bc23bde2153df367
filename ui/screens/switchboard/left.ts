/** What counts as left switched. Pure. */
import type { ChangeAnswer, SwitchAnswer } from "../../../protocol/api.ts";
import type { ChangeSetAnswer } from "../../../protocol/change-set-api.ts";

/** What each kind of change is, in words. */
export const PROMISED: Readonly<Record<ChangeAnswer["kind"], string>> = {
  switch: "switched",
  settings: "settings changed",
  override: "overridden",
  fault: "fault injected",
};

/** Everything in force but switches put to their normal position; oldest first. */
export function leftSwitched(changes: readonly ChangeAnswer[], switches: readonly SwitchAnswer[]): ChangeAnswer[] {
  const normal = new Map(switches.map(({ key, positions }) => [key, positions[0]]));
  return changes
    .filter(({ kind, key, body }) => !(kind === "switch" && "position" in body && body.position === normal.get(key)))
    .sort((a, b) => a.createdAt - b.createdAt || a.revision - b.revision);
}

/** Whether a search for some words means this change. */
export function isAbout(change: ChangeAnswer, text: string): boolean {
  const { key, policy, author, reason, scope } = change;
  const wanted = text.trim().toLowerCase();
  return [key, policy ?? "", author, reason, scope.service ?? ""].some((part) => part.toLowerCase().includes(wanted));
}

/** Sets that can still be taken back: something they made is in force. */
export const standingSets = (sets: readonly ChangeSetAnswer[]): ChangeSetAnswer[] =>
  sets.filter(({ undoneBy, made }) => undoneBy === null && made.some(({ status }) => status === "live"));
