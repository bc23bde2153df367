"use client";
/** The fleet in six figures, each with the last two minutes beside it. */
import { memo, useMemo, useState } from "react";
import { formatNumber, UNKNOWN } from "../../charts/format.ts";
import { Sparkline } from "../../charts/sparkline.tsx";
import { useConnectionState } from "../../live/hooks.ts";
import { sumOnGrid } from "../../live/rates.ts";
import { totalsOf, type Tile } from "./tile-model.ts";
import { TotalsHistory, type Before } from "./totals-history.ts";
import { RECALLED_MOST } from "./use-backfill.ts";

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

/** The seconds before this page was open, over all tiles, as far as their samples are here. */
function before(tiles: readonly Tile[], now: number): Before {
  const sum = (column: "requests" | "errors") =>
    sumOnGrid(
      tiles.map((tile) => tile.line(column)),
      { ...GRID, now },
    );
  return { now, requests: sum("requests"), errors: sum("errors") };
}

export const TotalsStrip = memo(function TotalsStrip({
  tiles,
  now,
  epoch,
}: {
  tiles: readonly Tile[];
  now: number;
  /** Another one when samples of before came, or time jumped. */
  epoch: string;
}) {
  const [history] = useState(() => new TotalsHistory());
  const totals = useMemo(() => totalsOf(tiles), [tiles]);
  // Nobody live, or a silent console, means that nothing is known, which is not the same as zero.
  const state = useConnectionState();
  const known = totals.live > 0 && state === "live";
  const said = (value: string): string => (known ? value : UNKNOWN);
  const whole = (value: number): string => formatNumber(Math.round(value));
  history.add(totals, now);
  useMemo(() => {
    if (tiles.length <= RECALLED_MOST) history.recall(before(tiles, now));
    // Once for each stretch of samples, not for each second of it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [history, epoch]);
  const line = (field: Parameters<TotalsHistory["line"]>[0]) => history.line(field, now);
  const errors = totals.errorPercent ?? 0;
  return (
    <section className="fl-totals" aria-label="Totals of the fleet">
      <Total
        label="Requests"
        value={said(totals.requests === null ? UNKNOWN : whole(totals.requests))}
        unit="/s"
        tone="plain"
        line={line("requests")}
      />
      <Total
        label="Errors"
        value={said(totals.errorPercent === null ? UNKNOWN : errors.toFixed(1))}
        unit="%"
        tone={errors >= 5 ? "open" : errors >= 1 ? "warn" : "plain"}
        line={line("errors")}
      />
      <Total
        label="Breakers open"
        value={said(whole(totals.open))}
        unit={known ? `of ${totals.breakers}` : ""}
        tone={totals.open > 0 ? "open" : "plain"}
        line={line("open")}
      />
      <Total label="Shed" value={said(whole(totals.shed))} unit="/s" tone={totals.shed >= 0.5 ? "warn" : "plain"} line={line("shed")} />
      <Total
        label="Pools over 80 %"
        value={said(whole(totals.poolsNear))}
        unit={known ? `of ${totals.pools}` : ""}
        tone={totals.poolsNear > 0 ? "warn" : "plain"}
        line={line("poolsNear")}
      />
      <Total
        label="Agents live"
        value={state === "live" ? whole(totals.live) : UNKNOWN}
        unit={`of ${totals.all}`}
        tone={totals.live < totals.all ? "warn" : "plain"}
        line={line("live")}
      />
    </section>
  );
});
