"use client";
/** Gives the screens the live store and keeps its connection while they are open. */
import { createContext, useContext, useEffect, useState, type ReactNode } from "react";
import { issueTicket } from "../api/issue-ticket.ts";
import { startLiveClient } from "./live-client.ts";
import { LiveStore } from "./live-store.ts";

const FRAME_MS = 16;

/** The store that screens read; a replay puts its own in its place. */
export const LiveContext = createContext<LiveStore | null>(null);

export function useLiveStore(): LiveStore {
  const store = useContext(LiveContext);
  if (!store) throw new Error("no live provider above this component");
  return store;
}

export function LiveProvider({ environment, children }: { environment: string; children: ReactNode }) {
  const [store] = useState(
    () =>
      new LiveStore({
        // No animation frame: a flush that changes nothing on the screen must not cause one.
        schedule: (flush) => setTimeout(flush, document.visibilityState === "hidden" ? 1000 : FRAME_MS),
        clock: () => Date.now(),
        environment,
      }),
  );
  useEffect(
    () =>
      startLiveClient({
        store,
        environment,
        origin: window.location.origin,
        ticket: issueTicket,
        signedOut: () => window.location.assign(`/sign-in?next=${encodeURIComponent(window.location.pathname + window.location.search)}`),
      }),
    [store, environment],
  );
  return <LiveContext value={store}>{children}</LiveContext>;
}
