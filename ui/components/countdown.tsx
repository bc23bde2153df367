"use client";
import { useLiveNow } from "../live/hooks.ts";
import { formatDuration } from "./duration.ts";

/** Time left until `at`; "ended" from then on. */
export function Countdown({ at }: { at: number }) {
  const now = useLiveNow(500);
  return (
    <time className="hf-figure" dateTime={new Date(at).toISOString()} title={new Date(at).toLocaleString()}>
      {now >= at ? "ended" : formatDuration(at - now)}
    </time>
  );
}
