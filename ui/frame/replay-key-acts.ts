/** What the keys of time do. Stepping begins a replay by itself; none of them changes anything in the fleet. */
import type { KeyAction } from "../keys/key-map.ts";
import { SPEEDS, type ReplayStore } from "../replay/replay-store.ts";
import type { Tools } from "./tools-context.ts";

/** Each answers false to leave the key to the browser. */
export function replayKeyActs(replay: ReplayStore, act: Tools["act"]) {
  const live = (): boolean => replay.view.phase === "live";
  const speedBy = (step: 1 | -1): boolean => {
    const next = SPEEDS[SPEEDS.indexOf(replay.view.speed) + step];
    if (live() || next === undefined) return false;
    replay.setSpeed(next);
    return true;
  };
  return {
    "transition-before": () => (void replay.step(-1), true),
    "transition-after": () => (live() ? false : (void replay.step(1), true)),
    "second-before": () => (replay.nudge(-1000), true),
    "second-after": () => (live() ? false : (replay.nudge(1000), true)),
    slower: () => speedBy(-1),
    faster: () => speedBy(1),
    live: () => (act("live"), true),
    "what-changed": () => (act("what-changed"), true),
  } as const satisfies Partial<Record<KeyAction, () => boolean>>;
}
