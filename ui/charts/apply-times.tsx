import { formatMs } from "./format.ts";
import { niceTop } from "./line-path.ts";
import "./charts.css";

/** How long each instance took to confirm: one tick each on a scale in milliseconds. */
export function ApplyTimes({ times }: { readonly times: readonly number[] }) {
  const top = niceTop(times, 10);
  const x = (ms: number) => (ms / top) * 500;
  return (
    <div>
      <svg
        className="ch-times"
        viewBox="0 0 500 18"
        preserveAspectRatio="none"
        role="img"
        aria-label={`Times to apply, up to ${formatMs(times.at(-1) ?? 0)}`}
      >
        {times.map((ms, i) => (
          <line key={i} x1={x(ms)} x2={x(ms)} y1={2} y2={14} />
        ))}
        <line className="ch-times-axis" x1={0} x2={500} y1={17} y2={17} />
      </svg>
      <p className="ch-times-scale" aria-hidden="true">
        <span>0</span>
        <span>{formatMs(top / 2)}</span>
        <span>{formatMs(top)}</span>
      </p>
    </div>
  );
}
