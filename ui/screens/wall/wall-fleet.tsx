"use client";
import { useMemo } from "react";
import { statusWord } from "../../../core/health.ts";
import { Glyph } from "../../components/glyph.tsx";
import { useConnectionState, usePicture } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { TileCache } from "../fleet/tile-cache.ts";
import { TotalsStrip } from "../fleet/totals-strip.tsx";
import { useAttention } from "../fleet/use-attention.ts";

const SHOWN = 5;

/** The six figures, and what is worst. `filled` grows when samples of before came. */
export function WallFleet({ filled }: { readonly filled: number }) {
  const store = useLiveStore();
  const { fleet, now } = usePicture();
  const heard = useConnectionState() !== "connecting";
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const cache = useMemo(() => new TileCache(), [store, filled]);
  const tiles = useMemo(() => cache.tiles(fleet, (key) => store.ring(key), now), [cache, fleet, store, now]);
  const { items, quiet } = useAttention(tiles, now);
  if (fleet.length === 0) return <p className="wl-plain">{heard ? "No agent has connected yet." : "Reading the fleet…"}</p>;
  return (
    <>
      <TotalsStrip tiles={tiles} now={now} epoch={`${String(store.epoch)} ${String(filled)}`} />
      <ol className="wl-list" aria-label="Needs attention">
        {items.slice(0, SHOWN).map((item) => (
          <li key={item.key} className="wl-row" data-status={item.status}>
            <Glyph status={item.status} size={20} label={statusWord(item.status)} />
            <span className="wl-what">
              <b>{item.title}</b>
              <span>{item.text}</span>
            </span>
            <span className="wl-figure">{item.figure}</span>
          </li>
        ))}
      </ol>
      <p className="wl-foot">
        {items.length > SHOWN ? `and ${String(items.length - SHOWN)} more. ` : ""}
        {items.length === 0
          ? "Everything is quiet."
          : quiet.size === 0
            ? "No service is quiet."
            : `Quiet: ${[...quiet].slice(0, 6).join(", ")}${quiet.size > 6 ? ` and ${String(quiet.size - 6)} more` : ""}.`}
      </p>
    </>
  );
}
