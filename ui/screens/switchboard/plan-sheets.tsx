"use client";

import type { ChangeAnswer } from "../../../protocol/api.ts";
import type { PresetAnswer, PresetItem } from "../../../protocol/preset-api.ts";
import { Button } from "../../components/button.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { capabilityOf, type BoardRow } from "./board.ts";
import { presetDraft, putBackDraft } from "./draft.ts";
import { LevelSheet } from "./level-sheet.tsx";
import { MadeSet } from "./made-set.tsx";
import { PresetEditor } from "./preset-editor.tsx";
import { itemsInForce } from "./preset-form.ts";
import { SetSheet } from "./set-sheet.tsx";
import { TickedSheet } from "./ticked-sheet.tsx";
import { tickedBackDraft, tickedItems } from "./ticked.ts";

export interface PlanSheetsProps {
  /**
   * What is open, as the address says it: `level-2`, `preset-ID`, `edit-ID`, `new`, `now`, `back`, `set-ID`, and of what is ticked `change`,
   * `keep`, `end`, `keep-left`; null is nothing. */
  readonly open: string | null;
  readonly onOpen: (next: string | null) => void;
  readonly rows: readonly BoardRow[];
  /** Capability whose ladder is shown; null is everything. */
  readonly group: string | null;
  readonly presets: readonly PresetAnswer[];
  /** Left switched and found by the search, oldest first. */
  readonly left: readonly ChangeAnswer[];
  readonly allLeft: readonly ChangeAnswer[];
  /** Keys of switches, or ids of what was left switched. */
  readonly ticked: readonly string[];
  readonly onUntick: () => void;
  readonly environment: string;
}

/** The sheet of whatever plan is open. */
export function PlanSheets({ open, onOpen, rows, group, presets, left, allLeft, ticked, onUntick, environment }: PlanSheetsProps) {
  const close = (): void => onOpen(null);
  const [, what = "", id = ""] = /^(level|preset|edit|set|new|now|back|change|keep-left|keep|end)(?:-(.*))?$/s.exec(open ?? "") ?? [];
  const preset = presets.find((candidate) => candidate.id === id);
  const written = (saved: string | null): void => onOpen(saved === null ? null : `preset-${saved}`);
  const tickedRows = rows.filter(({ entry }) => ticked.includes(entry.key));
  const tickedLeft = allLeft.filter((change) => ticked.includes(change.id));
  const firstItems = (from: "new" | "now" | "keep" | "keep-left"): PresetItem[] => {
    if (from === "new") return [];
    return from === "keep" ? tickedItems(tickedRows) : itemsInForce(from === "now" ? left : tickedLeft);
  };
  switch (what) {
    case "level": {
      const own = group === null ? rows : rows.filter((row) => capabilityOf(row) === group);
      return <LevelSheet key={open} rows={own} group={group} level={Number(id)} environment={environment} onClose={close} />;
    }
    case "preset":
      return preset === undefined ? null : (
        <SetSheet
          key={open}
          title={preset.name}
          description={preset.note === "" ? "A preset: a set of changes kept under a name." : preset.note}
          draft={presetDraft(preset)}
          environment={environment}
          onClose={close}
        >
          <div className="sw-actions">
            <Button tone="quiet" onClick={() => onOpen(`edit-${id}`)}>
              Edit or delete
            </Button>
          </div>
        </SetSheet>
      );
    case "edit":
      return preset === undefined ? null : (
        <PresetEditor key={open} preset={preset} first={preset} rows={rows} environment={environment} onDone={written} />
      );
    case "new":
    case "now":
    case "keep":
    case "keep-left": {
      const first = { name: "", note: "", items: firstItems(what) };
      return <PresetEditor key={open} preset={null} first={first} rows={rows} environment={environment} onDone={written} />;
    }
    case "back":
      return (
        <SetSheet
          title="Put back all"
          description="Ends everything that is listed, oldest first. One undo makes it again, as long as its time would have lasted."
          draft={putBackDraft(left)}
          environment={environment}
          onClose={close}
        />
      );
    case "change":
      return <TickedSheet rows={tickedRows} environment={environment} onMade={onUntick} onClose={close} />;
    case "end":
      return (
        <SetSheet
          title="Put back what is ticked"
          description="Ends what is listed as one. One undo makes it again, as long as its time would have lasted."
          draft={tickedBackDraft(tickedLeft)}
          environment={environment}
          onMade={onUntick}
          onClose={close}
        />
      );
    case "set":
      return (
        <Sheet open onClose={close} title="A set of changes" description="Made as one, and undone as one.">
          <MadeSet id={id} onClose={close} />
        </Sheet>
      );
    default:
      return null;
  }
}
