"use client";
import { useEffect, useRef, useState } from "react";
import { useEvents } from "../live/hooks.ts";
import { useLiveStore } from "../live/live-provider.tsx";
import { announcement, SPEAK_EVERY_MS } from "./announcement.ts";

/** One polite live region for the whole console: transitions only, worst first, at most one sentence in five seconds. */
export function Announcer() {
  const store = useLiveStore();
  const { events } = useEvents();
  const [text, setText] = useState("");
  const spokenAt = useRef(-Infinity);
  const spokenId = useRef(0);
  useEffect(() => {
    const speak = (): void => {
      const said = announcement(events, { spokenId: spokenId.current, now: store.liveNow() });
      if (said === null) return;
      spokenAt.current = performance.now();
      spokenId.current = said.spokenId;
      setText(said.text);
    };
    // What comes too early waits, so that nothing is left unsaid when it becomes quiet.
    const timer = setTimeout(speak, Math.max(0, spokenAt.current + SPEAK_EVERY_MS - performance.now()));
    return () => clearTimeout(timer);
  }, [events, store]);
  return (
    <div className="hf-unseen" aria-live="polite" role="log">
      {text}
    </div>
  );
}
