"use client";
import { useEffect } from "react";
import { formatClock, formatDuration } from "../components/duration.ts";
import { Kbd } from "../components/kbd.tsx";
import { useConnection, useNow, usePaused } from "../live/hooks.ts";

/** LIVE, PAUSED +n, or NOT LIVE with the age of what is shown. Space pauses, as long as nothing else has the focus. */
export function TimeControl() {
  const { state, now, ageMs, attempt } = useConnection();
  const shown = useNow(500);
  const { paused, missed, toggle } = usePaused();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target instanceof HTMLElement ? event.target : null;
      if (event.key !== " " || event.ctrlKey || event.metaKey || event.altKey) return;
      if (target?.closest("input, textarea, select, button, a, [role=dialog], [role=grid], [tabindex]") && target !== document.body) return;
      event.preventDefault();
      toggle();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [toggle]);

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
        {paused ? "Resume" : "Pause"} <Kbd>space</Kbd>
      </button>
    </span>
  );
}
