"use client";
import { useKey } from "../keys/keys-provider.tsx";
import { useReplay } from "../replay/replay-provider.tsx";
import { SPEEDS } from "../replay/replay-store.ts";
import { useTools } from "./tools-context.ts";

/** The keys of time. Stepping begins a replay by itself; none of them changes anything in the fleet. */
export function ReplayKeys() {
  const replay = useReplay();
  const { act } = useTools();
  const speedBy = (step: 1 | -1): boolean => {
    const next = SPEEDS[SPEEDS.indexOf(replay.view.speed) + step];
    if (replay.view.phase === "live" || next === undefined) return false;
    replay.setSpeed(next);
    return true;
  };
  useKey("transition-before", () => (void replay.step(-1), true));
  useKey("transition-after", () => (replay.view.phase === "live" ? false : (void replay.step(1), true)));
  useKey("second-before", () => (replay.nudge(-1000), true));
  useKey("second-after", () => (replay.view.phase === "live" ? false : (replay.nudge(1000), true)));
  useKey("slower", () => speedBy(-1));
  useKey("faster", () => speedBy(1));
  useKey("live", () => (act("live"), true));
  useKey("what-changed", () => (act("what-changed"), true));
  return null;
}
