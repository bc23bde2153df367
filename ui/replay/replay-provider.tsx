"use client";
/** Gives the frame its player, and the screens the picture of the moment it shows. */
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { LiveContext, useLiveStore } from "../live/live-provider.tsx";
import { replayRequests } from "./replay-source.ts";
import { ReplayStore, type ReplayView } from "./replay-store.ts";

/** The player that the frame and the screens follow. */
export const ReplayContext = createContext<ReplayStore | null>(null);

export function useReplay(): ReplayStore {
  const replay = useContext(ReplayContext);
  if (!replay) throw new Error("no replay provider above this component");
  return replay;
}

/** What the player shows; draws again with each of its steps, five a second while it plays. */
export function useReplayView(): ReplayView {
  const replay = useReplay();
  return useSyncExternalStore(
    (listener) => replay.subscribe(listener),
    () => replay.view,
    () => replay.view,
  );
}

/** One thing of what the player shows; draws again only when that changed. */
export function useReplayed<T>(read: (view: ReplayView) => T): T {
  const replay = useReplay();
  return useSyncExternalStore(
    (listener) => replay.subscribe(listener),
    () => read(replay.view),
    () => read(replay.view),
  );
}

export function ReplayProvider({ environment, children }: { readonly environment: string; readonly children: ReactNode }) {
  const live = useLiveStore();
  const [replay] = useState(
    () =>
      new ReplayStore({
        environment,
        source: replayRequests(environment),
        liveNow: () => live.liveNow(),
        clock: () => performance.now(),
        every: (ms, tick) => {
          const timer = setInterval(tick, ms);
          return () => clearInterval(timer);
        },
        schedule: (flush) => (document.visibilityState === "hidden" ? setTimeout(flush, 1000) : requestAnimationFrame(flush)),
      }),
  );
  useEffect(() => () => replay.dispose(), [replay]);
  return <ReplayContext value={replay}>{children}</ReplayContext>;
}

/** Everything beneath reads the picture of the replay, or the live fleet without one; while a picture is still sought there is nothing. */
export function AsOf({ children }: { readonly children: ReactNode }) {
  const replay = useReplay();
  const live = useLiveStore();
  const phase = useReplayed((view) => view.phase);
  if (phase !== "live" && phase !== "shown") return null;
  return <LiveContext value={phase === "shown" ? replay.picture.store : live}>{children}</LiveContext>;
}

/** What questions to the console are asked about: the moment at which policy was last moved, or null for now. Part of their keys. */
export const useAskedAt = (): number | null => useMoment("policyAt");

/** The same for incidents. */
export const useIncidentsAt = (): number | null => useMoment("incidentsAt");

function useMoment(of: "policyAt" | "incidentsAt"): number | null {
  const { past } = useLiveStore();
  const replay = useContext(ReplayContext);
  const read = (): number | null => (past && replay ? replay.view[of] : null);
  return useSyncExternalStore((listener) => replay?.subscribe(listener) ?? nothing, read, read);
}

const nothing = (): void => undefined;

/** Why nothing can be changed while the past is looked at, or undefined. */
export function usePastRefusal(): string | undefined {
  return useLiveStore().past ? "This is a replay, not now. Go back to live to change anything." : undefined;
}
