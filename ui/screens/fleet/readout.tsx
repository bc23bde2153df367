import Link from "next/link";
import { statusWord } from "../../../core/health.ts";
import { formatDuration } from "../../components/duration.ts";
import { Glyph } from "../../components/glyph.tsx";
import { Kbd } from "../../components/kbd.tsx";
import type { TileWords } from "./fleet-picture.ts";

/** The focused tile in one fixed line, so that nothing ever covers its neighbours. */
export function Readout({ tile }: { tile: TileWords | null }) {
  if (!tile) {
    return (
      <div className="fl-readout" data-idle="true">
        <span className="hf-hint">Point at an instance, or move with the arrow keys, to read it here.</span>
      </div>
    );
  }
  const parts: readonly (readonly [string, string])[] = [
    ["State", `${statusWord(tile.status)}${tile.worst === "" ? "" : `: ${tile.worst}`}`],
    ["Requests", tile.requests === null ? "unknown" : `${tile.requests.toFixed(1)}/s`],
    ["Errors", tile.errors === null ? "unknown" : `${tile.errors.toFixed(1)} %`],
    ["p99", tile.p99Us === null ? "unknown" : `${Math.round(tile.p99Us / 1000)} ms`],
    ["Worst pool", tile.pool === null ? "none" : `${Math.round(tile.pool * 100)} %`],
    ["Version", tile.version || "unknown"],
    ["Policy", `r${tile.policyRevision}`],
    ["Last frame", tile.ageMs === null ? "never" : `${formatDuration(tile.ageMs)} ago`],
  ];
  return (
    <div className="fl-readout">
      <b className="hf-row">
        <Glyph status={tile.status} /> {tile.name}
      </b>
      <dl>
        {parts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className="hf-figure">{value}</dd>
          </div>
        ))}
      </dl>
      <Link prefetch={false} href={`/services/${encodeURIComponent(tile.service)}`} className="hf-hint">
        <Kbd>enter</Kbd> open
      </Link>
    </div>
  );
}
