"use client";
import { useRef, type PointerEvent, type ReactNode } from "react";
import { ChangeLines, ChangeMarkers } from "./change-markers.tsx";
import { formatClock } from "./format.ts";
import { useCross, useReplayMoment, useTimeAxis } from "./time-axis.tsx";
import { momentAt, percent, placed, shareOf, type TimeSpan } from "./time-window.ts";
import "./time.css";

interface PlotProps {
  /** The stretch of time that is drawn. */
  readonly window: TimeSpan;
  /** Room of the axis on the left and of the margin on the right, in pixels. */
  readonly inset?: readonly [left: number, right: number];
  readonly className?: string;
  /** What was changed: `buttons` stand above and can be opened, `lines` only go through, for what repeats below one another. */
  readonly marks?: "buttons" | "lines";
  /** What is drawn at a moment, in words; shown at the crosshair. */
  readonly readout?: (at: number) => string | null;
  readonly children: ReactNode;
}

const NO_INSET = [0, 0] as const;
const DRAG_PX = 5;

/**
 * Something drawn over time: it has the crosshair, the changes and the moment of the replay on it, is clicked for a moment and brushed for
 * a zoom. What moves with the pointer is laid over the drawing, which is not drawn again.
 */
export function TimePlot({ window, inset = NO_INSET, className = "", marks = "buttons", readout, children }: PlotProps) {
  const { crosshair, zoomBetween, changes } = useTimeAxis();
  const pressed = useRef<{ readonly x: number; readonly at: number } | null>(null);
  const momentOf = (event: PointerEvent<HTMLElement>): number => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return momentAt((event.clientX - left - inset[0]) / Math.max(1, width - inset[0] - inset[1]), window);
  };
  const rest = (): void => {
    pressed.current = null;
    crosshair.mark(null);
  };
  const over = { left: inset[0], right: inset[1] };
  return (
    <div className={`ch-timed ${className}`}>
      {marks === "buttons" ? (
        <div className="ch-marks-row" style={{ marginLeft: inset[0], marginRight: inset[1] }}>
          <ChangeMarkers changes={changes} window={window} />
        </div>
      ) : null}
      <div
        className="ch-plot"
        onPointerDown={(event) => {
          if (event.button === 0) pressed.current = { x: event.clientX, at: momentOf(event) };
        }}
        onPointerMove={(event) => {
          const at = momentOf(event);
          crosshair.hover(at);
          const start = pressed.current;
          if (start === null) return;
          const dragging = crosshair.cross.brush !== null;
          if (!dragging && Math.abs(event.clientX - start.x) < DRAG_PX) return;
          if (!dragging) event.currentTarget.setPointerCapture(event.pointerId);
          crosshair.mark({ start: start.at, end: at });
        }}
        onPointerUp={(event) => {
          const start = pressed.current;
          const { brush } = crosshair.cross;
          rest();
          if (start === null || (brush !== null && zoomBetween(brush.start, brush.end, window))) return;
          crosshair.choose(momentOf(event));
        }}
        onPointerCancel={rest}
        onPointerLeave={() => crosshair.hover(null)}
      >
        {children}
        <div className="ch-plot-over" style={over} aria-hidden>
          <ChangeLines changes={changes} window={window} />
          <TimeLines window={window} readout={readout} />
        </div>
      </div>
    </div>
  );
}

function TimeLines({ window, readout }: { readonly window: TimeSpan; readonly readout: ((at: number) => string | null) | undefined }) {
  const { crosshair } = useTimeAxis();
  const { hovered, chosen, brush } = useCross(crosshair);
  const replayed = useReplayMoment();
  const pointed = hovered ?? chosen;
  const words = pointed === null || readout === undefined || !isInside(pointed, window) ? null : readout(pointed);
  return (
    <>
      {brush === null ? null : (
        <span
          className="ch-brush"
          style={placed({ from: Math.min(brush.start, brush.end), to: Math.max(brush.start, brush.end) }, window)}
        />
      )}
      <TimeLine at={replayed} of="replay" window={window} />
      <TimeLine at={chosen} of="chosen" window={window} />
      <TimeLine at={hovered} of="cross" window={window} />
      {pointed === null || words === null ? null : (
        <span
          className="ch-tip ch-readout"
          data-side={shareOf(pointed, window) > 0.5 ? "left" : "right"}
          style={{ left: percent(shareOf(pointed, window)) }}
        >
          {formatClock(pointed)} <b>{words}</b>
        </span>
      )}
    </>
  );
}

const isInside = (at: number, { from, to }: TimeSpan): boolean => at >= from && at <= to;

function TimeLine({ at, of, window }: { readonly at: number | null; readonly of: string; readonly window: TimeSpan }) {
  if (at === null || !isInside(at, window)) return null;
  return <span className="ch-time-line" data-of={of} style={{ left: percent(shareOf(at, window)) }} />;
}
