"use client";
import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryState } from "nuqs";
import { useMemo, useState } from "react";
import { statusWord } from "../../../core/health.ts";
import { Button } from "../../components/button.tsx";
import { FilterField } from "../../components/filter-field.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { useNarrow } from "../../components/use-narrow.ts";
import { useConnectionState, usePicture } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { AttentionRail } from "./attention-rail.tsx";
import { DependencyRow } from "./dependency-row.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { FleetGrid } from "./fleet-grid.tsx";
import { FleetView } from "./fleet-view.tsx";
import { countsOf, FOLDS, GROUPINGS, groupTiles, searchText } from "./group-tiles.ts";
import { Readout } from "./readout.tsx";
import { TileCache } from "./tile-cache.ts";
import type { Tile } from "./tile-model.ts";
import { TileList } from "./tile-list.tsx";
import { TileTable } from "./tile-table.tsx";
import { TotalsStrip } from "./totals-strip.tsx";
import { useBackfill } from "./use-backfill.ts";

const DENSITY = ["comfortable", "compact", "squares"] as const;
const DENSITY_LABELS = { comfortable: "Tiles", compact: "Compact", squares: "Squares" } as const;

/** How many instances are in which state, in the words of the status language. */
function Legend({ tiles }: { tiles: readonly Tile[] }) {
  return (
    <ul className="fl-legend">
      {countsOf(tiles).map(({ status, count }) => (
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
  const { fleet, now } = usePicture();
  const state = useConnectionState();
  const narrow = useNarrow();
  const [filter, setFilter] = useQueryState("q", parseAsString.withDefault(""));
  const [density, setDensity] = useQueryState("density", parseAsStringLiteral(DENSITY).withDefault("comfortable"));
  const [by, setBy] = useQueryState("by", parseAsStringLiteral(GROUPINGS).withDefault("service"));
  const [fold, setFold] = useQueryState("fold", parseAsStringLiteral(FOLDS).withDefault("none"));
  const [table, setTable] = useQueryState("table", parseAsBoolean.withDefault(false));
  const [focus, setFocus] = useState<string | null>(null);
  const filled = useBackfill();

  // Samples of before change every tile without a word of its instance.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const cache = useMemo(() => new TileCache(), [store, filled]);
  const tiles = useMemo(() => cache.tiles(fleet, (key) => store.ring(key).samples, now), [cache, fleet, store, now]);
  const wanted = filter.trim().toLowerCase();
  const shown = useMemo(() => (wanted === "" ? tiles : tiles.filter((tile) => searchText(tile).includes(wanted))), [tiles, wanted]);
  const groups = useMemo(() => groupTiles(shown, by, fold), [shown, by, fold]);

  if (fleet.length === 0) {
    if (state === "connecting") return <p className="fl-wait">Reading the fleet…</p>;
    if (store.past) return <p className="fl-wait">No agent had connected by then.</p>;
    return <FirstSteps origin={window.location.origin} />;
  }
  return (
    <div className="fl-screen">
      <h1 className="hf-unseen">Fleet</h1>
      <TotalsStrip tiles={tiles} now={now} epoch={`${String(store.epoch)} ${String(filled)}`} />
      <AttentionRail fleet={fleet} tiles={tiles} now={now} />
      <section className="fl-main" aria-label="Instances">
        <div className="fl-bar">
          <Legend tiles={tiles} />
          <span className="hf-grow" />
          <FilterField label="Filter instances" value={filter} onChange={(value) => void setFilter(value || null)} />
          {table ? null : (
            <>
              <FleetView by={by} onBy={(value) => void setBy(value)} fold={fold} onFold={(value) => void setFold(value)} />
              <span className="fl-density">
                <Segmented
                  label="Density"
                  value={density}
                  options={DENSITY.map((value) => ({ value, label: DENSITY_LABELS[value] }))}
                  onChange={(value) => void setDensity(value)}
                />
              </span>
            </>
          )}
          <Button aria-pressed={table} onClick={() => void setTable(!table || null)}>
            {table ? "Grid" : "Table"}
          </Button>
        </div>
        {shown.length === 0 ? <p className="fl-wait">No instance matches “{filter}”.</p> : null}
        {narrow ? (
          <TileList tiles={shown} />
        ) : table ? (
          <div className="fl-as-table">
            <TileTable tiles={shown} />
          </div>
        ) : (
          <FleetGrid groups={groups} by={by} density={density} focus={focus} onFocus={setFocus} />
        )}
        <DependencyRow fleet={fleet} now={now} />
        {table || narrow ? null : <Readout tile={tiles.find((tile) => tile.key === focus) ?? null} />}
      </section>
    </div>
  );
}
