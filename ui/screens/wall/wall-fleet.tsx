"use client";
import { statusWord } from "../../../core/health.ts";
import { Glyph } from "../../components/glyph.tsx";
import { useConnectionState } from "../../live/hooks.ts";
import { TotalsStrip } from "../fleet/totals-strip.tsx";
import { useWholeFleet } from "../fleet/use-fleet-picture.ts";

/** The six figures, and what is worst, in as many rows as there is room for. `filled` grows when samples of before came. */
export function WallFleet({ filled, room }: { readonly filled: number; readonly room: number }) {
  const heard = useConnectionState() !== "connecting";
  const picture = useWholeFleet(filled);
  if (picture === null || picture.words.totals.all === 0)
    return <p className="wl-plain">{heard ? "No agent has connected yet." : "Reading the fleet…"}</p>;
  const { words } = picture;
  const { items, total, quiet, quietTotal } = words.rail;
  return (
    <>
      <TotalsStrip words={words} />
      <ol className="wl-list" aria-label="Needs attention">
        {items.slice(0, room).map((item) => (
          <li key={item.key} className="wl-row" data-status={item.status}>
            <Glyph status={item.status} size={20} label={statusWord(item.status)} />
            <span className="wl-what">
              <b>{item.title}</b>
              <span>{item.text}</span>
            </span>
            <span className="wl-figure">{item.figure}</span>
          </li>
        ))}
      </ol>
      <p className="wl-foot">
        {total > room ? `and ${String(total - room)} more. ` : ""}
        {total === 0
          ? "Everything is quiet."
          : quietTotal === 0
            ? "No service is quiet."
            : `Quiet: ${quiet.join(", ")}${quietTotal > quiet.length ? ` and ${String(quietTotal - quiet.length)} more` : ""}.`}
      </p>
    </>
  );
}
