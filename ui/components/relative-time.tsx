"use client";
import { useNow } from "../live/hooks.ts";
import { formatDuration } from "./duration.ts";

/** "12 s ago", kept true; the exact local and UTC time on hover. */
export function RelativeTime({ at }: { at: number }) {
  const now = useNow(1000);
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={`${date.toLocaleString()} (${date.toISOString()})`} suppressHydrationWarning>
      {now - at < 1500 ? "now" : `${formatDuration(now - at)} ago`}
    </time>
  );
}
