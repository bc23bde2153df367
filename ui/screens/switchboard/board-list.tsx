import type { IncidentSummary } from "../../../protocol/incident-api.ts";
import { useNow, usePast } from "../../live/hooks.ts";
import { byCapability, type BoardRow } from "./board.ts";
import { linkedIncident } from "./linked-incident.ts";
import { SwitchRow } from "./switch-row.tsx";
import { TickBox, tickedOf } from "./tick-box.tsx";
import { toggled, toggledAll } from "./ticked.ts";
import { useServiceLoad } from "./use-service-load.ts";

export interface BoardListProps {
  readonly rows: readonly BoardRow[];
  /** Before the filter. */
  readonly total: number;
  /** Key of the switch whose sheet is open. */
  readonly open: string | null;
  readonly incidents: readonly IncidentSummary[];
  readonly onOpen: (key: string) => void;
  /** Drop the filter. */
  readonly onAll: () => void;
  /** Keys. */
  readonly ticked: readonly string[];
  readonly onTicked: (keys: readonly string[]) => void;
}

/** Rows grouped by capability; without headings while nobody named one. */
export function BoardList({ rows, total, open, incidents, onOpen, onAll, ticked, onTicked }: BoardListProps) {
  const load = useServiceLoad();
  const now = useNow(60_000);
  const past = usePast();
  const keys = rows.map(({ entry }) => entry.key);
  const groups = byCapability(rows);
  return (
    <section className="sw-board" aria-label="Switches">
      <div className="sw-line sw-top">
        {past || rows.length === 0 ? null : (
          <TickBox
            label={`Tick all ${String(rows.length)}`}
            ticked={tickedOf(keys, ticked)}
            onTick={() => onTicked(toggledAll(ticked, keys))}
          />
        )}
        <div className="sw-columns" aria-hidden="true">
          <span />
          <span>Switch, and what users lose</span>
          <span>Position</span>
          <span>Applied</span>
          <span>Reverts in</span>
          <span>Last change</span>
        </div>
      </div>
      {groups.map(({ name, rows: own }) => (
        <div key={name ?? ""} role="group" aria-label={name ?? "Without a capability"}>
          {groups.length > 1 || name !== null ? <h2 className="pl-capability">{name ?? "Without a capability"}</h2> : null}
          {own.map((row) => (
            <SwitchRow
              key={row.entry.key}
              row={row}
              load={load}
              now={now}
              incident={linkedIncident(row.entry, past ? [] : incidents)}
              selected={row.entry.key === open}
              onOpen={() => onOpen(row.entry.key)}
              tick={past ? null : { ticked: ticked.includes(row.entry.key), onTick: () => onTicked(toggled(ticked, row.entry.key)) }}
            />
          ))}
        </div>
      ))}
      {rows.length === 0 ? (
        <p className="sw-none">
          None of {total} switches matches.{" "}
          <button type="button" className="sw-link" onClick={onAll}>
            Show all
          </button>
        </p>
      ) : null}
    </section>
  );
}
