import { LEVEL_NAMES } from "../../../core/ladder.ts";
import { Glyph } from "../../components/glyph.tsx";
import { capabilities, rungs, type BoardRow, type Rung } from "./board.ts";

export interface LadderStripProps {
  readonly rows: readonly BoardRow[];
  /** Null is everything. */
  readonly group: string | null;
  readonly onGroup: (group: string | null) => void;
  readonly onLevel: (level: number) => void;
}

/** How much is given up now, of how much could be: five rungs, each saying what users lose at it. Opens the sheet, acts on nothing. */
export function LadderStrip({ rows, group, onGroup, onLevel }: LadderStripProps) {
  const names = capabilities(rows);
  const shown = group === null ? rows : rows.filter(({ place }) => place?.capability === group);
  const ladder = rungs(shown);
  const placed = shown.some(({ place }) => (place?.steps.length ?? 0) > 0);
  return (
    <section className="pl-ladder" aria-label="Ladder">
      <header className="pl-head">
        <h2>Ladder</h2>
        <span className="sw-note">
          {placed ? `now at level ${String(ladder.level)} of 4` : "no switch has a step yet: open a switch and give its positions a level"}
        </span>
        {names.length === 0 ? null : (
          <select
            className="sw-select sw-push"
            aria-label="Ladder of"
            value={group ?? ""}
            onChange={(event) => onGroup(event.target.value === "" ? null : event.target.value)}
          >
            <option value="">Everything</option>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </header>
      {placed ? (
        <ol className="pl-rungs">
          {ladder.rungs.map((rung) => (
            <li key={rung.level}>
              <RungButton rung={rung} now={rung.level === ladder.level} onOpen={() => onLevel(rung.level)} />
            </li>
          ))}
        </ol>
      ) : null}
    </section>
  );
}

function RungButton({ rung, now, onOpen }: { readonly rung: Rung; readonly now: boolean; readonly onOpen: () => void }) {
  const { level, steps } = rung;
  const held = steps.filter((step) => step.held).length;
  return (
    <button
      type="button"
      className="pl-rung"
      data-now={now}
      data-held={rung.held && level > 0}
      data-empty={level > 0 && steps.length === 0}
      aria-haspopup="dialog"
      onClick={onOpen}
    >
      <span className="pl-rung-head">
        <b className="sw-mono">{level}</b> <b>{LEVEL_NAMES[level]}</b>
        {now ? (
          <span className="sw-push">
            <Glyph status={level === 0 ? "closed" : "switched"} size={12} /> now
          </span>
        ) : null}
      </span>
      <span className="pl-rung-lose">
        {level === 0
          ? "Users have everything."
          : steps.length === 0
            ? "No switch has a step here."
            : steps.map(({ row }) => sentence(row.entry.whatUsersLose)).join(" ")}
      </span>
      {level === 0 || steps.length === 0 ? null : (
        <span className="sw-note">
          {steps.map(({ row, position }) => `${row.entry.key} ${position}`).join(", ")}; {held}/{steps.length} there
        </span>
      )}
    </button>
  );
}

export const sentence = (text: string): string => `${text.replace(/\.$/, "")}.`;
