"use client";
/** After a page was not live, or too slow for what came: for how long, and how much happened meanwhile. It stays until it is sent away. */
import Link from "next/link";
import { useEffect, useState } from "react";
import { formatNumber, plural } from "../charts/format.ts";
import { Button } from "../components/button.tsx";
import { formatDuration } from "../components/duration.ts";
import { useEvents } from "../live/hooks.ts";
import { useLiveStore } from "../live/live-provider.tsx";
import type { LiveStore } from "../live/live-store.ts";
import { isoOf } from "../replay/moments.ts";

interface Gap {
  /** By the console's clock; `to` is null while it lasts. */
  readonly from: number;
  readonly to: number | null;
  /** What was known when it began. */
  readonly lastEvent: number;
  readonly missed: number;
}

/** Lost again so soon after: it is the same trouble, told as one. */
const ONE_TROUBLE_MS = 60_000;

/** The newest stretch without live news; one that only dropped events has no length. */
function useGap(): { readonly gap: Gap | null; readonly dismiss: () => void } {
  const store = useLiveStore();
  const [gap, setGap] = useState<Gap | null>(null);
  useEffect(() => {
    let told = store.missed;
    const look = (): void => {
      const { state, now } = store.connection;
      if (state === "lost")
        setGap((open) => (open !== null && now - (open.to ?? now) < ONE_TROUBLE_MS ? { ...open, to: null } : beginning(store)));
      if (state !== "live") return;
      setGap((open) => (open?.to === null ? { ...open, to: now } : store.missed > told ? (open ?? dropped(store, told)) : open));
      told = store.missed;
    };
    const leave = [store.subscribe("connection", look), store.subscribe("events", look)];
    return () => leave.forEach((unsubscribe) => unsubscribe());
  }, [store]);
  return { gap, dismiss: () => setGap(null) };
}

const beginning = ({ connection, lastEvent, missed }: LiveStore): Gap => ({ from: connection.now, to: null, lastEvent, missed });
const dropped = ({ connection: { now }, lastEvent }: LiveStore, missed: number): Gap => ({ from: now, to: now, lastEvent, missed });

export function BackLive() {
  const { gap, dismiss } = useGap();
  const { events, missed } = useEvents();
  if (gap === null || gap.to === null) return null;
  const { from, to } = gap;
  const came = events.filter(({ id, receivedAt }) => id > gap.lastEvent && receivedAt <= to).length;
  const left = missed - gap.missed;
  return (
    <aside className="rp-away" aria-label="Live again">
      <span role="status">
        {to > from ? (
          <>
            <b>Live again</b>, after {formatDuration(to - from)}.{" "}
          </>
        ) : (
          <>
            <b>This page could not keep up.</b>{" "}
          </>
        )}
        {came + left === 0 ? "Nothing happened meanwhile." : `${plural(came + left, "event")} came meanwhile.`}
        {left === 0 ? "" : ` ${formatNumber(left)} of them were not sent to this page; they are in the log.`}
      </span>
      <span className="rp-away-acts">
        {came + left === 0 ? null : (
          <Link
            className="hf-button"
            data-tone="default"
            href={to > from ? `/events?from=${isoOf(from)}&to=${isoOf(to)}` : "/events"}
            onClick={dismiss}
          >
            Events
          </Link>
        )}
        <Button tone="quiet" onClick={dismiss}>
          Dismiss
        </Button>
      </span>
    </aside>
  );
}
