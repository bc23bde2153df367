"use client";
import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryState } from "nuqs";
import { useMemo, useState } from "react";
import { STATUSES, statusWord } from "../../../core/health.ts";
import { Button } from "../../components/button.tsx";
import { FilterField } from "../../components/filter-field.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { useConnection, useFleet, useNow } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { AttentionRail } from "./attention-rail.tsx";
import { DependencyRow } from "./dependency-row.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { FleetGrid } from "./fleet-grid.tsx";
import { Readout } from "./readout.tsx";
import { tileOf, totalsOf, type Tile } from "./tile-model.ts";
import { TileList, TileTable } from "./tile-table.tsx";
import { TotalsStrip } from "./totals-strip.tsx";
import { useBackfill } from "./use-backfill.ts";

const DENSITY = ["comfortable", "compact", "squares"] as const;
const DENSITY_LABELS = { comfortable: "Tiles", compact: "Compact", squares: "Squares" } as const;

/** How many instances are in which state, in the words of the status language. */
function Legend({ tiles }: { tiles: readonly Tile[] }) {
  const counts = STATUSES.map((status) => ({ status, count: tiles.filter((tile) => tile.status === status).length })).filter(
    (entry) => entry.count > 0,
  );
  return (
    <ul className="fl-legend">
      {counts.map(({ status, count }) => (
        <li key={status}>
          <Glyph status={status} size={12} /> {statusWord(status)} <b className="hf-figure">{count}</b>
        </li>
      ))}
    </ul>
  );
}

/** The first page: is anything wrong, where, and is what I see live. */
export function FleetScreen() {
  const store = useLiveStore();
  const fleet = useFleet();
  const { state } = useConnection();
  const now = useNow(1000);
  const [filter, setFilter] = useQueryState("q", parseAsString.withDefault(""));
  const [density, setDensity] = useQueryState("density", parseAsStringLiteral(DENSITY).withDefault("comfortable"));
  const [table, setTable] = useQueryState("table", parseAsBoolean.withDefault(false));
  const [focus, setFocus] = useState<string | null>(null);
  useBackfill();

  const tiles = useMemo(() => fleet.map((instance) => tileOf(instance, store.ring(instance.key).samples, now)), [fleet, store, now]);
  const wanted = filter.trim().toLowerCase();
  const shown = useMemo(
    () => tiles.filter((tile) => wanted === "" || `${tile.key} ${statusWord(tile.status)} ${tile.worst}`.toLowerCase().includes(wanted)),
    [tiles, wanted],
  );
  const services = useMemo(() => {
    const groups = new Map<string, Tile[]>();
    for (const tile of shown) {
      const members = groups.get(tile.service);
      if (members) members.push(tile);
      else groups.set(tile.service, [tile]);
    }
    return [...groups].map(([name, members]) => ({ name, tiles: members }));
  }, [shown]);

  if (fleet.length === 0) {
    if (state === "connecting") return <p className="fl-wait">Reading the fleet…</p>;
    if (store.past) return <p className="fl-wait">No agent had connected by then.</p>;
    return <FirstSteps origin={window.location.origin} />;
  }
  return (
    <div className="fl-screen">
      <h1 className="hf-unseen">Fleet</h1>
      <TotalsStrip totals={totalsOf(fleet, tiles, now)} tiles={tiles} now={now} />
      <AttentionRail />
      <section className="fl-main" aria-label="Instances">
        <div className="fl-bar">
          <Legend tiles={tiles} />
          <span className="hf-grow" />
          <FilterField label="Filter instances" value={filter} onChange={(value) => void setFilter(value || null)} />
          {table ? null : (
            <span className="fl-density">
              <Segmented
                label="Density"
                value={density}
                options={DENSITY.map((value) => ({ value, label: DENSITY_LABELS[value] }))}
                onChange={(value) => void setDensity(value)}
              />
            </span>
          )}
          <Button aria-pressed={table} onClick={() => void setTable(!table || null)}>
            {table ? "Grid" : "Table"}
          </Button>
        </div>
        {shown.length === 0 ? <p className="fl-wait">No instance matches “{filter}”.</p> : null}
        <div className={table ? "fl-as-table" : "fl-as-grid"}>
          {table ? <TileTable tiles={shown} /> : <FleetGrid services={services} density={density} focus={focus} onFocus={setFocus} />}
        </div>
        <TileList tiles={shown} />
        <DependencyRow fleet={fleet} now={now} />
        {table ? null : <Readout tile={tiles.find((tile) => tile.key === focus) ?? null} />}
      </section>
    </div>
  );
}
