"use client";
/** The picture of the fleet, made here or in the worker: the same words and the same drawing. */
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { onDrawing } from "../../live/drawing.ts";
import { useConnectionState, useDrawing } from "../../live/hooks.ts";
import type { LiveStore } from "../../live/live-store.ts";
import { useFollows, useLine, useLiveStore } from "../../live/live-provider.tsx";
import {
  FleetPicture,
  type FleetWords,
  type PictureFrame,
  type PictureLook,
  type PictureRequest,
  type PictureView,
} from "./fleet-picture.ts";
import type { Members } from "./grid-layout.ts";
import { never, usePictureHost } from "./picture-provider.tsx";
import type { Drawing } from "./picture-messages.ts";
import type { Tile } from "./tile-model.ts";
import { useLeaving } from "./use-leaving.ts";

export interface Picture {
  readonly words: FleetWords;
  readonly members: readonly Members[];
  /** Every tile the filter lets through; empty while it is made elsewhere, where nobody lists them. */
  readonly tiles: readonly Tile[];
  /** What stands on the canvas: drawn before, or drawn when it is asked for. */
  readonly drawn: Drawing | ((frame: PictureFrame, look: PictureLook) => Drawing | null) | null;
}

interface Wanted {
  readonly view: PictureView;
  readonly focus: string | null;
}
const WHOLE_FLEET: Wanted = { view: { filter: "", by: "service", fold: "none" }, focus: null };

/** The window may have been moved to another screen. */
const onDevice = (frame: PictureFrame): PictureFrame => ({ ...frame, ratio: window.devicePixelRatio });

/** A picture of this moment; a console that is not heard takes its links with it. */
function requestOf(store: LiveStore, { view: { filter, by, fold }, focus }: Wanted): PictureRequest {
  const now = store.now();
  const lostAt = store.connection.state === "lost" ? Math.min(now, store.connection.now) : null;
  return { now, lostAt, view: { filter, by, fold }, focus };
}

/** Made on the page, from the store it shows; null while nobody asks for it. `filled` grows when samples of before came. */
function useMadeHere({ view, focus }: Wanted, { filled, active }: { filled: number; active: boolean }): Picture | null {
  const store = useLiveStore();
  const drawing = useDrawing("states", active);
  const state = useConnectionState();
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const made = useMemo(() => new FleetPicture(store), [store, filled]);
  return useMemo(() => {
    if (!active) return null;
    const words = made.read(requestOf(store, { view, focus }));
    const drawn = (frame: PictureFrame, look: PictureLook): Drawing | null => {
      const bitmap = made.draw(onDevice(frame), look);
      return bitmap ? { bitmap, frame } : null;
    };
    return { words, members: made.members, tiles: made.shown, drawn };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [made, store, view, focus, active, drawing, state]);
}

/** Made in the worker, while the store rests; the last one while nobody asks for it; null before the first, and where there is no worker. */
function useMadeApart({ view, focus }: Wanted, { frame, active }: { frame: PictureFrame | null; active: boolean }): Picture | null {
  const store = useLiveStore();
  const host = usePictureHost();
  const { follower } = useLine();
  const state = useConnectionState();
  const leaving = useLeaving();
  useEffect(() => (active && !leaving ? follower.rest() : undefined), [follower, active, leaving]);
  // What is due each second draws nothing on the page: its answer does.
  useEffect(
    () =>
      active && host ? onDrawing(store, "states", () => host.make(requestOf(store, { view, focus }), frame && onDevice(frame))) : undefined,
    [store, host, view, focus, frame, active, state],
  );
  useEffect(() => () => host?.leave(), [host]);
  const made = useSyncExternalStore(
    host?.subscribe ?? never,
    () => (host?.old === false ? host.made : null),
    () => null,
  );
  return useMemo(() => (made ? { ...made, tiles: [] } : null), [made]);
}

/** The whole fleet, made on the page. */
export function useWholeFleet(filled: number): Picture | null {
  return useMadeHere(WHOLE_FLEET, { filled, active: true });
}

/** The picture of the first page: in the worker as long as it is live and stands on the canvas. */
export function useFleetPicture(
  wanted: Wanted,
  { frame, listed, filled }: { frame: PictureFrame | null; listed: boolean; filled: number },
): Picture | null {
  const { past } = useLiveStore();
  const host = usePictureHost();
  const following = useFollows() === "following";
  const apart = host !== null && !past && !listed;
  const there = useMadeApart(wanted, { frame, active: apart });
  const here = useMadeHere(wanted, { filled, active: !apart && (past || following) });
  return here ?? (past ? null : there);
}
