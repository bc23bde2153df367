import type { ChangePreview } from "../../../protocol/policy-api.ts";
import type { SettingValue } from "../../../protocol/settings.ts";
import { plural } from "../../charts/format.ts";
import { STATE_WORDS } from "./policy-form.ts";

/** Who is hit, what moves, who would refuse, and what shows when it ends. */
export function Consequences({ preview, old }: { readonly preview: ChangePreview; readonly old: boolean }) {
  const spread = (entries: ChangePreview["moves"][number]["from"]): string =>
    entries.length === 1
      ? wordOf(entries[0]?.value ?? "")
      : entries.map((entry) => `${wordOf(entry.value)} on ${String(entry.instances)}`).join(", ");
  return (
    <div className="pol-consequences" data-old={old}>
      <p role="status">
        {preview.targeted === 0 ? "It hits nobody." : `It hits ${plural(preview.targeted, "instance")} now`}
        {preview.absent > 0 ? `, ${String(preview.absent)} of them away: they get it when they are back` : ""}
        {preview.refusals.length > 0 ? `. ${String(preview.refusals.length)} would refuse` : ""}
      </p>
      <ul>
        {preview.moves.map((move) => (
          <li key={move.key}>
            <b>{move.key}</b> {spread(move.from)} → <b>{wordOf(move.to)}</b>
            <span className="svc-note">, then {spread(move.returnsTo)}</span>
          </li>
        ))}
        {preview.refusals.slice(0, 10).map((refusal) => (
          <li key={refusal.instance} data-tone="warning">
            {refusal.instance}: {refusal.reason}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A state of an override in its words; anything else as it is. */
function wordOf(value: SettingValue): string {
  const state = Object.entries(STATE_WORDS).find(([name]) => name === value);
  return state?.[1] ?? String(value);
}
