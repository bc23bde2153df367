/** A preset that is being written. Pure. */
import type { ChangeAnswer } from "../../../protocol/api.ts";
import type { PresetItem, PresetRequest } from "../../../protocol/preset-api.ts";

export interface PresetForm {
  readonly name: string;
  readonly note: string;
  readonly items: readonly PresetItem[];
}

/** What is in force as items, in the order it was made; faults are never kept. What ends by itself is kept without its end. */
export function itemsInForce(changes: readonly ChangeAnswer[]): PresetItem[] {
  return [...changes]
    .sort((a, b) => a.revision - b.revision)
    .flatMap(({ key, policy, body, scope }): PresetItem[] => {
      // Which instances a share hits hangs on the old change; another one would hit others.
      const wide = Object.keys(scope).length === 0 ? {} : { scope };
      if ("position" in body) return [{ kind: "switch", key, position: body.position, ...wide }];
      if (policy === null || !("policy" in body)) return [];
      if ("state" in body) return [{ kind: "override", name: key, policy, state: body.state, ...wide }];
      return [{ kind: "settings", name: key, policy, values: body.values, ...wide }];
    });
}

/** The position a preset gives a switch everywhere; empty when it leaves it as it is. */
export function positionIn(items: readonly PresetItem[], key: string): string {
  const found = items.find((item) => item.kind === "switch" && item.key === key && item.scope === undefined);
  return found?.kind === "switch" ? found.position : "";
}

/** With another position for a switch; an empty one leaves the switch as it is. */
export function withPosition(items: readonly PresetItem[], key: string, position: string): PresetItem[] {
  const rest = items.filter((item) => !(item.kind === "switch" && item.key === key && item.scope === undefined));
  return position === "" ? rest : [...rest, { kind: "switch", key, position }];
}

/** What still has to be said; null when all is. */
export function presetMissing({ name, items }: PresetForm): string | null {
  if (name.trim() === "") return "Give it a name.";
  if (items.length === 0) return "Choose at least one position.";
  return null;
}

export const presetRequest = ({ name, note, items }: PresetForm): PresetRequest => ({
  name: name.trim(),
  note: note.trim(),
  items: [...items],
});
