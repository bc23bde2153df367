"use client";

import { useCallback, useMemo } from "react";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { GoldenChart, type GoldenColumn } from "../../charts/golden-chart.tsx";
import { useTools } from "../../frame/tools-context.ts";
import { formatMs, formatNumber, UNKNOWN } from "../../charts/format.ts";
import type { Tone } from "../../charts/meters.tsx";
import type { GoldenNow } from "./golden-now.ts";
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

/** Four charts of the last quarter of an hour on one time axis; figures are of now. */
export function GoldenSignals({
  now,
  history,
  events,
}: {
  readonly now: GoldenNow;
  readonly history: ServiceHistory;
  readonly events: readonly LoggedEvent[];
}) {
  const { act } = useTools();
  const ask = useCallback((at: number) => act("what-changed", String(at)), [act]);
  const marks = useMemo(() => events.filter((event) => /^(flip\.|deploy)/.test(event.type)).map((event) => event.at), [events]);
  return (
    <section className="svc-golden" aria-label="Golden signals, last 15 minutes">
      {SIGNALS.map((signal) => {
        const tone = toneOf(signal.column, now);
        const value = now[signal.column];
        return (
          <div key={signal.column} className="svc-signal">
            <div className="svc-signal-head">
              <h2>{signal.title}</h2>
              <span className="svc-note">{noteOf(signal.column, now)}</span>
            </div>
            <p className="svc-figure" data-tone={tone}>
              {value === null ? UNKNOWN : signal.format(value)}
              {signal.unit === "" || value === null ? null : <small> {signal.unit}</small>}
            </p>
            <GoldenChart
              points={history.golden}
              column={signal.column}
              tone={tone}
              least={signal.least}
              format={signal.format}
              marks={marks}
              onPick={ask}
            />
          </div>
        );
      })}
      {history.failed ? (
        <p className="svc-note svc-golden-note">History could not be read; the charts begin when this page was opened.</p>
      ) : null}
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
