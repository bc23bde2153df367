"use client";

import { LEVEL_NAMES } from "../../../core/ladder.ts";
import { losses, type BoardRow } from "./board.ts";
import { levelDraft } from "./draft.ts";
import { sentence } from "./ladder-strip.tsx";
import { SetSheet } from "./set-sheet.tsx";

export interface LevelSheetProps {
  /** Of the group. */
  readonly rows: readonly BoardRow[];
  readonly group: string | null;
  readonly level: number;
  readonly environment: string;
  readonly onClose: () => void;
}

/** A level of the ladder: what users lose there in all, and going there as one set of changes. */
export function LevelSheet({ rows, group, level, environment, onClose }: LevelSheetProps) {
  const lost = losses(rows, level);
  return (
    <SetSheet
      title={`${group === null ? "Level" : `${group}: level`} ${String(level)}, ${LEVEL_NAMES[level] ?? ""}`}
      description="Switches of this level and of those below go on; those above, as far as the ladder switched them, go back. What somebody switched by hand is not touched."
      draft={levelDraft(rows, level, group)}
      environment={environment}
      onClose={onClose}
    >
      <section className="sw-part" aria-label="What users lose">
        <h3>What users lose</h3>
        {lost.length === 0 ? <p className="sw-note">Nothing of the ladder: users have everything back.</p> : null}
        <ul className="pl-losses">
          {lost.map(({ row, position }) => (
            <li key={row.entry.key}>
              {sentence(row.entry.whatUsersLose)}{" "}
              <span className="sw-note">
                {row.entry.title}, {position}
              </span>
            </li>
          ))}
        </ul>
      </section>
    </SetSheet>
  );
}
