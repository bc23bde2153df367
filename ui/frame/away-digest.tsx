"use client";
/** After minutes away: what happened meanwhile, in one line that can be sent away. */
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useEffect, useState } from "react";
import type { LoggedEvent } from "../../protocol/live.ts";
import { get, query } from "../api/client.ts";
import { Button } from "../components/button.tsx";
import { formatDuration } from "../components/duration.ts";
import { useConnectionState, usePaused } from "../live/hooks.ts";
import { useLiveStore } from "../live/live-provider.tsx";
import { isoOf } from "../replay/moments.ts";
import { useReplay, useReplayed } from "../replay/replay-provider.tsx";
import { AWAY_MS, awaySummary } from "./away-summary.ts";
import { useEnvironment } from "./environment.tsx";

/** A page in sight says so this often. */
const SEEN_MS = 15_000;
const seenKey = (environment: string): string => `holdfast.seen.${environment}`;

interface Away {
  readonly from: number;
  readonly to: number;
}

/** Since when nobody had looked, once somebody looks again; null when that is not long ago or was sent away. */
function useAway(): { readonly away: Away | null; readonly dismiss: () => void } {
  const { environment } = useEnvironment();
  const store = useLiveStore();
  const state = useConnectionState();
  const { paused } = usePaused();
  const past = useReplayed((view) => view.phase !== "live");
  const looking = state === "live" && !paused && !past;
  const [away, setAway] = useState<Away | null>(null);
  useEffect(() => {
    if (!looking) return;
    const look = (): void => {
      if (document.visibilityState === "hidden") return;
      const now = Math.round(store.liveNow());
      const seen = Number(read(seenKey(environment)) ?? now);
      if (now - seen > AWAY_MS) setAway({ from: seen, to: now });
      write(seenKey(environment), String(now));
    };
    look();
    const timer = setInterval(look, SEEN_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [environment, looking, store]);
  return { away, dismiss: () => setAway(null) };
}

export function AwayDigest() {
  const { environment } = useEnvironment();
  const { away, dismiss } = useAway();
  const replay = useReplay();
  const events = useQuery({
    queryKey: ["away", environment, away?.from, away?.to],
    enabled: away !== null,
    queryFn: ({ signal }) =>
      get<{ items: LoggedEvent[]; nextCursor: string | null }>(
        `/events${query({ environment, since: away?.from, until: away?.to, limit: 500 })}`,
        signal,
      ),
    staleTime: Infinity,
  });
  const summary = away === null || events.data === undefined ? null : awaySummary(events.data.items, away);
  if (away === null || summary === null) return null;
  const atLeast = events.data?.nextCursor == null ? "" : "at least ";
  return (
    <aside className="rp-away" aria-label="While you were away">
      <span>
        <b>While you were away</b> ({formatDuration(away.to - away.from)}): {atLeast}
        {summary.parts.join(", ")}
        {summary.services.length === 0 ? "" : ` in ${summary.services.slice(0, 4).join(", ")}`}
        {summary.services.length > 4 ? ` and ${summary.services.length - 4} more` : ""}.
      </span>
      <span className="rp-away-acts">
        <Button
          onClick={() => {
            replay.seek(away.from);
            replay.setSpeed(30);
            dismiss();
          }}
        >
          Replay it
        </Button>
        <Link className="hf-button" data-tone="default" href={spanHref(away)} onClick={dismiss}>
          Events
        </Link>
        <Button tone="quiet" onClick={dismiss}>
          Dismiss
        </Button>
      </span>
    </aside>
  );
}

/** The log of exactly the span that was missed. */
const spanHref = ({ from, to }: Away): string => `/events?from=${isoOf(from)}&to=${isoOf(to)}`;

/** A browser that keeps nothing counts as one that never looked away. */
function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Nothing is lost but the telling.
  }
}
