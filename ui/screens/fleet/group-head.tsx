import Link from "next/link";
import { severity, statusWord } from "../../../core/health.ts";
import { Glyph } from "../../components/glyph.tsx";
import { statusToken } from "../../components/glyph-paths.ts";
import { HEAD_WIDTH, type Box } from "./grid-layout.ts";
import { groupWords, type Grouping, type TileGroup } from "./group-tiles.ts";

/** The head of a block: the worst of its members and how many of them, never their mean. A service opens; another group is filtered for. */
export function GroupHead({ group, by, box }: { group: TileGroup; by: Grouping; box: Box }) {
  const { name, tiles, status, folded } = group;
  const requests = tiles.reduce((sum, tile) => sum + (tile.requests ?? 0), 0);
  const failing = tiles.reduce((sum, tile) => sum + ((tile.requests ?? 0) * (tile.errors ?? 0)) / 100, 0);
  const href = by === "service" ? `/services/${encodeURIComponent(name)}` : `/?by=${by}&q=${encodeURIComponent(name)}`;
  return (
    <>
      <Link
        href={href}
        className="fl-head"
        data-hot={severity(status) >= severity("warning")}
        style={{ left: box.x, top: box.y, width: HEAD_WIDTH, height: box.height }}
      >
        <span className="fl-head-name">
          <Glyph status={status} /> <b>{name}</b>
        </span>
        <span className="fl-head-figures hf-figure">
          <span>{tiles.some((tile) => tile.requests !== null) ? `${Math.round(requests).toLocaleString("en")}/s` : "unknown"}</span>
          <span data-bad={requests > 0 && failing / requests >= 0.01}>
            {requests === 0 ? "" : `${((failing / requests) * 100).toFixed(1)} %`}
          </span>
        </span>
        {folded ? null : <span className="hf-hint">{groupWords(group)}</span>}
      </Link>
      {folded ? (
        <div className="fl-spread" style={{ left: box.x + HEAD_WIDTH, top: box.y, width: box.width - HEAD_WIDTH, height: box.height }}>
          <span className="fl-spread-bar" aria-hidden>
            {group.counts.map(({ status: one, count }) => (
              <i key={one} data-status={statusToken(one)} style={{ flexGrow: count }} />
            ))}
          </span>
          <ul>
            {group.counts.map(({ status: one, count }) => (
              <li key={one}>
                <Glyph status={one} size={12} /> <b className="hf-figure">{count}</b> {statusWord(one)}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </>
  );
}
