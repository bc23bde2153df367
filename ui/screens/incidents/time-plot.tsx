"use client";
import { useRef, useState, type PointerEvent, type ReactNode } from "react";
import { shareOf, type LaneWindow } from "./lane-model.ts";
import { useCross, useIncidentTime, useReplayMoment } from "./incident-time.tsx";
import { brushed, momentAt } from "./time-window.ts";

interface PlotProps {
  readonly window: LaneWindow;
  /** Room of the axis on the left and of the margin on the right, in pixels. */
  readonly inset?: readonly [left: number, right: number];
  readonly className?: string;
  readonly children: ReactNode;
}

const NO_INSET = [0, 0] as const;
const DRAG_PX = 5;

/** Something drawn over time: it has the crosshair and the moment of the replay on it, is clicked for a moment and brushed for a zoom. */
export function TimePlot({ window, inset = NO_INSET, className = "", children }: PlotProps) {
  const { crosshair, zoom, full } = useIncidentTime();
  const pressed = useRef<{ readonly x: number; readonly at: number } | null>(null);
  const [brush, setBrush] = useState<LaneWindow | null>(null);
  const momentOf = (event: PointerEvent<HTMLElement>): number => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return momentAt((event.clientX - left - inset[0]) / Math.max(1, width - inset[0] - inset[1]), window);
  };
  const rest = (): void => {
    pressed.current = null;
    setBrush(null);
  };
  return (
    <div
      className={`in-plot ${className}`}
      onPointerDown={(event) => {
        if (event.button === 0) pressed.current = { x: event.clientX, at: momentOf(event) };
      }}
      onPointerMove={(event) => {
        const at = momentOf(event);
        crosshair.hover(at);
        const start = pressed.current;
        if (start === null || (brush === null && Math.abs(event.clientX - start.x) < DRAG_PX)) return;
        if (brush === null) event.currentTarget.setPointerCapture(event.pointerId);
        setBrush({ from: Math.min(start.at, at), to: Math.max(start.at, at) });
      }}
      onPointerUp={(event) => {
        const start = pressed.current;
        const next = brush === null ? null : brushed(brush.from, brush.to, { seen: window, full });
        if (next) zoom(next);
        else if (start !== null) crosshair.choose(momentOf(event));
        rest();
      }}
      onPointerCancel={rest}
      onPointerLeave={() => crosshair.hover(null)}
    >
      {children}
      <div className="in-plot-marks" style={{ left: inset[0], right: inset[1] }} aria-hidden>
        <TimeLines window={window} />
        {brush === null ? null : <span className="in-brush" style={span(brush, window)} />}
      </div>
    </div>
  );
}

function TimeLines({ window }: { readonly window: LaneWindow }) {
  const { crosshair } = useIncidentTime();
  const { hovered, chosen } = useCross(crosshair);
  const replayed = useReplayMoment();
  return (
    <>
      <TimeLine at={replayed} of="replay" window={window} />
      <TimeLine at={chosen} of="chosen" window={window} />
      <TimeLine at={hovered} of="cross" window={window} />
    </>
  );
}

function TimeLine({ at, of, window }: { readonly at: number | null; readonly of: string; readonly window: LaneWindow }) {
  if (at === null || at < window.from || at > window.to) return null;
  return <span className="in-time-line" data-of={of} style={{ left: percent(shareOf(at, window)) }} />;
}

const percent = (share: number): string => `${String(Math.round(share * 10_000) / 100)}%`;

/** Where a stretch lies in a window, for a style. */
export function span(part: LaneWindow, window: LaneWindow): { readonly left: string; readonly width: string } {
  const left = shareOf(part.from, window);
  return { left: percent(left), width: percent(shareOf(part.to, window) - left) };
}
