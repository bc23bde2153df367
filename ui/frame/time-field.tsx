"use client";
import { useState } from "react";
import { useLiveStore } from "../live/live-provider.tsx";
import { typedMoment } from "../replay/moments.ts";
import { useReplay } from "../replay/replay-provider.tsx";

/** A moment that is typed: a time of day, a date, or how long ago. */
export function TimeField() {
  const replay = useReplay();
  const live = useLiveStore();
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState(false);
  return (
    <form
      className="rp-typed"
      onSubmit={(event) => {
        event.preventDefault();
        const at = typedMoment(typed, live.liveNow());
        setWrong(at === null);
        if (at === null) return;
        replay.seek(at);
        setTyped("");
      }}
    >
      <input
        aria-label="Go to a time"
        placeholder="14:02 or 5m ago"
        title="A time of day, a date and a time, or how long ago: 14:02:10, 14:02 utc, 2026-11-20 14:02, 5m ago"
        value={typed}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={wrong}
        onChange={(event) => {
          setTyped(event.target.value);
          setWrong(false);
        }}
      />
      {wrong ? (
        <span className="rp-wrong" role="alert">
          Not a time. Try 14:02 or 5m ago.
        </span>
      ) : null}
    </form>
  );
}
