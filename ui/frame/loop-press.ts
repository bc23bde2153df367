/** The button of the loop. First press: from here. Second: to here, and round it goes. Third: no more. Pure. */
import type { TimeRange } from "../replay/replay-source.ts";

export interface LoopState {
  readonly loop: TimeRange | null;
  /** Where the stretch is to begin; null when none was begun. */
  readonly start: number | null;
}

export function pressLoop({ loop, start }: LoopState, at: number): LoopState {
  if (loop !== null) return { loop: null, start: null };
  if (start === null) return { loop: null, start: at };
  return { loop: { from: Math.min(start, at), to: Math.max(start, at) }, start: null };
}
