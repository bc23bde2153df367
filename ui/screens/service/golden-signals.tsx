"use client";

import { useMemo } from "react";
import { GOLDEN_INSET, GoldenChart, type GoldenColumn } from "../../charts/golden-chart.tsx";
import { drawnSpan, goldenReadout } from "../../charts/golden-series.ts";
import { useTimeAxis } from "../../charts/time-axis.tsx";
import { TimePlot } from "../../charts/time-plot.tsx";
import { formatMs, formatNumber, UNKNOWN } from "../../charts/format.ts";
import type { Tone } from "../../charts/meters.tsx";
import { partWords, type GoldenNow } from "./golden-now.ts";
import type { ServiceHistory } from "./use-service-data.ts";

interface Signal {
  readonly column: GoldenColumn;
  readonly title: string;
  readonly unit: string;
  readonly least: number;
  readonly format: (value: number | null) => string;
}

const SIGNALS: readonly Signal[] = [
  { column: "requests", title: "Requests", unit: "/s", least: 4, format: formatNumber },
  { column: "errors", title: "Errors", unit: "%", least: 10, format: formatNumber },
  { column: "p99", title: "Latency p99", unit: "", least: 20, format: formatMs },
  { column: "saturation", title: "Saturation", unit: "%", least: 100, format: formatNumber },
];

/** Made of what all instances say: while some have not been counted, it says of how many it is. */
const SUMS: readonly GoldenColumn[] = ["requests", "errors"];

/** Four charts on the time axis of the page; figures are of now, and say so while the charts are not. */
export function GoldenSignals({ now, history }: { readonly now: GoldenNow; readonly history: ServiceHistory }) {
  const { zoomed } = useTimeAxis();
  const { golden } = history;
  const drawn = useMemo(() => drawnSpan(golden, history.grid), [golden, history.grid]);
  return (
    <section className="svc-golden" aria-label="Golden signals">
      {SIGNALS.map((signal) => {
        const tone = toneOf(signal.column, now);
        const value = now[signal.column];
        const part = value === null || !SUMS.includes(signal.column) ? "" : partWords(now);
        return (
          <div key={signal.column} className="svc-signal">
            <div className="svc-signal-head">
              <h2>{signal.title}</h2>
              <span className="svc-note">{noteOf(signal.column, now)}</span>
            </div>
            <p className="svc-figure" data-tone={tone}>
              {value === null ? UNKNOWN : signal.format(value)}
              {signal.unit === "" || value === null ? null : <small> {signal.unit}</small>}
              {zoomed ? <small> now</small> : null}
              {part === "" ? null : <small className="svc-part"> {part}</small>}
            </p>
            <TimePlot
              window={drawn}
              inset={GOLDEN_INSET}
              readout={goldenReadout(golden, signal.column, (value) => `${signal.format(value)}${signal.unit}`)}
            >
              <GoldenChart
                points={golden}
                column={signal.column}
                tone={zoomed ? "plain" : tone}
                least={signal.least}
                format={signal.format}
              />
            </TimePlot>
          </div>
        );
      })}
      {history.failed ? (
        <p className="svc-note svc-golden-note">
          {zoomed ? "History could not be read." : "History could not be read; the charts begin when this page was opened."}
        </p>
      ) : null}
      {history.loading ? <p className="svc-note svc-golden-note">Reading history…</p> : null}
      {history.truncated ? <p className="svc-note svc-golden-note">Too many series for one answer: the oldest part is not drawn.</p> : null}
    </section>
  );
}

/** A hue only while the signal is in that state. */
function toneOf(column: GoldenColumn, now: GoldenNow): Tone {
  const value = now[column];
  if (value === null) return "plain";
  if (column === "errors") return value >= 20 ? "open" : value >= 5 ? "warning" : "plain";
  if (column === "saturation") return value >= 80 ? "warning" : "plain";
  return "plain";
}

function noteOf(column: GoldenColumn, now: GoldenNow): string {
  if (column === "requests") return now.inFlight === null ? "" : `${formatNumber(now.inFlight)} in flight`;
  if (column === "errors") return now.failing > 0 ? `${String(now.failing)} of ${String(now.heard)} instances` : "";
  if (column === "p99") return now.slowest === null ? "" : `worst: ${now.slowest}`;
  return now.fullest === null ? "" : `worst: ${now.fullest}`;
}
