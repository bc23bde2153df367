import Link from "next/link";
import { memo } from "react";
import { severity, statusWord } from "../../../core/health.ts";
import { Glyph } from "../../components/glyph.tsx";
import { statusToken } from "../../components/glyph-paths.ts";
import { HEAD_WIDTH, type Box } from "./grid-layout.ts";
import { groupWords, type Grouping, type GroupState } from "./group-tiles.ts";

interface HeadProps {
  readonly group: GroupState;
  readonly by: Grouping;
  readonly box: Box;
}

/**
 * The head of a block: the worst of its members and how many of them, never their mean. A service opens; another group is filtered for. Its figures,
 * which change each second, are drawn on the canvas.
 */
export const GroupHead = memo(function GroupHead({ group, by, box }: HeadProps) {
  const { name, status, folded } = group;
  const href = by === "service" ? `/services/${encodeURIComponent(name)}` : `/?by=${by}&q=${encodeURIComponent(name)}`;
  return (
    <>
      <Link
        prefetch={false}
        href={href}
        className="fl-head"
        data-hot={severity(status) >= severity("warning")}
        style={{ left: box.x, top: box.y, width: HEAD_WIDTH, height: box.height }}
      >
        <span className="fl-head-name">
          <Glyph status={status} /> <b>{name}</b>
        </span>
        <span className="hf-hint">{folded ? "" : groupWords(group)}</span>
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
});
