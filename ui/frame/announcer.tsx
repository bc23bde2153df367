"use client";
import { useEffect, useRef, useState } from "react";
import { useEvents } from "../live/hooks.ts";

const EVERY_MS = 5000;

/** One polite live region for the whole console: transitions only, at most one sentence in five seconds. */
export function Announcer() {
  const { events } = useEvents();
  const [text, setText] = useState("");
  const spokenAt = useRef(0);
  const spokenId = useRef(0);
  useEffect(() => {
    const fresh = events.filter(
      (event) => event.id > spokenId.current && (event.type.startsWith("breaker.") || event.type.startsWith("flip.")),
    );
    const newest = fresh[0];
    if (!newest || Date.now() - spokenAt.current < EVERY_MS) return;
    spokenAt.current = Date.now();
    spokenId.current = newest.id;
    const subject = newest.resource
      ? `${newest.service ?? ""} ${newest.resource.name}`
      : String(newest.data["switch"] ?? newest.service ?? "");
    const more = fresh.length > 1 ? `, and ${fresh.length - 1} more changes` : "";
    setText(`${subject}: ${newest.type.replace(".", " ").replace("_", " ")}${more}`);
  }, [events]);
  return (
    <div className="hf-unseen" aria-live="polite" role="log">
      {text}
    </div>
  );
}
