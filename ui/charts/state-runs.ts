/** The state strip: runs of one state each, from the transitions that the log kept. Never downsampled: a short opening is a run too. */
import type { BreakerState } from "../../protocol/kinds.ts";

export type RunState = BreakerState | "gap";

export interface Run {
  readonly from: number;
  readonly to: number;
  readonly state: RunState;
}

/** What a strip needs of a logged event. */
export interface Transition {
  readonly at: number;
  readonly type: string;
  readonly instance: string | null;
  readonly resource: { readonly kind: string; readonly name: string } | null;
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
}

export interface StripWindow {
  readonly from: number;
  readonly to: number;
}

/** An instance that has the breaker, and what it says now; null when it is not heard. */
export interface StripInstance {
  readonly instance: string;
  readonly state: BreakerState | null;
}

const STATE_AFTER: Readonly<Record<string, BreakerState>> = {
  "breaker.opened": "open",
  "breaker.half_opened": "half_open",
  "breaker.closed": "closed",
  "breaker.forced_open": "forced_open",
  "breaker.forced_closed": "forced_closed",
  "breaker.disabled": "disabled",
};

/** What a breaker was before a transition, when the event does not say: the only usual way there. */
const USUALLY_BEFORE: Readonly<Record<BreakerState, BreakerState>> = {
  closed: "half_open",
  half_open: "open",
  open: "closed",
  forced_open: "closed",
  forced_closed: "closed",
  disabled: "closed",
};

/** The state an event leads to; null when it is no transition of a breaker. */
export function stateAfter(event: Pick<Transition, "type">): BreakerState | null {
  return STATE_AFTER[event.type] ?? null;
}

/** Runs of one breaker on one instance. Without events, what it says now is what it was. */
export function instanceRuns(
  name: string,
  subject: StripInstance,
  { events, window }: { events: readonly Transition[]; window: StripWindow },
): readonly Run[] {
  const mine = events.filter((event) => event.instance === subject.instance && event.at <= window.to).sort((a, b) => a.at - b.at);
  const runs: Run[] = [];
  const open: { since: number; state: RunState | null } = { since: window.from, state: null };
  const change = (at: number, next: RunState, before: RunState): void => {
    const clipped = Math.max(window.from, at);
    pushRun(runs, { from: open.since, to: clipped, state: open.state ?? before });
    open.since = Math.max(open.since, clipped);
    open.state = next;
  };
  for (const event of mine) {
    if (event.type === "agent.left") change(event.at, "gap", subject.state ?? "closed");
    else if (event.type === "agent.joined") change(event.at, "closed", "gap");
    else if (event.resource?.kind === "breaker" && event.resource.name === name) {
      const next = stateAfter(event);
      if (next !== null) change(event.at, next, stateBefore(event, next));
    }
  }
  pushRun(runs, { from: open.since, to: window.to, state: subject.state === null ? "gap" : (open.state ?? subject.state) });
  return runs;
}

/** Worst of the instances at each moment: a gap only while nobody was heard. */
export function serviceRuns(perInstance: readonly (readonly Run[])[]): readonly Run[] {
  const edges = [...new Set(perInstance.flatMap((runs) => runs.flatMap((run) => [run.from, run.to])))].sort((a, b) => a - b);
  const merged: Run[] = [];
  const cursors = perInstance.map(() => 0);
  for (let i = 0; i + 1 < edges.length; i++) {
    const from = edges[i] ?? 0;
    const to = edges[i + 1] ?? 0;
    let worst: RunState = "gap";
    perInstance.forEach((runs, lane) => {
      while ((runs[cursors[lane] ?? 0]?.to ?? Infinity) <= from) cursors[lane] = (cursors[lane] ?? 0) + 1;
      const run = runs[cursors[lane] ?? 0];
      if (run && run.from <= from && severity(run.state) > severity(worst)) worst = run.state;
    });
    pushRun(merged, { from, to, state: worst });
  }
  return merged;
}

/** The part of the runs that lies in a window. */
export function clipRuns(runs: readonly Run[], { from, to }: StripWindow): readonly Run[] {
  return runs
    .filter((run) => run.to > from && run.from < to)
    .map((run) => ({ ...run, from: Math.max(from, run.from), to: Math.min(to, run.to) }));
}

/** When the present state began; null when it is older than the window. */
export function sinceWhen(runs: readonly Run[], window: StripWindow): number | null {
  const last = runs.at(-1);
  return last === undefined || last.from <= window.from ? null : last.from;
}

const SEVERITY: Readonly<Record<RunState, number>> = {
  gap: 0,
  disabled: 1,
  closed: 2,
  half_open: 3,
  forced_closed: 4,
  forced_open: 5,
  open: 6,
};

function severity(state: RunState): number {
  return SEVERITY[state];
}

function stateBefore(event: Transition, next: BreakerState): RunState {
  const said = event.data["from"] ?? event.data["previous"];
  return typeof said === "string" && said in USUALLY_BEFORE ? (said as BreakerState) : USUALLY_BEFORE[next];
}

function pushRun(runs: Run[], run: Run): void {
  if (run.to <= run.from) return;
  const last = runs.at(-1);
  if (last?.state === run.state && last.to === run.from) runs[runs.length - 1] = { ...last, to: run.to };
  else runs.push(run);
}
