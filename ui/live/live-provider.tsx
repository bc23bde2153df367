"use client";
/** Gives the screens the live store and keeps its connection while they are open. */
import { createContext, useContext, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from "react";
import { issueTicket } from "../api/issue-ticket.ts";
import { Follower, type Follows } from "./follower.ts";
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

interface Line {
  readonly follower: Follower;
  /** Connects anew, for a snapshot of everything. */
  readonly again: () => void;
}
const LineContext = createContext<Line | null>(null);

/** The line to the console, for who reads along. */
export function useLine(): Line {
  const line = useContext(LineContext);
  if (!line) throw new Error("no live provider above this component");
  return line;
}

/** Whether the live store holds the values of the fleet as they are now. */
export function useFollows(): Follows {
  const { follower } = useLine();
  return useSyncExternalStore(
    follower.subscribe,
    () => follower.follows,
    () => "following",
  );
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
  const [follower] = useState(() => new Follower(store));
  const [connections, setConnections] = useState(0);
  const line = useMemo(() => ({ follower, again: () => setConnections((count) => count + 1) }), [follower]);
  useEffect(
    () =>
      startLiveClient({
        store,
        environment,
        hear: (text) => follower.hear(text),
        origin: window.location.origin,
        ticket: issueTicket,
        signedOut: () => window.location.assign(`/sign-in?next=${encodeURIComponent(window.location.pathname + window.location.search)}`),
      }),
    [store, follower, environment, connections],
  );
  return (
    <LineContext value={line}>
      <LiveContext value={store}>{children}</LiveContext>
    </LineContext>
  );
}
