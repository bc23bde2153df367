"use client";
import { useConnectionState, usePaused } from "../live/hooks.ts";
import { usePastRefusal } from "../replay/replay-provider.tsx";
import { momentRefusal } from "./moment-refusal.ts";

/** Why nothing can be done to what is shown, because it is not a picture of now; undefined when it is. */
export function useMomentRefusal(): string | undefined {
  const past = usePastRefusal();
  const state = useConnectionState();
  const { paused } = usePaused();
  return past ?? momentRefusal(state, paused);
}
