"use client";

import { useQuery } from "@tanstack/react-query";
import type { EffectAnswer, EffectMeasure } from "../../../protocol/effect-api.ts";
import { get } from "../../api/client.ts";
import { formatMs, formatNumber } from "../../charts/format.ts";

const AGAIN_MS = 5_000;

/** A smaller number is better, or neither: requests only say how much of a day it was. */
const MEASURES: Readonly<Record<EffectMeasure, { readonly label: string; readonly unit: string; readonly less: boolean }>> = {
  requests: { label: "Requests", unit: "/s", less: false },
  errors: { label: "Errors", unit: "/s", less: true },
  shed: { label: "Shed and limited", unit: "/s", less: true },
  rejected: { label: "Rejected by breakers and bulkheads", unit: "/s", less: true },
  opens: { label: "Breakers opened", unit: "", less: true },
  queued: { label: "Waiting in queues", unit: "", less: true },
  waiting: { label: "Waiting for pools", unit: "", less: true },
};

/** Beside the receipt, what it did: the same instances a minute before and after. It says what was, never that one caused the other. */
export function Effect({ flipId }: { readonly flipId: string }) {
  const effect = useQuery({
    queryKey: ["effect", flipId],
    queryFn: ({ signal }) => get<EffectAnswer>(`/changes/${flipId}/effect`, signal),
    refetchInterval: ({ state }) => (state.data !== undefined && isWhole(state.data) ? false : AGAIN_MS),
  });
  if (effect.data === undefined) return effect.isError ? <p className="sw-note">What it did cannot be read now.</p> : null;
  const { data } = effect;
  const changed = data.measures.filter(({ before, after }) => (before ?? 0) > 0 || (after ?? 0) > 0);
  return (
    <section className="sw-part" aria-label="Effect">
      <h3>
        A minute before and after, on the same {data.instances === 1 ? "instance" : `${String(data.instances)} instances`}
        {isWhole(data) ? null : <span className="sw-note"> · {formatMs(data.afterMs)} of the minute after so far</span>}
      </h3>
      {data.measures.length === 0 ? (
        <p className="sw-note">Nothing was stored of them: their agents send none of these figures.</p>
      ) : (
        <table className="sw-effect">
          <thead>
            <tr>
              <th scope="col">Measured</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
              <th scope="col">Change</th>
            </tr>
          </thead>
          <tbody>
            {changed.map(({ name, before, after }) => (
              <tr key={name}>
                <th scope="row">{MEASURES[name].label}</th>
                <td>{valueOf(before, MEASURES[name].unit)}</td>
                <td>{valueOf(after, MEASURES[name].unit)}</td>
                <td data-way={wayOf(name, before, after)}>{changeWords(before, after)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {changed.length < data.measures.length ? (
        <p className="sw-note">
          {data.measures
            .filter((one) => !changed.includes(one))
            .map(({ name }) => MEASURES[name].label.toLowerCase())
            .join(", ")}
          : none, before or after
        </p>
      ) : null}
      {data.endedAt === null ? null : <p className="sw-note">It ended before a minute had passed; what came later is not counted.</p>}
      {data.truncated ? <p className="sw-note">More was stored than one answer reads: these figures are of a part.</p> : null}
    </section>
  );
}

const isWhole = ({ afterMs, spanMs, endedAt }: EffectAnswer): boolean => afterMs >= spanMs || endedAt !== null;
const valueOf = (value: number | null, unit: string): string => (value === null ? "–" : `${formatNumber(value)}${unit}`);

/** A word beside the colour: "down 92 %". Less than a twentieth is the same. */
export function changeWords(before: number | null, after: number | null): string {
  if (before === null || after === null) return "not known";
  if (before === 0) return after === 0 ? "same" : "new";
  const share = (after - before) / before;
  if (Math.abs(share) < 0.05) return "same";
  return share < 0
    ? `down ${String(Math.round(-share * 100))} %`
    : share > 9
      ? `up ${formatNumber(after / before)} times`
      : `up ${String(Math.round(share * 100))} %`;
}

function wayOf(name: EffectMeasure, before: number | null, after: number | null): "better" | "worse" | undefined {
  if (!MEASURES[name].less || before === null || after === null || changeWords(before, after) === "same") return undefined;
  return after < before ? "better" : "worse";
}
