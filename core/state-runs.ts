/**
 * The history of a state as runs: from when until when it was seen to be which. A known sample holds until the
 * next known one if that is no further away than a gap: what nobody saw belongs to no run. Runs are ordered and do not overlap; two that touch are a transition. Cut at any border
 * and joined again they are the same, so time in a state and the number of transitions are exact for any window, to the sample.
 */
import { GAP_MS } from "./series.ts";

export interface StateRun {
  readonly from: number;
  /** Not included; the same as `from` for a sample that stands alone. */
  readonly to: number;
  readonly state: number;
}

/** Collects the samples of one boot, in order of time. */
export class RunsOfSamples {
  readonly runs: StateRun[] = [];
  #from = 0;
  #last = 0;
  /** Slot of the run that is open; 0 for none. */
  #slot = 0;

  /** @param slot value + 1, or 0 for unknown. */
  add(at: number, slot: number): void {
    if (slot === 0) return;
    const follows = this.#slot !== 0 && at - this.#last <= GAP_MS;
    if (!follows || slot !== this.#slot) {
      this.#close(follows ? at : this.#last);
      this.#slot = slot;
      this.#from = at;
    }
    this.#last = at;
  }

  end(): readonly StateRun[] {
    this.#close(this.#last);
    this.#slot = 0;
    return this.runs;
  }

  /** Goes its own way from here. */
  copy(): RunsOfSamples {
    const copy = new RunsOfSamples();
    for (const run of this.runs) copy.runs.push(run);
    copy.#from = this.#from;
    copy.#last = this.#last;
    copy.#slot = this.#slot;
    return copy;
  }

  #close(to: number): void {
    if (this.#slot !== 0) this.runs.push({ from: this.#from, to, state: this.#slot - 1 });
  }
}

/** Runs of several sources as one; where they overlap, the one that begins later is believed. */
export function joinRuns(...lists: readonly (readonly StateRun[])[]): StateRun[] {
  const joined: StateRun[] = [];
  const all = lists.flat();
  const ordered = all.every((run, i) => i === 0 || (all[i - 1] as StateRun).from <= run.from) ? all : all.sort((a, b) => a.from - b.from);
  for (const run of ordered) {
    const last = joined.at(-1);
    if (last === undefined || last.to < run.from) joined.push(run);
    else if (last.state === run.state) joined[joined.length - 1] = { ...last, to: Math.max(last.to, run.to) };
    else if (last.to === run.from) joined.push(run);
    else if (last.from === run.from) joined[joined.length - 1] = run;
    else joined.splice(-1, 1, { ...last, to: run.from }, run);
  }
  return joined;
}

/** What lies in a window, cut at its borders. */
export function cutRuns(runs: readonly StateRun[], from: number, to: number): StateRun[] {
  const cut: StateRun[] = [];
  for (const run of runs) {
    if (run.from >= to || (run.to <= from && run.from < from)) continue;
    cut.push(run.from >= from && run.to <= to ? run : { from: Math.max(run.from, from), to: Math.min(run.to, to), state: run.state });
  }
  return cut;
}

export interface StateTimes {
  /** Milliseconds by state. */
  readonly inStateMs: ReadonlyMap<number, number>;
  /** Sum of them: the rest of the window nobody saw. */
  readonly knownMs: number;
  /** Changes that were seen, from one sample to the next; not across a gap. One between two samples is in the log only. */
  readonly transitions: number;
}

/** Exact for the window, its end not included. */
export function stateTimes(runs: readonly StateRun[], from: number, to: number): StateTimes {
  const inStateMs = new Map<number, number>();
  let knownMs = 0;
  let transitions = 0;
  let before: StateRun | undefined;
  for (const run of runs) {
    const ms = Math.min(run.to, to) - Math.max(run.from, from);
    if (ms >= 0 && run.from < to) {
      inStateMs.set(run.state, (inStateMs.get(run.state) ?? 0) + ms);
      knownMs += ms;
    }
    if (before?.to === run.from && before.state !== run.state && run.from >= from && run.from < to) transitions++;
    before = run;
  }
  return { inStateMs, knownMs, transitions };
}
