import type { Tone } from "./meters.tsx";
import "./charts.css";

/** Time left of a wait, as a ring that empties, with the seconds inside. `leftMs` null: not counted. */
export function CountdownRing({
  leftMs,
  totalMs,
  size = 36,
}: {
  readonly leftMs: number;
  readonly totalMs: number;
  readonly size?: number;
}) {
  const radius = size / 2 - 2;
  const around = 2 * Math.PI * radius;
  const share = totalMs > 0 ? Math.max(0, Math.min(1, leftMs / totalMs)) : 0;
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  return (
    <svg
      className="ch-ring"
      width={size}
      height={size}
      viewBox={`0 0 ${String(size)} ${String(size)}`}
      role="img"
      aria-label={`${String(seconds)} s to the next probe`}
    >
      <circle className="ch-ring-track" cx={size / 2} cy={size / 2} r={radius} />
      <circle
        className="ch-ring-left"
        cx={size / 2}
        cy={size / 2}
        r={radius}
        strokeDasharray={`${String(around * share)} ${String(around)}`}
        transform={`rotate(-90 ${String(size / 2)} ${String(size / 2)})`}
      />
      <text x={size / 2} y={size / 2 + 4}>
        {seconds}
      </text>
    </svg>
  );
}

/** Traffic as an area: the square root of calls a second, against `full` calls a second for the whole disc. */
export function TrafficDisc({ perSecond, full, tone }: { readonly perSecond: number | null; readonly full: number; readonly tone: Tone }) {
  const size = 44;
  const radius = perSecond === null || full <= 0 ? 0 : Math.max(2.5, Math.sqrt(Math.min(1, perSecond / full)) * (size / 2 - 3));
  return (
    <svg className="ch-disc" width={size} height={size} viewBox={`0 0 ${String(size)} ${String(size)}`} aria-hidden="true">
      <circle className="ch-disc-track" cx={size / 2} cy={size / 2} r={size / 2 - 1} />
      {radius > 0 ? <circle className="ch-disc-fill" data-tone={tone} cx={size / 2} cy={size / 2} r={radius} /> : null}
    </svg>
  );
}
