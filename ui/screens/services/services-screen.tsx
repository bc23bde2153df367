"use client";
import Link from "next/link";
import { parseAsString, useQueryState } from "nuqs";
import { severity, statusWord, worst, type Status } from "../../../core/health.ts";
import { formatUs, UNKNOWN } from "../../charts/format.ts";
import { FilterField } from "../../components/filter-field.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { Table, type TableColumn } from "../../components/table.tsx";
import { useNow, useServices } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import { tileOf, type Tile } from "../fleet/tile-model.ts";

interface Row {
  readonly name: string;
  readonly status: Status;
  readonly tiles: readonly Tile[];
}

const max = (values: readonly (number | null)[]): number | null =>
  values.reduce((found, value) => (value !== null && (found === null || value > found) ? value : found), null);
const isLive = (tile: Tile): boolean => tile.status !== "stale" && tile.status !== "offline" && tile.status !== "unseen";

/** The trouble of the worst instance, and on how many; never an average over good and bad. */
function trouble({ tiles, status }: Row): string {
  const bad = tiles.filter((tile) => tile.status === status);
  if (status === "closed") return statusWord(status);
  const what = bad.find((tile) => tile.worst !== "")?.worst;
  return `${statusWord(status)} on ${bad.length} of ${tiles.length}${what === undefined ? "" : `: ${what}`}`;
}

function requests(tiles: readonly Tile[]): string {
  const known = tiles.filter((tile) => tile.requests !== null);
  return known.length === 0 ? UNKNOWN : Math.round(known.reduce((sum, tile) => sum + (tile.requests ?? 0), 0)).toLocaleString("en");
}

function errors(tiles: readonly Tile[]): string {
  const all = tiles.reduce((sum, tile) => sum + (tile.requests ?? 0), 0);
  const failed = tiles.reduce((sum, tile) => sum + ((tile.requests ?? 0) * (tile.errors ?? 0)) / 100, 0);
  return all === 0 ? UNKNOWN : `${((failed / all) * 100).toFixed(1)} %`;
}

const COLUMNS: readonly TableColumn<Row>[] = [
  {
    key: "name",
    title: "Service",
    cell: (row) => (
      <Link className="hf-row" href={`/services/${encodeURIComponent(row.name)}`}>
        <Glyph status={row.status} /> <b>{row.name}</b>
      </Link>
    ),
  },
  { key: "state", title: "Worst state", cell: trouble },
  { key: "live", title: "Live", figure: true, cell: (row) => `${row.tiles.filter(isLive).length}/${row.tiles.length}` },
  { key: "requests", title: "Requests /s", figure: true, cell: (row) => requests(row.tiles) },
  { key: "errors", title: "Errors", figure: true, cell: (row) => errors(row.tiles) },
  { key: "p99", title: "Slowest p99", figure: true, cell: (row) => formatUs(max(row.tiles.filter(isLive).map((tile) => tile.p99Us))) },
  {
    key: "pool",
    title: "Fullest pool",
    figure: true,
    cell: (row) => {
      const pool = max(row.tiles.filter(isLive).map((tile) => tile.pool));
      return pool === null ? UNKNOWN : `${Math.round(pool * 100)} %`;
    },
  },
  {
    key: "versions",
    title: "Versions",
    figure: true,
    cell: (row) => [...new Set(row.tiles.map((tile) => tile.version || "unknown"))].join(", "),
  },
];

/** Every service by name: its worst state in words, and what it serves. */
export function ServicesScreen() {
  const store = useLiveStore();
  const services = useServices();
  const now = useNow(1000);
  const [filter, setFilter] = useQueryState("q", parseAsString.withDefault(""));
  const rows = services
    .map(({ name, instances }): Row => {
      const tiles = instances.map((instance) => tileOf(instance, store.ring(instance.key), now));
      return { name, tiles, status: worst(tiles.map((tile) => tile.status)) };
    })
    .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }))
    .filter((row) => `${row.name} ${statusWord(row.status)}`.toLowerCase().includes(filter.trim().toLowerCase()));
  const wrong = rows.filter((row) => severity(row.status) >= severity("warning")).length;
  return (
    <div className="sv-list">
      <div className="fl-bar">
        <h1>Services</h1>
        <span className="sv-more">
          {rows.length} {rows.length === 1 ? "service" : "services"}
          {wrong === 0 ? ", all well" : `, ${wrong} not well`}
        </span>
        <span className="hf-grow" />
        <FilterField label="Filter services" value={filter} onChange={(value) => void setFilter(value || null)} />
      </div>
      {rows.length === 0 ? (
        <p className="fl-wait">{services.length === 0 ? "No service has connected yet." : `No service matches “${filter}”.`}</p>
      ) : (
        <Table label="Services" rows={rows} rowKey={(row) => row.name} columns={COLUMNS} />
      )}
    </div>
  );
}
