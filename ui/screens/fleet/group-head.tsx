import Link from "next/link";
import { memo } from "react";
import { severity, statusWord, type Status } from "../../../core/health.ts";
import { Glyph } from "../../components/glyph.tsx";
import { statusToken } from "../../components/glyph-paths.ts";
import { formatNumber } from "../../charts/format.ts";
import { HEAD_WIDTH, type Box } from "./grid-layout.ts";
import { groupWords, type Grouping, type TileGroup } from "./group-tiles.ts";

/** The head of a block: the worst of its members and how many of them, never their mean. A service opens; another group is filtered for. */
export function GroupHead({ group, by, box }: { group: TileGroup; by: Grouping; box: Box }) {
  const { name, status, folded } = group;
  return (
    <>
      <HeadLink name={name} by={by} status={status} words={folded ? "" : groupWords(group)} x={box.x} y={box.y} height={box.height} />
      <HeadFigures group={group} x={box.x} y={box.y} />
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

/** What seldom changes. */
const HeadLink = memo(function HeadLink({
  name,
  by,
  status,
  words,
  x,
  y,
  height,
}: {
  name: string;
  by: Grouping;
  status: Status;
  words: string;
  x: number;
  y: number;
  height: number;
}) {
  const href = by === "service" ? `/services/${encodeURIComponent(name)}` : `/?by=${by}&q=${encodeURIComponent(name)}`;
  return (
    <Link
      href={href}
      className="fl-head"
      data-hot={severity(status) >= severity("warning")}
      style={{ left: x, top: y, width: HEAD_WIDTH, height }}
    >
      <span className="fl-head-name">
        <Glyph status={status} /> <b>{name}</b>
      </span>
      <span className="hf-hint">{words}</span>
    </Link>
  );
});

/** What changes each second lies over the link, so that the link does not. */
function HeadFigures({ group: { tiles }, x, y }: { group: TileGroup; x: number; y: number }) {
  let [requests, failing, known] = [0, 0, false];
  for (const tile of tiles) {
    if (tile.requests === null) continue;
    known = true;
    requests += tile.requests;
    failing += (tile.requests * (tile.errors ?? 0)) / 100;
  }
  return (
    <span className="fl-head-figures hf-figure" style={{ left: x, top: y, width: HEAD_WIDTH }}>
      <span>{known ? `${formatNumber(Math.round(requests))}/s` : "unknown"}</span>
      <span data-bad={requests > 0 && failing / requests >= 0.01}>
        {requests === 0 ? "" : `${((failing / requests) * 100).toFixed(1)} %`}
      </span>
    </span>
  );
}
