"use client";
import { linkState } from "../../core/fleet.ts";
import { Glyph } from "../components/glyph.tsx";
import { useConnectionState, usePicture } from "../live/hooks.ts";

/** Agents live, stale and away; unknown while the console itself is not heard. */
export function FleetCounts() {
  const { fleet, now } = usePicture();
  const state = useConnectionState();
  if (state !== "live") return <span className="fr-counts">agents unknown</span>;
  const counts = { live: 0, stale: 0, offline: 0, unseen: 0 };
  for (const instance of fleet) counts[linkState(instance, now)]++;
  const away = counts.offline + counts.unseen;
  return (
    <span className="fr-counts" title={`${counts.live} live, ${counts.stale} stale, ${away} offline or unseen`}>
      <Glyph status="closed" size={12} label="live" /> <b>{counts.live}</b>
      <Glyph status="stale" size={12} label="stale" /> <b>{counts.stale}</b>
      <Glyph status="offline" size={12} label="offline" /> <b>{away}</b>
    </span>
  );
}
