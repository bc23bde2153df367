"use client";
import { ChangeMarkers } from "../charts/change-markers.tsx";
import { changesOf } from "../charts/changes.ts";
import { formatMinute } from "../charts/format.ts";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import type { LoggedEvent } from "../../protocol/live.ts";
import { Ticking } from "../components/ticking.tsx";
import { get, query } from "../api/client.ts";
import { usePastUntil } from "../api/queries.ts";
import { useEnvironmentName, useEvents, useNow } from "../live/hooks.ts";
import { useLiveStore } from "../live/live-provider.tsx";
import { WINDOW_MS as REPLAYED_MS } from "../replay/replay-window.ts";
import { openRuns, type OpenRun } from "./open-runs.ts";

const WINDOW_MS = 15 * 60_000;
const WIDTH = 1000;
/** In so long the tide moves by a few pixels; what happens is drawn at once, and the clocks at its ends tick. */
const MOVES_MS = 5_000;

/** The last 15 minutes at the foot of every page: open breakers as a tide, changes by people as marks. */
export function Tideline() {
  const environment = useEnvironmentName();
  const store = useLiveStore();
  const now = useNow(store.past ? 1000 : MOVES_MS);
  const { events } = useEvents();
  const until = usePastUntil();
  const past = useQuery({
    queryKey: ["tideline", environment, until],
    enabled: environment !== "",
    queryFn: ({ signal }) =>
      get<{ items: LoggedEvent[] }>(
        `/events${query({ environment, since: Math.round((until ?? now) - WINDOW_MS - REPLAYED_MS), until, limit: 500 })}`,
        signal,
      ),
    ...(until === null ? { refetchInterval: 60_000 } : { staleTime: Infinity }),
  });
  const stored = past.data?.items;
  const known = useMemo(() => {
    const byId = new Map<number, LoggedEvent>();
    for (const event of [...(stored ?? []), ...events]) byId.set(event.id, event);
    return [...byId.values()].sort((a, b) => a.at - b.at);
  }, [stored, events]);
  // The clock moves each second; what runs out at the left edge changes once in a while.
  const oldest = known.findIndex((event) => event.at > now - WINDOW_MS);
  const later = until === null ? -1 : known.findIndex((event) => event.at > now);
  const newest = later < 0 ? known.length : later;
  const { recent, changes } = useMemo(() => {
    const shown = oldest < 0 ? [] : known.slice(oldest, newest);
    return { recent: shown, changes: changesOf(shown) };
  }, [known, oldest, newest]);
  const from = now - WINDOW_MS;
  const begin = useCallback(() => formatMinute(store.now() - WINDOW_MS), [store]);
  const end = useCallback(() => formatMinute(store.now()), [store]);
  const x = (at: number): number => Math.max(0, ((at - from) / WINDOW_MS) * WIDTH);
  const runs = openRuns(recent, now);
  // One open breaker among many must not look like a flood.
  const tallest = Math.max(4, ...runs.map((run) => run.open));
  const bar = (run: OpenRun) => {
    const height = 3 + (run.open / tallest) * 11;
    return (
      <rect
        key={run.from}
        x={x(run.from)}
        y={20 - height}
        width={Math.max(1, x(run.to) - x(run.from))}
        height={height}
        className="fr-tide-open"
      />
    );
  };
  return (
    <footer className="fr-tide">
      <span className="hf-hint">{until === null ? "Last 15 min" : "15 min until then"}</span>
      <time className="hf-figure">
        <Ticking everyMs={1000} read={begin} />
      </time>
      <div className="fr-tide-time">
        <svg
          viewBox={`0 0 ${WIDTH} 20`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${until === null ? "Last 15 minutes" : "The 15 minutes until then"}: ${runs.filter((run) => run.open > 0).length} periods with open breakers, ${changes.length} changes`}
        >
          <line x1="0" x2={WIDTH} y1="19.5" y2="19.5" className="fr-tide-line" />
          {runs.filter((run) => run.open > 0).map(bar)}
        </svg>
        <ChangeMarkers changes={changes} window={{ from, to: now }} />
      </div>
      <time className="hf-figure">
        <Ticking everyMs={1000} read={end} />
      </time>
    </footer>
  );
}
