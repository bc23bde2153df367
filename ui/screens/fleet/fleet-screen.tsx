"use client";
import { useMemo, useState, type ReactNode } from "react";
import { statusWord } from "../../../core/health.ts";
import { Glyph } from "../../components/glyph.tsx";
import { useNarrow } from "../../components/use-narrow.ts";
import { useConnectionState, usePicture } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { FirstRun } from "../first-run/first-run.tsx";
import { AttentionRail } from "./attention-rail.tsx";
import { DependencyRow } from "./dependency-row.tsx";
import { FleetGrid } from "./fleet-grid.tsx";
import { FleetBar } from "./fleet-bar.tsx";
import { countsOf, groupTiles, searchText } from "./group-tiles.ts";
import { Readout } from "./readout.tsx";
import { TileCache } from "./tile-cache.ts";
import type { Tile } from "./tile-model.ts";
import { TileList } from "./tile-list.tsx";
import { TileTable } from "./tile-table.tsx";
import { TotalsStrip } from "./totals-strip.tsx";
import { useBackfill } from "./use-backfill.ts";
import { useFleetView, type FleetView } from "./use-fleet-view.ts";

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

/** The first page: is anything wrong, where, and is what I see live. What a second changes is drawn apart from what it does not. */
export function FleetScreen() {
  const view = useFleetView();
  const bar = useMemo(() => <FleetBar view={view} />, [view]);
  return <Picture view={view} bar={bar} />;
}

function Picture({ view, bar }: { view: FleetView; bar: ReactNode }) {
  const { filter, density, by, fold, table } = view;
  const store = useLiveStore();
  const { fleet, now } = usePicture();
  const state = useConnectionState();
  const narrow = useNarrow();
  const [focus, setFocus] = useState<string | null>(null);
  /** Somebody connects a first service: the page stays until they go on, also once the service is there. */
  const [connecting, setConnecting] = useState(false);
  const filled = useBackfill();

  // Samples of before change every tile without a word of its instance.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const cache = useMemo(() => new TileCache(), [store, filled]);
  const tiles = useMemo(() => cache.tiles(fleet, (key) => store.ring(key), now), [cache, fleet, store, now]);
  const wanted = filter.trim().toLowerCase();
  const shown = useMemo(() => (wanted === "" ? tiles : tiles.filter((tile) => searchText(tile).includes(wanted))), [tiles, wanted]);
  const groups = useMemo(() => groupTiles(shown, by, fold), [shown, by, fold]);

  if (fleet.length === 0 && state === "connecting") return <p className="fl-wait">Reading the fleet…</p>;
  if (fleet.length === 0 && store.past) return <p className="fl-wait">No agent had connected by then.</p>;
  if (fleet.length === 0 || connecting)
    return <FirstRun fleet={fleet} onBegin={() => setConnecting(true)} onGo={() => setConnecting(false)} />;
  return (
    <div className="fl-screen">
      <h1 className="hf-unseen">Fleet</h1>
      <TotalsStrip tiles={tiles} now={now} epoch={`${String(store.epoch)} ${String(filled)}`} />
      <AttentionRail tiles={tiles} now={now} />
      <section className="fl-main" aria-label="Instances">
        <div className="fl-bar">
          <Legend tiles={tiles} />
          {bar}
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
        <DependencyRow tiles={tiles} now={now} />
        {table || narrow ? null : <Readout tile={tiles.find((tile) => tile.key === focus) ?? null} />}
      </section>
    </div>
  );
}
