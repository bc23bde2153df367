import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutRuns, joinRuns, RunsOfSamples, stateTimes, type StateRun } from "../../core/state-runs.ts";

const samples = fc
  .array(
    fc.tuple(
      fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 2_000 }) }, fc.integer({ min: 1, max: 30_000 })),
      fc.integer({ min: 0, max: 3 }),
    ),
    {
      minLength: 1,
      maxLength: 80,
    },
  )
  .map((steps) => {
    let at = 0;
    return steps.map(([pause, slot]) => ({ at: (at += pause), slot }));
  });

function runsOf(list: readonly { at: number; slot: number }[]): readonly StateRun[] {
  const runs = new RunsOfSamples();
  for (const { at, slot } of list) runs.add(at, slot);
  return joinRuns(runs.end());
}

/** The same, pair by pair of known samples that are no further apart than a gap. */
function bruteForce(all: readonly { at: number; slot: number }[], from: number, to: number) {
  const list = all.filter(({ slot }) => slot !== 0);
  const inState = new Map<number, number>();
  let transitions = 0;
  list.forEach(({ at, slot }, i) => {
    const next = list[i + 1];
    if (!next || next.at - at > 10_000) return;
    const ms = Math.min(next.at, to) - Math.max(at, from);
    if (ms > 0) inState.set(slot - 1, (inState.get(slot - 1) ?? 0) + ms);
    if (slot !== next.slot && next.at >= from && next.at < to) transitions++;
  });
  return { inState: [...inState].sort(([a], [b]) => a - b), transitions };
}

const window = fc.tuple(fc.nat(60_000), fc.nat(60_000)).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b) + 1]);

describe("the runs of a state", () => {
  it("say exactly how long it was in each state and how often it changed, for any window", () => {
    fc.assert(
      fc.property(samples, window, (list, [from, to]) => {
        const times = stateTimes(runsOf(list), from, to);
        const found = {
          inState: [...times.inStateMs].filter(([, ms]) => ms > 0).sort(([a], [b]) => a - b),
          transitions: times.transitions,
        };
        expect(found).toEqual(bruteForce(list, from, to));
      }),
      { numRuns: 1000 },
    );
  });

  it("are the same after being cut at any borders and joined again", () => {
    fc.assert(
      fc.property(samples, fc.array(fc.nat(60_000), { maxLength: 6 }), (list, borders) => {
        const runs = runsOf(list);
        const edges = [-1, ...borders.sort((a, b) => a - b), 10_000_000];
        const parts = edges.slice(1).map((to, i) => cutRuns(runs, edges[i] as number, to));
        expect(joinRuns(...parts)).toEqual(runs);
      }),
      { numRuns: 500 },
    );
  });

  it("leave a gap out of every state, and a change across it is not counted", () => {
    const runs = runsOf([
      { at: 0, slot: 1 },
      { at: 1_000, slot: 1 },
      { at: 20_000, slot: 3 },
      { at: 21_000, slot: 3 },
    ]);
    expect(stateTimes(runs, 0, 30_000)).toEqual({
      inStateMs: new Map([
        [0, 1_000],
        [2, 1_000],
      ]),
      knownMs: 2_000,
      transitions: 0,
    });
  });

  it("of a new boot are believed where an old one overlaps them", () => {
    expect(joinRuns([{ from: 0, to: 100, state: 0 }], [{ from: 60, to: 80, state: 2 }])).toEqual([
      { from: 0, to: 60, state: 0 },
      { from: 60, to: 80, state: 2 },
    ]);
  });
});
