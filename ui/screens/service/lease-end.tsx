"use client";

import { formatClock } from "../../charts/format.ts";
import { Countdown } from "../../components/countdown.tsx";
import { useLiveNow, usePast } from "../../live/hooks.ts";

/** When a change ends by itself: what is left of its time, or in a replay the time of day. */
export function LeaseEnd({ at }: { readonly at: number | null }) {
  const past = usePast();
  const now = useLiveNow(1000);
  if (at === null) return <span data-tone="warning">no expiry</span>;
  if (past) return <span className="svc-mono">until {formatClock(at)}</span>;
  return (
    <span>
      <Countdown at={at} />
      {now < at ? " left" : ""}
    </span>
  );
}
