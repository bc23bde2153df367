"use client";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { IncidentAnswer } from "../../../protocol/incident-api.ts";
import { getSeries } from "../../api/series.ts";
import { formatMs, formatNumber } from "../../charts/format.ts";
import { GOLDEN_INSET, GoldenChart, type GoldenColumn } from "../../charts/golden-chart.tsx";
import { atStepEnd, drawnSpan, goldenReadout, goldenSeries } from "../../charts/golden-series.ts";
import { useTimeAxis } from "../../charts/time-axis.tsx";
import { TimePlot } from "../../charts/time-plot.tsx";
import { onSteps } from "../../charts/time-window.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { isOpenStatus, servicesAround } from "./incident-words.ts";

const SHOWN = 2;
const POINTS = 150;
const COLUMNS = "requests,errors,p99Us,inUse,max";
const REFRESH_MS = 15_000;

interface ChartsProps {
  readonly incident: IncidentAnswer;
  readonly environment: string;
}

/** Key series of the services around it, in the order of the cascade. */
export function IncidentCharts({ incident, environment }: ChartsProps) {
  const [all, setAll] = useState(false);
  const { seen, zoomed } = useTimeAxis();
  const services = servicesAround(incident);
  if (services.length === 0) return null;
  const shown = all ? services : services.slice(0, SHOWN);
  return (
    <section className="in-part" aria-label="Around it">
      <header>
        <h2>Around it</h2>
        <span className="in-note">p99 and fullest pool of the worst instance</span>
      </header>
      {shown.map((service) => (
        <ServiceCharts
          key={service}
          service={service}
          environment={environment}
          open={isOpenStatus(incident.status) && !zoomed}
          window={seen}
        />
      ))}
      {services.length > SHOWN ? (
        <Button tone="quiet" onClick={() => setAll(!all)}>
          {all ? "Fewer services" : `All ${String(services.length)} services`}
        </Button>
      ) : null}
    </section>
  );
}

const CHARTS: readonly (readonly [title: string, column: GoldenColumn, least: number, format: (value: number | null) => string])[] = [
  ["Requests a second", "requests", 1, formatNumber],
  ["Errors, %", "errors", 1, formatNumber],
  ["p99", "p99", 10, formatMs],
  ["Fullest pool, %", "saturation", 100, formatNumber],
];

function ServiceCharts({
  service,
  environment,
  open,
  window,
}: {
  readonly service: string;
  readonly environment: string;
  readonly open: boolean;
  readonly window: { readonly from: number; readonly to: number };
}) {
  const stepMs = Math.max(1_000, Math.ceil((window.to - window.from) / POINTS / 1_000) * 1_000);
  const { from, to } = onSteps(window, stepMs);
  const series = useQuery({
    queryKey: ["incident-series", environment, service, from, open ? "open" : window.to],
    queryFn: ({ signal }) => getSeries({ environment, service, columns: COLUMNS, from, to, step: stepMs }, signal),
    refetchInterval: open ? REFRESH_MS : false,
    placeholderData: (before) => before,
  });
  const points = useMemo(() => (series.data === undefined ? [] : goldenSeries(atStepEnd(series.data), series.data)), [series.data]);
  if (series.isError) return <ErrorNote error={series.error} />;
  if (series.data === undefined) return <p className="in-note">Reading {service}…</p>;
  const drawn = drawnSpan(points, series.data);
  const charts = CHARTS.filter(([, column]) => points.some((point) => point[column] !== null));
  return (
    <div className="in-service-charts">
      <h3>{service}</h3>
      {charts.length === 0 ? (
        <p className="in-note">Nothing of it is stored for this time: it runs no agent, or its samples are gone.</p>
      ) : (
        <div className="in-charts">
          {charts.map(([title, column, least, format]) => (
            <figure key={column}>
              <figcaption className="in-note">{title}</figcaption>
              <TimePlot window={drawn} inset={GOLDEN_INSET} readout={goldenReadout(points, column, format)}>
                <GoldenChart points={points} column={column} tone="plain" least={least} format={format} />
              </TimePlot>
            </figure>
          ))}
        </div>
      )}
    </div>
  );
}
