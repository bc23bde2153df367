"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { IncidentAnswer, WriteUp } from "../../../protocol/incident-api.ts";
import { getSeries } from "../../api/series.ts";
import { formatMs, formatNumber } from "../../charts/format.ts";
import { GOLDEN_INSET, GoldenChart, type GoldenColumn } from "../../charts/golden-chart.tsx";
import { atStepEnd, goldenSeries } from "../../charts/golden-series.ts";
import { Button } from "../../components/button.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { isOpenStatus } from "./incident-words.ts";
import { useIncidentTime } from "./incident-time.tsx";
import { TimePlot } from "./time-plot.tsx";

const SHOWN = 2;
const POINTS = 150;
const COLUMNS = "requests,errors,p99Us,inUse,max";
const REFRESH_MS = 15_000;

interface ChartsProps {
  readonly incident: IncidentAnswer;
  readonly environment: string;
  readonly changes: WriteUp["changes"];
}

/** Key series of the services around it, in the order of the cascade; lines are what people changed. */
export function IncidentCharts({ incident, environment, changes }: ChartsProps) {
  const [all, setAll] = useState(false);
  const { seen, zoomed } = useIncidentTime();
  const services = [...new Set([...incident.suspects.map(({ service }) => service), ...incident.services, ...targetsOf(incident)])];
  if (services.length === 0) return null;
  const shown = all ? services : services.slice(0, SHOWN);
  return (
    <section className="in-part" aria-label="Around it">
      <header>
        <h2>Around it</h2>
        <span className="in-note">p99 and fullest pool of the worst instance; lines are changes</span>
      </header>
      {shown.map((service) => (
        <ServiceCharts
          key={service}
          service={service}
          environment={environment}
          open={isOpenStatus(incident.status) && !zoomed}
          window={seen}
          marks={changes.map(({ at }) => at)}
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

/** What lies on the far side comes last: it may run no agent. */
function targetsOf({ suspects }: IncidentAnswer): string[] {
  return suspects.flatMap(({ target }) => (target === null ? [] : [target]));
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
  marks,
}: {
  readonly service: string;
  readonly environment: string;
  readonly open: boolean;
  readonly window: { readonly from: number; readonly to: number };
  readonly marks: readonly number[];
}) {
  const stepMs = Math.max(1_000, Math.ceil((window.to - window.from) / POINTS / 1_000) * 1_000);
  const from = Math.floor(window.from / stepMs) * stepMs;
  const series = useQuery({
    queryKey: ["incident-series", environment, service, from, open ? "open" : window.to],
    queryFn: ({ signal }) => {
      const to = Math.ceil(window.to / stepMs) * stepMs;
      return getSeries({ environment, service, columns: COLUMNS, from, to, step: stepMs }, signal);
    },
    refetchInterval: open ? REFRESH_MS : false,
    placeholderData: (before) => before,
  });
  if (series.isError) return <ErrorNote error={series.error} />;
  if (series.data === undefined) return <p className="in-note">Reading {service}…</p>;
  const grid = { from: series.data.from, to: series.data.to, stepMs: series.data.stepMs };
  const points = goldenSeries(atStepEnd(series.data), grid);
  const drawn = { from: points[0]?.at ?? grid.from, to: points.at(-1)?.at ?? grid.to };
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
              <TimePlot window={drawn} inset={GOLDEN_INSET}>
                <GoldenChart points={points} column={column} tone="plain" least={least} format={format} marks={marks} />
              </TimePlot>
            </figure>
          ))}
        </div>
      )}
    </div>
  );
}
