import { areaPath, linePath, niceTop } from "./line-path.ts";
import "./charts.css";

export interface SparkSeries {
  readonly role: "main" | "in" | "out";
  readonly values: readonly (number | null)[];
}

/** A small chart without axes, for where a number stands beside it. `limit` is drawn as a dashed line. */
export function Sparkline({
  series,
  limit,
  label,
  height = 44,
}: {
  readonly series: readonly SparkSeries[];
  readonly limit?: number | null;
  readonly label: string;
  readonly height?: number;
}) {
  const top = niceTop([...series.flatMap((entry) => entry.values), limit ?? null]);
  const scale = { width: 300, height, top };
  const limitY = limit === undefined || limit === null ? null : height - (limit / top) * height;
  return (
    <svg
      className="ch-spark"
      width="100%"
      height={height}
      viewBox={`0 0 300 ${String(height)}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {series.map((entry) => (
        <g key={entry.role}>
          {entry.role === "main" ? <path className="ch-spark-area" d={areaPath(entry.values, scale)} /> : null}
          <path className="ch-spark-line" data-role={entry.role} d={linePath(entry.values, scale)} />
        </g>
      ))}
      {limitY === null ? null : <line className="ch-spark-limit" x1={0} x2={300} y1={limitY} y2={limitY} />}
    </svg>
  );
}
