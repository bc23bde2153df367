"use client";
/** The time that the page of a service looks at: a live window of the reader's choice, or a zoom into the past. */
import { parseAsStringLiteral, useQueryState } from "nuqs";
import type { ReactNode } from "react";
import { TimeAxisProvider, useZoom } from "../../charts/time-axis.tsx";
import { LIVE_WINDOW_NAMES, LIVE_WINDOWS, liveSpan, type LiveWindow } from "../../charts/time-window.ts";
import { useChanges } from "../../charts/use-span-events.ts";
import { useEnvironment } from "../../frame/environment.tsx";
import { useEpoch, useNow } from "../../live/hooks.ts";

const parseWindow = parseAsStringLiteral(LIVE_WINDOW_NAMES).withDefault("15m");
/** The window is looked at so often; it stands still within a step of its charts. */
const BEAT_MS = 2_000;
/** Now, for what can be zoomed to, in such steps. */
const EDGE_MS = 10_000;
/** A zoom lies within what one answer of stored series covers. */
const REACH_MS = 400 * 86_400_000;

export function useLiveWindow(): readonly [LiveWindow, (next: LiveWindow) => void] {
  const [name, setName] = useQueryState("w", parseWindow);
  return [name, (next) => void setName(next)];
}

export function ServiceTime({ service, children }: { readonly service: string; readonly children: ReactNode }) {
  const { environment } = useEnvironment();
  const [name] = useLiveWindow();
  // A replay that jumps is drawn at once.
  useEpoch();
  const now = useNow(BEAT_MS);
  const full = liveSpan(LIVE_WINDOWS[name], now);
  const edge = Math.ceil(now / EDGE_MS) * EDGE_MS;
  const bounds = { from: edge - REACH_MS, to: edge };
  const zoom = useZoom(bounds);
  const changes = useChanges({ environment, span: zoom ?? full, moving: zoom === null, services: [service] });
  return (
    <TimeAxisProvider full={full} bounds={bounds} changes={changes}>
      {children}
    </TimeAxisProvider>
  );
}
