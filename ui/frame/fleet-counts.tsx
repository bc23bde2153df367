"use client";
import { linkState } from "../../core/fleet.ts";
import type { LinkState } from "../../protocol/live.ts";
import { Glyph } from "../components/glyph.tsx";
import { useSyncExternalStore } from "react";
import { useConnectionState, useDrawing } from "../live/hooks.ts";
import { useFollows, useLiveStore } from "../live/live-provider.tsx";
import { never, usePictureHost } from "../screens/fleet/picture-provider.tsx";

type Counts = Readonly<Record<LinkState, number>>;

/** Agents live, stale and away; unknown while the console itself is not heard. */
export function FleetCounts() {
  const { past } = useLiveStore();
  const follows = useFollows();
  const host = usePictureHost();
  const old = useSyncExternalStore(
    host?.subscribe ?? never,
    () => host?.old ?? true,
    () => true,
  );
  // What the store has not heard yet, the last picture has; and before the first picture the store has just been told.
  const told = !past && (follows === "catching up" || (follows === "resting" && !old));
  return told ? <ToldCounts /> : <OwnCounts />;
}

/** Of the store. */
function OwnCounts() {
  const store = useLiveStore();
  useDrawing();
  const now = store.now();
  const counts = { live: 0, stale: 0, offline: 0, unseen: 0 };
  for (const instance of store.fleet.instances.values()) counts[linkState(instance, now)]++;
  return <Links counts={counts} />;
}

/** Of the picture that is made while the store rests. */
function ToldCounts() {
  const host = usePictureHost();
  const counts = useSyncExternalStore(
    host?.subscribe ?? never,
    () => host?.made?.words.links ?? null,
    () => null,
  );
  return <Links counts={counts} />;
}

function Links({ counts }: { readonly counts: Counts | null }) {
  const state = useConnectionState();
  if (state !== "live" || counts === null) return <span className="fr-counts">agents unknown</span>;
  const away = counts.offline + counts.unseen;
  return (
    <span className="fr-counts" title={`${counts.live} live, ${counts.stale} stale, ${away} offline or unseen`}>
      <Glyph status="closed" size={12} label="live" /> <b>{counts.live}</b>
      <Glyph status="stale" size={12} label="stale" /> <b>{counts.stale}</b>
      <Glyph status="offline" size={12} label="offline" /> <b>{away}</b>
    </span>
  );
}
