"use client";
import Link from "next/link";
import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryState } from "nuqs";
import { useMemo, useState } from "react";
import { STATUSES, statusWord } from "../../../core/health.ts";
import { Button } from "../../components/button.tsx";
import { formatDuration } from "../../components/duration.ts";
import { Empty } from "../../components/empty.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { Table, type TableColumn } from "../../components/table.tsx";
import { useConnection, useFleet, useNow } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { AttentionRail } from "./attention-rail.tsx";
import { FleetGrid } from "./fleet-grid.tsx";
import { Readout } from "./readout.tsx";
import { tileOf, totalsOf, type Tile, type Totals } from "./tile-model.ts";

const SNIPPET = `import { createAgent } from "@holdfast/agent";

const agent = createAgent({ url: "THIS_CONSOLE", token: process.env.HOLDFAST_TOKEN, service: "orders" });
agent.observe(paymentsBreaker, "payments");
agent.observe(server, "http");`;

const DENSITY = ["comfortable", "compact", "squares"] as const;

const COLUMNS: readonly TableColumn<Tile>[] = [
  {
    key: "instance",
    title: "Instance",
    cell: (tile) => (
      <Link href={`/services/${encodeURIComponent(tile.service)}`} className="hf-row">
        <Glyph status={tile.status} /> {tile.key}
      </Link>
    ),
  },
  { key: "state", title: "State", cell: (tile) => `${statusWord(tile.status)}${tile.worst === "" ? "" : `: ${tile.worst}`}` },
  { key: "version", title: "Version", cell: (tile) => tile.version },
  { key: "requests", title: "Requests /s", figure: true, cell: (tile) => (tile.requests === null ? "unknown" : tile.requests.toFixed(1)) },
  { key: "errors", title: "Errors", figure: true, cell: (tile) => (tile.errors === null ? "unknown" : `${tile.errors.toFixed(1)} %`) },
  { key: "p99", title: "p99", figure: true, cell: (tile) => (tile.p99Us === null ? "unknown" : `${Math.round(tile.p99Us / 1000)} ms`) },
  { key: "pool", title: "Worst pool", figure: true, cell: (tile) => (tile.pool === null ? "none" : `${Math.round(tile.pool * 100)} %`) },
  { key: "shed", title: "Shed /s", figure: true, cell: (tile) => tile.shed.toFixed(0) },
  { key: "policy", title: "Policy", figure: true, cell: (tile) => `r${tile.policyRevision}` },
  { key: "frame", title: "Last frame", figure: true, cell: (tile) => (tile.ageMs === null ? "never" : `${formatDuration(tile.ageMs)} ago`) },
];

function Total({ label, value, unit, tone }: { label: string; value: string; unit: string; tone: "plain" | "warn" | "open" }) {
  return (
    <div className="fl-total">
      <span className="hf-hint">{label}</span>
      <span data-tone={tone}>
        <b className="hf-figure">{value}</b> <span className="hf-hint">{unit}</span>
      </span>
    </div>
  );
}

function TotalsStrip({ totals }: { totals: Totals }) {
  const errors = totals.errorPercent ?? 0;
  return (
    <section className="fl-totals" aria-label="Totals of the fleet">
      <Total label="Requests" value={Math.round(totals.requests).toLocaleString("en")} unit="/s" tone="plain" />
      <Total label="Errors" value={totals.errorPercent === null ? "–" : errors.toFixed(1)} unit="%" tone={errors >= 5 ? "open" : errors >= 1 ? "warn" : "plain"} />
      <Total label="Breakers open" value={String(totals.open)} unit={`of ${totals.breakers}`} tone={totals.open > 0 ? "open" : "plain"} />
      <Total label="Shed" value={Math.round(totals.shed).toLocaleString("en")} unit="/s" tone={totals.shed >= 0.5 ? "warn" : "plain"} />
      <Total label="Pools over 80 %" value={String(totals.poolsNear)} unit={`of ${totals.pools}`} tone={totals.poolsNear > 0 ? "warn" : "plain"} />
      <Total label="Agents live" value={String(totals.live)} unit={`of ${totals.all}`} tone={totals.live < totals.all ? "warn" : "plain"} />
    </section>
  );
}

/** The first page: is anything wrong, where, and is what I see live. */
export function FleetScreen() {
  const store = useLiveStore();
  const fleet = useFleet();
  const { state } = useConnection();
  const now = useNow(1000);
  const [filter, setFilter] = useQueryState("q", parseAsString.withDefault(""));
  const [density, setDensity] = useQueryState("density", parseAsStringLiteral(DENSITY).withDefault("comfortable"));
  const [table, setTable] = useQueryState("table", parseAsBoolean.withDefault(false));
  const [focus, setFocus] = useState<string | null>(null);

  const tiles = useMemo(() => fleet.map((instance) => tileOf(instance, store.ring(instance.key).samples, now)), [fleet, store, now]);
  const wanted = filter.toLowerCase();
  const shown = tiles.filter((tile) => wanted === "" || `${tile.key} ${statusWord(tile.status)}`.toLowerCase().includes(wanted));
  const services = useMemo(() => {
    const groups = new Map<string, Tile[]>();
    for (const tile of shown) groups.set(tile.service, [...(groups.get(tile.service) ?? []), tile]);
    return [...groups].map(([name, members]) => ({ name, tiles: members }));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `shown` follows from these two
  }, [tiles, wanted]);
  const counts = STATUSES.map((status) => ({ status, count: tiles.filter((tile) => tile.status === status).length })).filter((entry) => entry.count > 0);

  if (fleet.length === 0) {
    return state === "connecting" ? (
      <p className="fl-wait">Reading the fleet…</p>
    ) : (
      <Empty title="No agent has connected yet">
        <p>
          Install <code>@holdfast/agent</code> in a service, make a token on the <Link href="/agents">Agents page</Link>, and start the service with these lines. It appears here within a second.
        </p>
        <pre className="hf-code">{SNIPPET.replace("THIS_CONSOLE", typeof window === "undefined" ? "" : window.location.origin)}</pre>
      </Empty>
    );
  }
  return (
    <div className="fl-screen">
      <h1 className="hf-unseen">Fleet</h1>
      <TotalsStrip totals={totalsOf(fleet, tiles, now)} />
      <AttentionRail />
      <section className="fl-main" aria-label="Instances">
        <div className="fl-bar">
          <ul className="fl-legend">
            {counts.map(({ status, count }) => (
              <li key={status}>
                <Glyph status={status} size={12} /> {statusWord(status)} <b className="hf-figure">{count}</b>
              </li>
            ))}
          </ul>
          <span className="hf-grow" />
          <input className="fl-filter" type="search" aria-label="Filter instances" placeholder="Filter" value={filter} onChange={(event) => void setFilter(event.target.value || null)} />
          <span className="fl-density">
            <Segmented label="Density" value={density} options={DENSITY.map((value) => ({ value, label: value }))} onChange={(value) => void setDensity(value)} />
          </span>
          <Button aria-pressed={table} onClick={() => void setTable(!table)}>
            {table ? "Grid" : "Table"}
          </Button>
        </div>
        {shown.length === 0 ? <p className="fl-wait">No instance matches “{filter}”.</p> : null}
        <div className={table ? "fl-as-table" : "fl-as-grid"}>
          {table ? <Table label="Instances" columns={COLUMNS} rows={shown} rowKey={(tile) => tile.key} /> : <FleetGrid services={services} density={density} focus={focus} onFocus={setFocus} />}
        </div>
        <ul className="fl-list">
          {shown.map((tile) => (
            <li key={tile.key}>
              <Link href={`/services/${encodeURIComponent(tile.service)}`}>
                <Glyph status={tile.status} size={16} />
                <span className="hf-grow">
                  <b>{tile.name}</b>
                  <span className="hf-hint">
                    {statusWord(tile.status)}
                    {tile.worst === "" ? "" : `, ${tile.worst}`}
                  </span>
                </span>
                <span className="hf-figure">{tile.requests === null ? "" : `${Math.round(tile.requests)}/s`}</span>
              </Link>
            </li>
          ))}
        </ul>
        {table ? null : <Readout tile={tiles.find((tile) => tile.key === focus) ?? null} />}
      </section>
    </div>
  );
}
