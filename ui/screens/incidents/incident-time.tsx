"use client";
/** The time that the page of an incident looks at: one zoom and one crosshair for its band, lanes, charts and timeline. */
import { createParser, useQueryState } from "nuqs";
import { createContext, useContext, useMemo, useRef, useState, useSyncExternalStore, type ReactNode } from "react";
import { useKey } from "../../keys/keys-provider.tsx";
import { rangeOf, rangeText } from "../../replay/moments.ts";
import { useReplayed } from "../../replay/replay-provider.tsx";
import { Crosshair, type Cross } from "./crosshair.ts";
import type { LaneWindow } from "./lane-model.ts";
import { closer, zoomOf } from "./time-window.ts";

export interface IncidentTime {
  /** The incident with a little calm around it. */
  readonly full: LaneWindow;
  /** The part that is seen. */
  readonly seen: LaneWindow;
  readonly zoomed: boolean;
  /** Null: all of it. */
  readonly zoom: (to: LaneWindow | null) => void;
  /** As it was before the last zoom. */
  readonly undo: () => void;
  readonly crosshair: Crosshair;
}

const TimeContext = createContext<IncidentTime | null>(null);
const parseZoom = createParser<LaneWindow>({ parse: rangeOf, serialize: rangeText, eq: (a, b) => a.from === b.from && a.to === b.to });

export function IncidentTimeProvider({ full, children }: { readonly full: LaneWindow; readonly children: ReactNode }) {
  const [crosshair] = useState(() => new Crosshair());
  const [named, setNamed] = useQueryState("zoom", parseZoom);
  const before = useRef<(LaneWindow | null)[]>([]);
  const part = zoomOf(named, full);
  const { from, to } = full;
  const time = useMemo<IncidentTime>(() => {
    const seen = part ?? { from, to };
    return {
      full: { from, to },
      seen,
      zoomed: part !== null,
      crosshair,
      zoom: (next) => {
        before.current.push(part);
        void setNamed(next);
      },
      undo: () => void setNamed(before.current.pop() ?? null),
    };
    // A zoom is the same when its ends are.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [crosshair, from, to, part?.from, part?.to, setNamed]);
  useKey("zoom-in", () => {
    const next = closer(time.seen, crosshair.at);
    if (next) time.zoom(next);
    return true;
  });
  useKey("zoom-undo", () => {
    if (!time.zoomed) return false;
    time.undo();
    return true;
  });
  return <TimeContext value={time}>{children}</TimeContext>;
}

export function useIncidentTime(): IncidentTime {
  const time = useContext(TimeContext);
  if (!time) throw new Error("no time of an incident above this component");
  return time;
}

/** Draws again whenever the pointer moves: only for what is small. */
export function useCross(crosshair: Crosshair): Cross {
  return useSyncExternalStore(
    (listener) => crosshair.subscribe(listener),
    () => crosshair.cross,
    () => crosshair.cross,
  );
}

/** The moment of the replay to the second; null while live. */
export const useReplayMoment = (): number | null =>
  useReplayed(({ phase, at }) => (phase === "live" ? null : Math.floor(at / 1_000) * 1_000));
