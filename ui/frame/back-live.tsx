"use client";
/** After a page was not live, or too slow for what came: for how long, and how much happened meanwhile. It stays until it is sent away. */
import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import { formatNumber, plural } from "../charts/format.ts";
import { Button } from "../components/button.tsx";
import { formatDuration } from "../components/duration.ts";
import { useLiveStore } from "../live/live-provider.tsx";
import type { LiveStore } from "../live/live-store.ts";
import { isoOf } from "../replay/moments.ts";
import { lookAgain, NOTHING_SEEN, type Gap, type Look } from "./live-gap.ts";

/** The newest stretch without live news; one that only dropped events has no length. */
function useGap(): { readonly gap: Gap | null; readonly dismiss: () => void } {
  const store = useLiveStore();
  const [gap, setGap] = useState<Gap | null>(null);
  const watch = useRef(NOTHING_SEEN);
  useEffect(() => {
    watch.current = NOTHING_SEEN;
    const look = (): void => {
      watch.current = lookAgain(watch.current, lookAt(store));
      setGap(watch.current.gap);
    };
    look();
    return store.subscribe("connection", look);
  }, [store]);
  const dismiss = (): void => {
    watch.current = { ...watch.current, gap: null };
    setGap(null);
  };
  return { gap, dismiss };
}

const lookAt = ({ connection: { state, now }, arrived, missed, events, heldBack }: LiveStore): Look => ({
  ...{ state, now, arrived, missed, events },
  held: heldBack !== null,
});

export function BackLive() {
  const { gap, dismiss } = useGap();
  if (gap === null || gap.to === null) return null;
  const { from, to, told } = gap;
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
        {told === null ? null : inWords(told)}
      </span>
      <span className="rp-away-acts">
        {told === null || told.happened === 0 ? null : (
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

function inWords({ happened, unsent }: NonNullable<Gap["told"]>): string {
  if (happened === 0) return "Nothing happened meanwhile.";
  const came = `${plural(happened, "event")} came meanwhile.`;
  return unsent === 0 ? came : `${came} ${formatNumber(unsent)} of them were not sent to this page; they are in the log.`;
}
