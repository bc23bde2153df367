import Link from "next/link";
import { statusWord } from "../../../core/health.ts";
import { formatUs } from "../../charts/format.ts";
import { formatDuration } from "../../components/duration.ts";
import { Glyph } from "../../components/glyph.tsx";
import { Table, type TableColumn } from "../../components/table.tsx";
import { isHeard, type Tile } from "./tile-model.ts";

const COLUMNS: readonly TableColumn<Tile>[] = [
  {
    key: "instance",
    title: "Instance",
    cell: (tile) => (
      <Link prefetch={false} href={`/services/${encodeURIComponent(tile.service)}`} className="hf-row">
        <Glyph status={tile.status} /> {tile.key}
      </Link>
    ),
  },
  { key: "state", title: "State", cell: (tile) => `${statusWord(tile.status)}${tile.worst === "" ? "" : `: ${tile.worst}`}` },
  { key: "version", title: "Version", cell: (tile) => tile.version },
  { key: "requests", title: "Requests /s", figure: true, cell: (tile) => (tile.requests === null ? "unknown" : tile.requests.toFixed(1)) },
  { key: "errors", title: "Errors", figure: true, cell: (tile) => (tile.errors === null ? "unknown" : `${tile.errors.toFixed(1)} %`) },
  { key: "p99", title: "p99", figure: true, cell: (tile) => (tile.p99Us === null ? "unknown" : formatUs(tile.p99Us)) },
  { key: "pool", title: "Worst pool", figure: true, cell: (tile) => (tile.pool === null ? "none" : `${Math.round(tile.pool * 100)} %`) },
  { key: "shed", title: "Shed /s", figure: true, cell: (tile) => (isHeard(tile) ? tile.shed.toFixed(0) : "unknown") },
  { key: "policy", title: "Policy", figure: true, cell: (tile) => `r${tile.policyRevision}` },
  {
    key: "frame",
    title: "Last frame",
    figure: true,
    cell: (tile) => (tile.ageMs === null ? "never" : `${formatDuration(tile.ageMs)} ago`),
  },
];

/** Everything the grid shows, as words and figures. */
export function TileTable({ tiles }: { tiles: readonly Tile[] }) {
  return <Table label="Instances" columns={COLUMNS} rows={tiles} rowKey={(tile) => tile.key} />;
}
