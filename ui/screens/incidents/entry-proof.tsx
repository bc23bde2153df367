"use client";
import { useQuery } from "@tanstack/react-query";
import type { Entry } from "../../../protocol/incident-api.ts";
import { getSeries } from "../../api/series.ts";
import { formatClock, formatNumber } from "../../charts/format.ts";
import { Sparkline } from "../../charts/sparkline.tsx";
import { ErrorNote } from "../../components/error-note.tsx";

type Proof = NonNullable<Entry["proof"]>;
const STEP_MS = 5_000;

/** The stored series that prove an entry: five minutes before and after it. */
export function EntryProof({ proof, at, environment }: { readonly proof: Proof; readonly at: number; readonly environment: string }) {
  const { service, instance, resource, columns, from, to } = proof;
  const series = useQuery({
    queryKey: ["incident-proof", environment, service, instance, resource, columns.join(), from, to],
    queryFn: ({ signal }) =>
      getSeries({ environment, service, instance, resource, columns: columns.join(","), from, to, step: STEP_MS }, signal),
  });
  if (series.isError) return <ErrorNote error={series.error} />;
  if (series.data === undefined) return <p className="in-note">Reading…</p>;
  const shown = series.data.series.filter(({ points }) => points.some(([, , high]) => high !== null));
  if (shown.length === 0) return <p className="in-note">No samples of it are stored for these minutes.</p>;
  return (
    <div className="in-proof">
      <p className="in-note">
        {formatClock(from)} to {formatClock(to)}; the line is {formatClock(at)}
      </p>
      {shown.slice(0, 6).map(({ instance: who, column, points }) => {
        const values = points.map(([, , high]) => high);
        const most = Math.max(0, ...values.map((value) => value ?? 0));
        return (
          <figure key={`${who} ${column}`}>
            <figcaption>
              {who} {column} <span className="in-note">at most {formatNumber(most)}</span>
            </figcaption>
            <Sparkline series={[{ role: "main", values }]} label={`${column} of ${who}, at most ${formatNumber(most)}`} height={32} />
            <span className="in-proof-line" style={{ left: `${String(((at - from) / (to - from)) * 100)}%` }} aria-hidden />
          </figure>
        );
      })}
    </div>
  );
}
