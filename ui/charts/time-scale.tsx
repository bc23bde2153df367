import { formatClock, formatMinute } from "./format.ts";
import { percent, roundTicks, shareOf, type TimeSpan } from "./time-window.ts";
import "./time.css";

/** A few moments under what is drawn over time. */
export function TimeScale({ window, className = "" }: { readonly window: TimeSpan; readonly className?: string }) {
  const ticks = roundTicks(window);
  const format = (ticks[1] ?? Infinity) - (ticks[0] ?? 0) < 60_000 ? formatClock : formatMinute;
  return (
    <div className={`ch-scale ${className}`} aria-hidden>
      {ticks.map((at) => (
        <span key={at} style={{ left: percent(shareOf(at, window)) }}>
          {format(at)}
        </span>
      ))}
    </div>
  );
}
