"use client";

import { useState } from "react";
import { plural } from "../../charts/format.ts";
import { Button } from "../../components/button.tsx";
import type { BoardRow } from "./board.ts";
import { SetSheet } from "./set-sheet.tsx";
import { allNormal, allOneStep, firstChoice, tickedDraft, type Choice } from "./ticked.ts";

interface TickedSheetProps {
  readonly rows: readonly BoardRow[];
  readonly environment: string;
  readonly onMade: () => void;
  readonly onClose: () => void;
}

/** The ticked switches: a position for each of them, then one set of changes. */
export function TickedSheet({ rows, environment, onMade, onClose }: TickedSheetProps) {
  // What is chosen is this person's, and does not follow what others change meanwhile.
  const [choice, setChoice] = useState<Choice>(() => firstChoice(rows));
  const count = Object.keys(choice).length;
  const left = rows.filter(({ entry }) => (choice[entry.key] ?? "") === "").length;
  return (
    <SetSheet
      title={`Change ${plural(count, "switch", "switches")}`}
      description="A position for each; all are changed or none, and one undo takes them back."
      draft={tickedDraft(rows, choice)}
      choice={JSON.stringify(choice)}
      environment={environment}
      onMade={onMade}
      onClose={onClose}
    >
      <section className="sw-part" aria-label="Positions">
        <div className="sw-actions">
          <Button onClick={() => setChoice(allOneStep(rows))}>All one step from normal</Button>
          <Button onClick={() => setChoice(allNormal(rows))}>All to normal</Button>
        </div>
        <div className="pl-picks">
          {rows.map(({ entry }) => (
            <label key={entry.key}>
              <span>{entry.title}</span>
              <select
                className="sw-select"
                value={choice[entry.key] ?? ""}
                onChange={(event) => setChoice({ ...choice, [entry.key]: event.target.value })}
              >
                <option value="">leave as it is</option>
                {entry.positions.map((position, i) => (
                  <option key={position} value={position}>
                    {position}
                    {i === 0 ? " (normal)" : ""}
                  </option>
                ))}
              </select>
            </label>
          ))}
        </div>
        {left === 0 ? null : <p className="sw-note">{left === 1 ? "One is left as it is." : `${String(left)} are left as they are.`}</p>}
      </section>
    </SetSheet>
  );
}
