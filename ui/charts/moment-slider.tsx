"use client";
import type { KeyboardEvent, ReactNode } from "react";
import { steered } from "./crosshair.ts";
import { formatClock } from "./format.ts";
import { useCross, useReplayMoment, useTimeAxis } from "./time-axis.tsx";
import type { TimeSpan } from "./time-window.ts";
import "./time.css";

interface SliderProps {
  readonly label: string;
  /** What it can be moved through. */
  readonly window: TimeSpan;
  /** The chosen moment in words. */
  readonly words?: (at: number) => string;
  readonly describedBy?: string;
  readonly children: ReactNode;
}

/** The crosshair by keyboard: arrows move it, with Shift they mark a stretch, Enter looks closer at that. */
export function MomentSlider({ label, window, words = formatClock, describedBy, children }: SliderProps) {
  const { crosshair, seen, zoomBetween } = useTimeAxis();
  const { chosen, brush } = useCross(crosshair);
  const replayed = useReplayMoment();
  const at = chosen ?? replayed;
  const marked = brush === null ? "" : `, marked from ${formatClock(brush.start)}: Enter looks closer`;
  const press = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.target !== event.currentTarget) return;
    if (event.key === "Enter" && brush !== null) {
      event.preventDefault();
      if (!zoomBetween(brush.start, brush.end, seen)) crosshair.mark(null);
      return;
    }
    const next = steered(event, { chosen, brush }, { seen, full: window, from: replayed ?? seen.to });
    if (next === null) return;
    event.preventDefault();
    crosshair.steer(next);
  };
  return (
    <div
      className="ch-slider"
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={window.from}
      aria-valuemax={window.to}
      aria-valuenow={at ?? window.from}
      aria-valuetext={at === null ? "none chosen" : `${words(at)}${marked}`}
      {...(describedBy === undefined ? {} : { "aria-describedby": describedBy })}
      onKeyDown={press}
    >
      {children}
    </div>
  );
}
