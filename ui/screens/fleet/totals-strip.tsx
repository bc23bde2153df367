"use client";
/** The fleet in six figures, each with the last two minutes beside it. */
import { useState } from "react";
import { UNKNOWN } from "../../charts/format.ts";
import { Sparkline } from "../../charts/sparkline.tsx";
import { useConnection } from "../../live/hooks.ts";
import { sumOnGrid } from "../../live/rates.ts";
import type { Tile, Totals } from "./tile-model.ts";
import { TotalsHistory } from "./totals-history.ts";

type Tone = "plain" | "warn" | "open";

function Total({
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
}

const GRID = { count: 60, stepMs: 2000 } as const;

export function TotalsStrip({ totals, tiles, now }: { totals: Totals; tiles: readonly Tile[]; now: number }) {
  const [history] = useState(() => new TotalsHistory());
  // Nobody live, or a silent console, means that nothing is known, which is not the same as zero.
  const { state } = useConnection();
  const known = totals.live > 0 && state === "live";
  const said = (value: string): string => (known ? value : UNKNOWN);
  const whole = (value: number): string => Math.round(value).toLocaleString("en");
  history.add(totals, now);
  const errors = totals.errorPercent ?? 0;
  const requestLine = sumOnGrid(
    tiles.map((tile) => tile.requestSeries),
    { ...GRID, now },
  );
  const errorLine = sumOnGrid(
    tiles.map((tile) => tile.errorSeries),
    { ...GRID, now },
  );
  return (
    <section className="fl-totals" aria-label="Totals of the fleet">
      <Total label="Requests" value={said(whole(totals.requests))} unit="/s" tone="plain" line={requestLine} />
      <Total
        label="Errors"
        value={said(totals.errorPercent === null ? UNKNOWN : errors.toFixed(1))}
        unit="%"
        tone={errors >= 5 ? "open" : errors >= 1 ? "warn" : "plain"}
        line={errorLine}
      />
      <Total
        label="Breakers open"
        value={said(whole(totals.open))}
        unit={known ? `of ${totals.breakers}` : ""}
        tone={totals.open > 0 ? "open" : "plain"}
        line={history.line("open", now)}
      />
      <Total
        label="Shed"
        value={said(whole(totals.shed))}
        unit="/s"
        tone={totals.shed >= 0.5 ? "warn" : "plain"}
        line={history.line("shed", now)}
      />
      <Total
        label="Pools over 80 %"
        value={said(whole(totals.poolsNear))}
        unit={known ? `of ${totals.pools}` : ""}
        tone={totals.poolsNear > 0 ? "warn" : "plain"}
        line={history.line("poolsNear", now)}
      />
      <Total
        label="Agents live"
        value={state === "live" ? whole(totals.live) : UNKNOWN}
        unit={`of ${totals.all}`}
        tone={totals.live < totals.all ? "warn" : "plain"}
        line={history.line("live", now)}
      />
    </section>
  );
}
