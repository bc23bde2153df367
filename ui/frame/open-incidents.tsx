"use client";
import { useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useEffect, useRef } from "react";
import { Glyph } from "../components/glyph.tsx";
import { useConnectionState, useEvents } from "../live/hooks.ts";
import { useOpenIncidents } from "../screens/incidents/use-incidents.ts";
import { useEnvironment } from "./environment.tsx";
import "./open-incidents.css";

/** How many incidents are open, and the way there. Nothing while there is none. */
export function OpenIncidents() {
  const { environment } = useEnvironment();
  useFreshIncidents();
  const open = useOpenIncidents(environment).data ?? [];
  if (open.length === 0) return null;
  const [only] = open;
  const worst = Math.min(...open.map(({ severity }) => severity));
  return (
    <Link
      className="fr-incidents"
      href={open.length === 1 && only ? `/incidents/${String(only.number)}` : "/incidents"}
      title={open
        .slice(0, 5)
        .map(({ number, title }) => `#${String(number)} ${title}`)
        .join("\n")}
    >
      <Glyph status="open" size={14} />
      <b>{open.length}</b> <span>{open.length === 1 ? "incident" : "incidents"}</span>
      <span className="hf-unseen"> open, the worst is SEV{worst}</span>
    </Link>
  );
}

/** The same on a phone, where the header has no room: on the tab that leads there. */
export function OpenIncidentsBadge() {
  const { environment } = useEnvironment();
  const open = useOpenIncidents(environment).data ?? [];
  if (open.length === 0) return null;
  return (
    <span className="fr-incidents-badge">
      {open.length}
      <span className="hf-unseen"> open</span>
    </span>
  );
}

/** In an avalanche incidents change many times a second: they are read again at once, and then not more often than this. */
const READ_AGAIN_MS = 2_000;

/** Whatever was read of incidents is read again when the live socket says that one changed, or that it missed something. */
export function useFreshIncidents(): void {
  const client = useQueryClient();
  const { events, missed } = useEvents();
  const state = useConnectionState();
  const newest = events.find(({ type }) => type.startsWith("incident."))?.id ?? 0;
  const seen = useRef("");
  const due = useRef<ReturnType<typeof setTimeout>>(undefined);
  const readAt = useRef(-READ_AGAIN_MS);
  const now = `${String(newest)} ${String(missed)} ${state}`;
  useEffect(() => {
    if (seen.current === now) return;
    const first = seen.current === "";
    seen.current = now;
    if (first || state !== "live" || due.current !== undefined) return;
    due.current = setTimeout(
      () => {
        due.current = undefined;
        readAt.current = performance.now();
        void client.invalidateQueries({ queryKey: ["incidents"] });
      },
      Math.max(0, readAt.current + READ_AGAIN_MS - performance.now()),
    );
  }, [client, now, state]);
  useEffect(
    () => () => {
      clearTimeout(due.current);
      due.current = undefined;
    },
    [],
  );
}
