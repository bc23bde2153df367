/** The runs of a breaker's state over what is seen: live, or a zoom into the past. Pure. */
import { clipRuns, instanceRuns, serviceRuns, type Run, type StripInstance } from "../../charts/state-runs.ts";
import type { TimeSpan } from "../../charts/time-window.ts";
import type { StripEvents } from "./use-service-data.ts";

export interface StripAsk {
  readonly strip: StripEvents;
  readonly seen: TimeSpan;
  readonly zoomed: boolean;
  readonly now: number;
}

/**
 * The state of now reaches back to the last transition only when nothing between is missing; else it is told from the transitions that
 * were read, and what they do not tell is a gap.
 */
export function stripRuns(name: string, instances: readonly StripInstance[], { strip, seen, zoomed, now }: StripAsk): readonly Run[] {
  const from = Math.max(seen.from, strip.cutAt ?? -Infinity);
  const to = !zoomed ? Math.min(now, seen.to) : strip.settled ? Math.max(now, seen.to) : (strip.events.at(-1)?.at ?? seen.to);
  const lanes = instances.map((instance) =>
    instanceRuns(name, strip.settled ? instance : { ...instance, state: null }, { events: strip.events, window: { from, to } }),
  );
  return clipRuns(serviceRuns(lanes), { from, to: Math.min(seen.to, to) });
}
