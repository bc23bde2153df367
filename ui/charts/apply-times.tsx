import { formatMs } from "./format.ts";
import { niceTop } from "./line-path.ts";
import "./charts.css";

/** How long each instance took to confirm: one tick each on a scale in milliseconds. */
export function ApplyTimes({ times }: { readonly times: readonly number[] }) {
  const top = niceTop(times, 10);
  const x = (ms: number) => 8 + (ms / top) * 484;
  return (
    <svg className="ch-times" viewBox="0 0 500 34" role="img" aria-label={`Times to apply, up to ${formatMs(times.at(-1) ?? 0)}`}>
      {times.map((ms, i) => (
        <line key={i} x1={x(ms)} x2={x(ms)} y1={2} y2={14} />
      ))}
      <line className="ch-times-axis" x1={8} x2={492} y1={17} y2={17} />
      {[0, 0.5, 1].map((share) => (
        <text key={share} x={x(top * share)} y={31} textAnchor={share === 0 ? "start" : share === 1 ? "end" : "middle"}>
          {share === 1 ? formatMs(top) : share === 0 ? "0" : formatMs(top * share)}
        </text>
      ))}
    </svg>
  );
}
