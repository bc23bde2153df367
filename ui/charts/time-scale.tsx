import { formatClock, formatMinute } from "./format.ts";
import { percent, roundTicks, shareOf, type TimeSpan } from "./time-window.ts";
import "./time.css";

/** A few moments under what is drawn over time. None reaches over an end: that would make a narrow page wider. */
export function TimeScale({ window, className = "" }: { readonly window: TimeSpan; readonly className?: string }) {
  const ticks = roundTicks(window);
  const seconds = (ticks[1] ?? Infinity) - (ticks[0] ?? 0) < 60_000;
  const [format, half] = seconds ? [formatClock, "4ch"] : [formatMinute, "2.5ch"];
  return (
    <div className={`ch-scale ${className}`} data-seconds={seconds} aria-hidden>
      {ticks.map((at) => (
        <span key={at} style={{ left: `clamp(${half}, ${percent(shareOf(at, window))}, 100% - ${half})` }}>
          {format(at)}
        </span>
      ))}
    </div>
  );
}
