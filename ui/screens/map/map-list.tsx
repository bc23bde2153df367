"use client";
import Link from "next/link";
import type { DependencyMap, MapEdge } from "../../../core/dependency-map.ts";
import { severity, type Status } from "../../../core/health.ts";
import { Glyph } from "../../components/glyph.tsx";
import { Table, type TableColumn } from "../../components/table.tsx";
import { useSteadyOrder } from "../service/use-steady-order.ts";
import { edgeWords, failing, perSecond, throughWords } from "./edge-words.ts";

const servicePage = (name: string): string => `/services/${encodeURIComponent(name)}`;

function columns(map: DependencyMap): readonly TableColumn<MapEdge>[] {
  return [
    {
      key: "from",
      title: "Caller",
      cell: (edge) => <Link href={servicePage(edge.from)}>{edge.from}</Link>,
    },
    {
      key: "to",
      title: "Calls",
      cell: (edge) =>
        map.nodes.get(edge.to)?.kind === "service" ? (
          <Link href={servicePage(edge.to)}>{edge.to}</Link>
        ) : (
          <>
            {edge.to} <span className="hf-hint">outside</span>
          </>
        ),
    },
    {
      key: "state",
      title: "State at the caller",
      cell: (edge) => (
        <span className="hf-row">
          <Glyph status={edge.status} /> <span data-status-word={edge.status}>{edgeWords(edge)}</span>
        </span>
      ),
    },
    { key: "through", title: "Through", cell: throughWords },
    { key: "calls", title: "Calls", figure: true, cell: (edge) => perSecond(edge.calls) },
    { key: "failing", title: "Failing", figure: true, cell: (edge) => failing(edge) },
    { key: "rejected", title: "Turned away", figure: true, cell: (edge) => perSecond(edge.rejected) },
    { key: "heard", title: "Callers heard", figure: true, cell: (edge) => `${edge.heard}/${edge.callers}` },
  ];
}

/** An open breaker before a silent caller: it hurts now. */
function urgency(status: Status): number {
  return status === "open" ? 100 : severity(status);
}

/** Everything the drawing shows, as lines: worst first, without jitter. */
export function MapList({ map, now }: { map: DependencyMap; now: number }) {
  const ranked = [...map.edges].sort((a, b) => urgency(b.status) - urgency(a.status) || (a.key < b.key ? -1 : 1));
  const order = useSteadyOrder(
    ranked.map((edge) => edge.key),
    now,
  );
  const byKey = new Map(map.edges.map((edge) => [edge.key, edge]));
  const rows = order.flatMap((key) => byKey.get(key) ?? []);
  const named = new Set(map.edges.flatMap((edge) => [edge.from, edge.to]));
  const alone = [...map.nodes.values()].filter((node) => !named.has(node.key));
  return (
    <div className="mp-list">
      {rows.length === 0 ? null : (
        <>
          <div className="mp-wide">
            <Table label="Calls" columns={columns(map)} rows={rows} rowKey={(edge) => edge.key} />
          </div>
          <ul className="mp-narrow" aria-label="Calls">
            {rows.map((edge) => (
              <li key={edge.key} data-row>
                <Link href={servicePage(edge.from)}>
                  <Glyph status={edge.status} size={16} />
                  <span className="hf-grow">
                    <b>
                      {edge.from} → {edge.to}
                    </b>
                    <span className="hf-hint">
                      <span data-status-word={edge.status}>{edgeWords(edge)}</span>, {throughWords(edge)}
                    </span>
                  </span>
                  <span className="mp-narrow-figures hf-figure">
                    {perSecond(edge.calls)}
                    <span className="hf-hint">{failing(edge)} fail</span>
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
      {alone.length === 0 ? null : <p className="mp-note">Without a known call: {alone.map((node) => node.name).join(", ")}.</p>}
    </div>
  );
}
