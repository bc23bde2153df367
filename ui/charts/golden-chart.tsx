"use client";

import { memo } from "react";
import { Area, CartesianGrid, ComposedChart, Line, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { formatClock, formatMinute } from "./format.ts";
import { niceTop } from "./line-path.ts";
import { roundTicks } from "./time-window.ts";
import type { GoldenPoint } from "./golden-series.ts";
import type { Tone } from "./meters.tsx";
import "./charts.css";

export type GoldenColumn = "requests" | "errors" | "p99" | "saturation";

export interface GoldenChartProps {
  readonly points: readonly GoldenPoint[];
  readonly column: GoldenColumn;
  readonly tone: Tone;
  /** The axis never ends below this. */
  readonly least: number;
  readonly format: (value: number | null) => string;
}

const AXIS_PX = 44;
const MARGIN_PX = 4;
/** What lies left and right of the drawing, for what is laid over it. */
export const GOLDEN_INSET = [AXIS_PX, MARGIN_PX] as const;

const STROKE: Readonly<Record<Tone, string>> = {
  plain: "var(--chart-2)",
  closed: "var(--chart-2)",
  half_open: "var(--st-half)",
  warning: "var(--st-warn)",
  open: "var(--st-open)",
  forced: "var(--st-forced)",
};
const FILL: Readonly<Record<Tone, string>> = {
  plain: "var(--chart-fill)",
  closed: "var(--chart-fill)",
  half_open: "var(--st-half-wash)",
  warning: "var(--st-warn-wash)",
  open: "var(--st-open-wash)",
  forced: "var(--st-forced-wash)",
};

/**
 * One golden signal over the window. Nulls are gaps; nothing is animated, for the next second redraws it. It knows nothing of the pointer:
 * what follows that is laid over it, so that it is drawn again for new points only.
 */
export const GoldenChart = memo(function GoldenChart({ points, column, tone, least, format }: GoldenChartProps) {
  const first = points[0]?.at ?? 0;
  const last = points.at(-1)?.at ?? 1;
  const top = niceTop(
    points.map((point) => point[column]),
    least,
  );
  const ticks = roundTicks({ from: first, to: last });
  return (
    <div className="ch-golden">
      <ResponsiveContainer width="100%" height={96} initialDimension={{ width: 320, height: 96 }}>
        <ComposedChart data={points} margin={{ top: 8, right: MARGIN_PX, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} />
          <XAxis
            dataKey="at"
            type="number"
            domain={[first, last]}
            ticks={ticks}
            tickFormatter={(ticks[1] ?? Infinity) - (ticks[0] ?? 0) < 60_000 ? formatClock : formatMinute}
            axisLine={false}
            tickLine={false}
            height={18}
            minTickGap={16}
          />
          <YAxis
            domain={[0, top]}
            ticks={[top / 2, top]}
            tickFormatter={(value: number) => format(value)}
            axisLine={false}
            tickLine={false}
            width={AXIS_PX}
          />
          <Area
            dataKey={column}
            type="linear"
            stroke="none"
            fill={FILL[tone]}
            isAnimationActive={false}
            activeDot={false}
            connectNulls={false}
          />
          <Line
            dataKey={column}
            type="linear"
            stroke={STROKE[tone]}
            strokeWidth={1.5}
            dot={false}
            activeDot={false}
            isAnimationActive={false}
            connectNulls={false}
          />
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  );
});
