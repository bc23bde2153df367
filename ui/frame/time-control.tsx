"use client";
import { History, Pause, Play } from "lucide-react";
import { useCallback } from "react";
import { formatClock } from "../charts/format.ts";
import { formatDuration } from "../components/duration.ts";
import { Kbd } from "../components/kbd.tsx";
import { Ticking } from "../components/ticking.tsx";
import { useConnection, useConnectionState, usePaused } from "../live/hooks.ts";
import { useLiveStore } from "../live/live-provider.tsx";
import { useReplay, useReplayed } from "../replay/replay-provider.tsx";
import { momentWords } from "./replay-words.ts";

/** How far back a replay begins that nobody gave a moment. */
const BACK_MS = 60_000;

/** LIVE, PAUSED +n, REPLAY, or NOT LIVE with the age of what is shown. The map of keys says which keys do the same. */
export function TimeControl() {
  const state = useConnectionState();
  const past = useReplayed((view) => view.phase !== "live");
  if (past) return <PastControl lost={state === "lost"} />;
  if (state === "lost") return <LostControl />;
  if (state === "connecting") {
    return (
      <span className="fr-time" data-state="connecting" role="status">
        <strong>Connecting…</strong>
      </span>
    );
  }
  return <PresentControl />;
}

function LostControl() {
  const { now, ageMs, attempt } = useConnection();
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

function PresentControl() {
  const store = useLiveStore();
  const shown = useCallback(() => formatClock(store.now()), [store]);
  const replay = useReplay();
  const { paused, missed, toggle } = usePaused();
  return (
    <span className="fr-time" data-state={paused ? "paused" : "live"}>
      <strong>
        {paused ? "PAUSED" : "LIVE"}{" "}
        <span className="hf-figure">
          <Ticking everyMs={500} read={shown} />
        </span>
        {paused ? ` +${missed}` : ""}
      </strong>
      <button type="button" onClick={toggle} aria-pressed={paused} aria-label={paused ? "Resume p" : "Pause p"}>
        <span className="rp-short">{paused ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />}</span>
        <span className="rp-long">{paused ? "Resume" : "Pause"}</span> <Kbd>p</Kbd>
      </button>
      <button type="button" aria-label="Go back in time" title="Go back in time" onClick={() => replay.nudge(-BACK_MS)}>
        <History size={14} aria-hidden />
      </button>
    </span>
  );
}

function PastControl({ lost }: { readonly lost: boolean }) {
  const { now } = useConnection();
  const replay = useReplay();
  const at = useReplayed((view) => Math.floor(view.at / 1000) * 1000);
  return (
    <span className="fr-time" data-state="past">
      <strong>
        REPLAY <span className="hf-figure">{momentWords(at, now)}</span>
      </strong>
      <button type="button" onClick={() => replay.goLive()}>
        <span>
          <span className="rp-long">Back to </span>
          {lost ? "now" : "live"}
        </span>{" "}
        <Kbd>l</Kbd>
      </button>
    </span>
  );
}
