"use client";

import type { ChangeAnswer } from "../../../protocol/api.ts";
import type { PresetAnswer } from "../../../protocol/preset-api.ts";
import { Button } from "../../components/button.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { capabilityOf, type BoardRow } from "./board.ts";
import { presetDraft, putBackDraft } from "./draft.ts";
import { LevelSheet } from "./level-sheet.tsx";
import { MadeSet } from "./made-set.tsx";
import { PresetEditor } from "./preset-editor.tsx";
import { itemsInForce } from "./preset-form.ts";
import { SetSheet } from "./set-sheet.tsx";

export interface PlanSheetsProps {
  /** What is open, as the address says it: `level-2`, `preset-ID`, `edit-ID`, `new`, `now`, `back`, `set-ID`; null is nothing. */
  readonly open: string | null;
  readonly onOpen: (next: string | null) => void;
  readonly rows: readonly BoardRow[];
  /** Capability whose ladder is shown; null is everything. */
  readonly group: string | null;
  readonly presets: readonly PresetAnswer[];
  /** Left switched, oldest first. */
  readonly left: readonly ChangeAnswer[];
  readonly environment: string;
}

/** The sheet of whatever plan is open. */
export function PlanSheets({ open, onOpen, rows, group, presets, left, environment }: PlanSheetsProps) {
  const close = (): void => onOpen(null);
  const [, what = "", id = ""] = /^(level|preset|edit|set|new|now|back)(?:-(.*))?$/s.exec(open ?? "") ?? [];
  const preset = presets.find((candidate) => candidate.id === id);
  const written = (saved: string | null): void => onOpen(saved === null ? null : `preset-${saved}`);
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
    case "now": {
      const first = { name: "", note: "", items: what === "now" ? itemsInForce(left) : [] };
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
