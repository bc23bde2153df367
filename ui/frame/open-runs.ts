/** From breaker events to periods with a constant number of open breakers. Pure. */
import type { LoggedEvent } from "../../protocol/live.ts";

export interface OpenRun {
  readonly from: number;
  readonly to: number;
  readonly open: number;
}

/** Runs until `now`. Events must be in order of time; a breaker counts from its opening to its closing, half-open included. */
export function openRuns(events: readonly LoggedEvent[], now: number): readonly OpenRun[] {
  const open = new Set<string>();
  const runs: OpenRun[] = [];
  const last = { since: 0 };
  const turn = (at: number, change: () => void): void => {
    const before = open.size;
    change();
    if (open.size === before) return;
    if (before > 0) runs.push({ from: last.since, to: at, open: before });
    last.since = at;
  };
  for (const event of events) {
    const instance = `${event.service ?? ""}/${event.instance ?? ""}`;
    const key = `${instance} ${event.resource?.name ?? ""}`;
    if (event.type === "breaker.opened") turn(event.at, () => open.add(key));
    else if (event.type === "breaker.closed") turn(event.at, () => open.delete(key));
    else if (event.type === "agent.left" || event.type === "agent.started")
      turn(event.at, () => {
        for (const entry of open) if (entry.startsWith(`${instance} `)) open.delete(entry);
      });
  }
  if (open.size > 0) runs.push({ from: last.since, to: now, open: open.size });
  return runs;
}
