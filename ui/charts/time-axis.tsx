"use client";
/** One time for everything on a page that is drawn over time: what is seen, the zoom, the crosshair, and what was changed when. */
import { createParser, useQueryState } from "nuqs";
import { createContext, useContext, useMemo, useState, useSyncExternalStore, type ReactNode } from "react";
import { useKey } from "../keys/keys-provider.tsx";
import { rangeOf, rangeText } from "../replay/moments.ts";
import { useReplayed } from "../replay/replay-provider.tsx";
import type { SpanChanges } from "./changes.ts";
import { Crosshair, type Cross } from "./crosshair.ts";
import { brushed, closer, zoomOf, ZoomStack, type TimeSpan } from "./time-window.ts";

export interface TimeAxis extends Pick<SpanChanges, "changes"> {
  /** What is seen without a zoom. */
  readonly full: TimeSpan;
  /** What can be zoomed to. */
  readonly bounds: TimeSpan;
  /** What is seen. */
  readonly seen: TimeSpan;
  readonly zoomed: boolean;
  /** Null: no zoom. */
  readonly zoom: (to: TimeSpan | null) => void;
  /** To what two moments enclose, as seen in a window; false when that is too narrow to mean anything. */
  readonly zoomBetween: (a: number, b: number, window: TimeSpan) => boolean;
  /** As it was before the last zoom. */
  readonly undo: () => void;
  readonly crosshair: Crosshair;
  /** Before this moment some changes are missing; null: none. */
  readonly changesCutAt: number | null;
}

const AxisContext = createContext<TimeAxis | null>(null);
const NONE: SpanChanges = { changes: [], cutAt: null };
const parseZoom = createParser<TimeSpan>({ parse: rangeOf, serialize: rangeText, eq: (a, b) => a.from === b.from && a.to === b.to });

interface AxisProps {
  readonly full: TimeSpan;
  /** Absent: `full`. */
  readonly bounds?: TimeSpan;
  readonly changes?: SpanChanges;
  readonly children: ReactNode;
}

/** What the address zooms to; null: nothing, or nothing inside the bounds. */
export function useZoom(bounds: TimeSpan): TimeSpan | null {
  const [named] = useQueryState("zoom", parseZoom);
  return zoomOf(named, bounds);
}

/** The zoom lives in the address as `zoom`; `z` looks closer, `u` goes back. */
export function TimeAxisProvider({ full, bounds = full, changes = NONE, children }: AxisProps) {
  const [crosshair] = useState(() => new Crosshair());
  const [before] = useState(() => new ZoomStack());
  const [, setNamed] = useQueryState("zoom", parseZoom);
  const part = useZoom(bounds);
  const { from, to } = full;
  const axis = useMemo<TimeAxis>(() => {
    const zoom = (next: TimeSpan | null): void => {
      before.keep(part);
      crosshair.mark(null);
      void setNamed(next);
    };
    const seen = part ?? { from, to };
    return {
      full: { from, to },
      bounds,
      seen,
      zoomed: part !== null,
      crosshair,
      changes: changes.changes,
      changesCutAt: changes.cutAt,
      zoom,
      zoomBetween: (a, b, window) => {
        const next = brushed(a, b, { seen: window, full: bounds });
        if (next) zoom(next);
        return next !== null;
      },
      undo: () => void setNamed(before.undo()),
    };
    // A stretch is the same when its ends are.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [crosshair, before, changes, from, to, bounds.from, bounds.to, part?.from, part?.to, setNamed]);
  useKey("zoom-in", () => {
    const next = closer(axis.seen, crosshair.at);
    if (next) axis.zoom(next);
    return true;
  });
  useKey("zoom-undo", () => {
    if (!axis.zoomed) return false;
    axis.undo();
    return true;
  });
  return <AxisContext value={axis}>{children}</AxisContext>;
}

export function useTimeAxis(): TimeAxis {
  const axis = useContext(AxisContext);
  if (!axis) throw new Error("no time axis above this component");
  return axis;
}

/** Before this moment some changes are missing, where there is a time axis at all; null: none. */
export const useChangesCutAt = (): number | null => useContext(AxisContext)?.changesCutAt ?? null;

/** Draws again whenever the pointer moves: only for what is small. */
export function useCross(crosshair: Crosshair): Cross {
  return useSyncExternalStore(
    (listener) => crosshair.subscribe(listener),
    () => crosshair.cross,
    () => crosshair.cross,
  );
}

/** The chosen moment alone: draws again only when that changes. */
export function useChosen(crosshair: Crosshair): number | null {
  return useSyncExternalStore(
    (listener) => crosshair.subscribe(listener),
    () => crosshair.cross.chosen,
    () => null,
  );
}

/** The moment of the replay to the second; null while live. */
export const useReplayMoment = (): number | null =>
  useReplayed(({ phase, at }) => (phase === "live" ? null : Math.floor(at / 1_000) * 1_000));
