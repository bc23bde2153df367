"use client";
import { formatClock, formatDuration } from "../components/duration.ts";
import { Kbd } from "../components/kbd.tsx";
import { useConnection, useNow, usePaused } from "../live/hooks.ts";

/** LIVE, PAUSED +n, or NOT LIVE with the age of what is shown. Space and p pause; the map of keys says when. */
export function TimeControl() {
  const { state, now, ageMs, attempt } = useConnection();
  const shown = useNow(500);
  const { paused, missed, toggle } = usePaused();
  if (state === "lost") {
    return (
      <span className="fr-time" data-state="lost" role="status">
        <span>Reconnecting, try {Math.max(1, attempt)}</span>
        <strong>
          <span>
            NOT LIVE {formatClock(now - (ageMs ?? 0))}, {formatDuration(ageMs ?? 0)} old
          </span>
        </strong>
      </span>
    );
  }
  if (state === "connecting") {
    return (
      <span className="fr-time" data-state="connecting" role="status">
        <strong>Connecting…</strong>
      </span>
    );
  }
  return (
    <span className="fr-time" data-state={paused ? "paused" : "live"}>
      <strong>
        {paused ? "PAUSED" : "LIVE"} <span className="hf-figure">{formatClock(shown)}</span>
        {paused ? ` +${missed}` : ""}
      </strong>
      <button type="button" onClick={toggle} aria-pressed={paused}>
        {paused ? "Resume" : "Pause"} <Kbd>p</Kbd>
      </button>
    </span>
  );
}
