"use client";
/** The fleet in six figures, each with the last two minutes beside it. */
import { memo } from "react";
import { formatNumber, UNKNOWN } from "../../charts/format.ts";
import { Sparkline } from "../../charts/sparkline.tsx";
import { useConnectionState } from "../../live/hooks.ts";
import type { FleetWords } from "./fleet-picture.ts";

type Tone = "plain" | "warn" | "open";

const Total = memo(function Total({
  label,
  value,
  unit,
  tone,
  line,
}: {
  label: string;
  value: string;
  unit: string;
  tone: Tone;
  line: readonly (number | null)[];
}) {
  return (
    <div className="fl-total" data-tone={tone}>
      <span className="fl-total-label">{label}</span>
      <span className="fl-total-value">
        <b className="hf-figure">{value}</b> <span className="hf-hint">{unit}</span>
      </span>
      <span className="fl-total-line" aria-hidden>
        <Sparkline series={[{ role: "main", values: line }]} label={label} height={24} />
      </span>
    </div>
  );
});

export function TotalsStrip({ words: { totals, lines } }: { words: FleetWords }) {
  // Nobody live, or a silent console, means that nothing is known, which is not the same as zero.
  const state = useConnectionState();
  const known = totals.live > 0 && state === "live";
  const said = (value: string): string => (known ? value : UNKNOWN);
  const whole = (value: number): string => formatNumber(Math.round(value));
  const errors = totals.errorPercent ?? 0;
  return (
    <section className="fl-totals" aria-label="Totals of the fleet">
      <Total
        label="Requests"
        value={said(totals.requests === null ? UNKNOWN : whole(totals.requests))}
        unit="/s"
        tone="plain"
        line={lines.requests}
      />
      <Total
        label="Errors"
        value={said(totals.errorPercent === null ? UNKNOWN : errors.toFixed(1))}
        unit="%"
        tone={errors >= 5 ? "open" : errors >= 1 ? "warn" : "plain"}
        line={lines.errors}
      />
      <Total
        label="Breakers open"
        value={said(whole(totals.open))}
        unit={known ? `of ${totals.breakers}` : ""}
        tone={totals.open > 0 ? "open" : "plain"}
        line={lines.open}
      />
      <Total label="Shed" value={said(whole(totals.shed))} unit="/s" tone={totals.shed >= 0.5 ? "warn" : "plain"} line={lines.shed} />
      <Total
        label="Pools over 80 %"
        value={said(whole(totals.poolsNear))}
        unit={known ? `of ${totals.pools}` : ""}
        tone={totals.poolsNear > 0 ? "warn" : "plain"}
        line={lines.poolsNear}
      />
      <Total
        label="Agents live"
        value={state === "live" ? whole(totals.live) : UNKNOWN}
        unit={`of ${totals.all}`}
        tone={totals.live < totals.all ? "warn" : "plain"}
        line={lines.live}
      />
    </section>
  );
}
