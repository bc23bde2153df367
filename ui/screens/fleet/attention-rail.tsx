"use client";
import { formatClock } from "../../charts/format.ts";
import Link from "next/link";
import { memo, useMemo } from "react";
import { attention, AttentionRanking } from "../../../core/attention.ts";
import type { InstanceState } from "../../../core/fleet.ts";
import { statusWord } from "../../../core/health.ts";
import { Glyph } from "../../components/glyph.tsx";
import { useConnectionState, useEpoch } from "../../live/hooks.ts";
import { useLiveStore } from "../../live/live-provider.tsx";
import type { Tile } from "./tile-model.ts";

const SHOWN = 20;

/** What needs a person, worst first; an order changes only when it has held for five seconds. */
export const AttentionRail = memo(function AttentionRail({
  fleet,
  tiles,
  now: shown,
}: {
  fleet: readonly InstanceState[];
  tiles: readonly Tile[];
  now: number;
}) {
  const store = useLiveStore();
  // While the console itself is silent the list stays as it last was: no agent is to blame for that.
  const lost = useConnectionState() === "lost";
  const now = lost ? Math.min(shown, store.connection.now) : shown;
  const epoch = useEpoch();
  // After a jump in time no order has held yet.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const ranking = useMemo(() => new AttentionRanking(), [epoch]);
  const { items, quiet } = useMemo(() => {
    const shed = new Map(tiles.map((tile) => [tile.key, tile.shed]));
    const found = attention(fleet, now, (instance) => shed.get(instance.key) ?? 0);
    const ranked = ranking.update(found, now);
    const rest = new Set(fleet.map((instance) => instance.service));
    for (const item of ranked) rest.delete(item.service);
    return { items: ranked, quiet: rest };
  }, [ranking, fleet, tiles, now]);
  return (
    <section className="fl-rail" aria-label="Needs attention">
      <header>
        <h2>
          Needs attention <span className="hf-figure">{items.length}</span>
        </h2>
        <span className="hf-hint">worst first, holds 5 s</span>
      </header>
      {lost ? (
        <p className="fl-rail-lost" role="status">
          <b>The console is not heard.</b> This list is of {formatClock(now)}; what has happened since is unknown.
        </p>
      ) : null}
      <ol>
        {items.slice(0, SHOWN).map((item) => (
          <li key={item.key} data-status={item.status}>
            <Link href={item.status === "switched" ? "/switchboard" : `/services/${encodeURIComponent(item.service)}`}>
              <Glyph status={item.status} label={statusWord(item.status)} />
              <span className="hf-grow">
                <span className="fl-rail-title">
                  <b>{item.title}</b>
                  <span className="hf-figure">{item.figure}</span>
                </span>
                <span className="fl-rail-text">{item.text}</span>
              </span>
            </Link>
          </li>
        ))}
      </ol>
      {items.length > SHOWN ? <p className="fl-rail-foot">and {items.length - SHOWN} more</p> : null}
      <p className="fl-rail-foot">
        <Glyph status="closed" />{" "}
        {items.length === 0
          ? "Everything is quiet."
          : quiet.size === 0
            ? "No service is quiet."
            : `Everything else is quiet: ${[...quiet].slice(0, 4).join(", ")}${quiet.size > 4 ? ` and ${quiet.size - 4} more` : ""}.`}
      </p>
    </section>
  );
});
