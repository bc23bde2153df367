"use client";
import { memo, useCallback, useEffect, useMemo, useState, type ReactNode } from "react";
import { statusWord } from "../../../core/health.ts";
import { Glyph } from "../../components/glyph.tsx";
import { useNarrow } from "../../components/use-narrow.ts";
import { useConnectionState, useFleetSize } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { FirstRun } from "../first-run/first-run.tsx";
import { AttentionRail } from "./attention-rail.tsx";
import { DependencyRow } from "./dependency-row.tsx";
import { FleetGrid } from "./fleet-grid.tsx";
import { FleetBar } from "./fleet-bar.tsx";
import type { PictureFrame } from "./fleet-picture.ts";
import type { GroupState } from "./group-tiles.ts";
import { usePictureHost } from "./picture-provider.tsx";
import { Readout } from "./readout.tsx";
import { TileList } from "./tile-list.tsx";
import { TileTable } from "./tile-table.tsx";
import { TotalsStrip } from "./totals-strip.tsx";
import { useBackfill } from "./use-backfill.ts";
import { useFleetPicture } from "./use-fleet-picture.ts";
import { useFleetView, type FleetView } from "./use-fleet-view.ts";
import { readFaces, useLook } from "./use-look.ts";

/** How many instances are in which state, in the words of the status language. */
const Legend = memo(function Legend({ counts }: { counts: GroupState["counts"] }) {
  return (
    <ul className="fl-legend">
      {counts.map(({ status, count }) => (
        <li key={status}>
          <Glyph status={status} size={12} /> {statusWord(status)} <b className="hf-figure">{count}</b>
        </li>
      ))}
    </ul>
  );
});

/** The first page: is anything wrong, where, and is what I see live. What a second changes is drawn apart from what it does not. */
export function FleetScreen() {
  const view = useFleetView();
  const bar = useMemo(() => <FleetBar view={view} />, [view]);
  const { past, instances } = useLiveStore();
  const size = useFleetSize();
  const state = useConnectionState();
  /** Somebody connects a first service: the page stays until they go on, also once the service is there. */
  const [connecting, setConnecting] = useState(false);
  if (size === 0 && state === "connecting") return <Reading />;
  if (size === 0 && past) return <p className="fl-wait">No agent had connected by then.</p>;
  if (size === 0 || connecting) return <FirstRun fleet={instances} onBegin={() => setConnecting(true)} onGo={() => setConnecting(false)} />;
  return <Fleet view={view} bar={bar} />;
}

const Reading = () => <p className="fl-wait">Reading the fleet…</p>;

function Fleet({ view, bar }: { view: FleetView; bar: ReactNode }) {
  const { filter, density, by, table } = view;
  const narrow = useNarrow();
  const [focus, setFocus] = useState<string | null>(null);
  const [frame, setFrame] = useState<PictureFrame | null>(null);
  const filled = useBackfill();
  const look = useLook();
  const host = usePictureHost();
  useEffect(() => {
    if (look) host?.look(look, readFaces());
  }, [host, look]);
  const onFrame = useCallback((next: PictureFrame | null) => setFrame(next), []);
  const picture = useFleetPicture({ view, focus }, { frame, listed: table || narrow, filled });
  if (picture === null) return <Reading />;
  const { words, tiles } = picture;
  return (
    <div className="fl-screen">
      <h1 className="hf-unseen">Fleet</h1>
      <TotalsStrip words={words} />
      <AttentionRail rail={words.rail} />
      <section className="fl-main" aria-label="Instances">
        <div className="fl-bar">
          <Legend counts={words.counts} />
          {bar}
        </div>
        {words.groups.length === 0 ? <p className="fl-wait">No instance matches “{filter}”.</p> : null}
        {narrow ? (
          <TileList tiles={tiles} />
        ) : table ? (
          <div className="fl-as-table">
            <TileTable tiles={tiles} />
          </div>
        ) : (
          <FleetGrid picture={picture} look={look} by={by} density={density} focus={focus} onFocus={setFocus} onFrame={onFrame} />
        )}
        <DependencyRow dependencies={words.dependencies} />
        {table || narrow ? null : <Readout tile={words.focused} />}
      </section>
    </div>
  );
}
