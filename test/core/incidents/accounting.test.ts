import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { badMsWithin, together, type Bad } from "../../../core/incidents/bads.ts";
import { breakerAccounts, impactOf, savedWords } from "../../../core/incidents/accounting.ts";
import { Paths } from "../../../core/incidents/paths.ts";
import { badReadings, type Reading } from "../../../core/incidents/readings.ts";
import type { SeriesAnswer } from "../../../protocol/api.ts";
import type { Kind } from "../../../protocol/kinds.ts";
import { breaker, conditionsOf, EDGES, NOON, sec } from "./samples.ts";

const series = (kind: Kind, column: string, rates: readonly (number | null)[], instance = "orders/orders-1") => ({
  ...{ instance, resource: "payments", kind, column },
  points: rates.map((rate, index): [number, number | null, number | null] => [sec(index * 10), rate, rate]),
});
const answer = (...list: SeriesAnswer["series"]): SeriesAnswer => ({
  from: NOON,
  to: sec(60),
  stepMs: 10_000,
  truncated: false,
  series: list,
});

describe("impact", () => {
  it("counts what counters counted, over instances and services, and finds the worst share of failures", () => {
    const impact = impactOf([
      answer(
        series("server", "requests", [10, 10, null, 20]),
        series("server", "requests", [10, 10, 10, 20], "orders/orders-2"),
        series("server", "errors", [0, 5, null, 1]),
        series("breaker", "rejected", [0, 0.5, 2, null]),
        series("breaker", "fallbacks", [0, 0.2, 1, null]),
      ),
      answer(
        series("shedder", "shedLow", [1, 0, 0, 0]),
        series("shedder", "shedHigh", [0, 2, 0, 0]),
        series("consumer", "errors", [9, 9, 9, 9]),
      ),
    ]);
    expect(impact).toEqual({
      shed: { low: 10, medium: 0, high: 20, critical: 0 },
      ...{ shortCircuited: 25, fallbacks: 12, failures: 0, requests: 900, errors: 60, peakErrorPermille: 250, truncated: false },
    });
    expect(savedWords(impact)).toBe(
      "Open breakers answered 25 calls at once instead of letting them wait for a failure. 12 calls got a fallback instead of an error. Shedders turned away 30 calls, none of them critical, so that the others were served.",
    );
  });
});

describe("breaker accounts", () => {
  it("count only the window, each instance by itself and all of them together", () => {
    const events = [
      ...breaker("orders", "payments", [-600, 60], "orders-1"),
      ...breaker("orders", "payments", [30, 90, 200, 230], "orders-2"),
    ];
    const [account, ...others] = breakerAccounts(conditionsOf(events).all(), { from: NOON, to: sec(220) }, new Paths(EDGES));
    expect(others).toEqual([]);
    expect(account).toMatchObject({ target: "payments", openings: 3, longestOpenMs: 60_000, flapsPerHour: 2, flap: "steady" });
    expect(account?.openMinutes).toBeCloseTo(110 / 60);
    expect(account?.instanceMinutes).toBeCloseTo(140 / 60);
  });
});

describe("bad moments", () => {
  const list = fc
    .uniqueArray(fc.nat(200), { maxLength: 10 })
    .map((times) => times.sort((a, b) => a - b))
    .map((times) => times.flatMap((from, index): Bad[] => (index % 2 === 0 ? [{ from, to: times[index + 1] ?? null }] : [])));

  it("of several together are those in which enough of them were bad, for every moment", () => {
    fc.assert(
      fc.property(fc.array(list, { maxLength: 5 }), fc.integer({ min: 1, max: 3 }), (lists, atLeast) => {
        const both = together(lists, atLeast);
        const bad = (bads: readonly Bad[], at: number) => bads.some(({ from, to }) => from <= at && (to === null || at < to));
        for (let at = 0.5; at < 202; at++) expect(bad(both, at)).toBe(lists.filter((one) => bad(one, at)).length >= atLeast);
        both.slice(1).forEach(({ from }, index) => expect(from).toBeGreaterThan(both[index]?.to ?? Infinity));
      }),
    );
    expect(
      badMsWithin(
        [
          { from: 5, to: 10 },
          { from: 20, to: null },
        ],
        { from: 7, to: 30 },
      ),
    ).toBe(13);
  });
});

describe("readings", () => {
  const reading = (seconds: number, changes: Partial<Reading> = {}): Reading => ({
    at: sec(seconds),
    spanMs: 10_000,
    requests: 100,
    errors: 0,
    shed: 0,
    ...changes,
  });

  it("are bad while more is shed than the rule allows, and last while they are fresh", () => {
    const trigger = { on: "shed" as const, perSecond: 5 };
    const readings = [
      reading(10),
      reading(20, { shed: 51 }),
      reading(30, { shed: 90 }),
      reading(40, { shed: 50 }),
      reading(50, { shed: 60 }),
    ];
    expect(badReadings(trigger, readings, sec(51))).toEqual([
      { from: sec(10), to: sec(30) },
      { from: sec(40), to: null },
    ]);
    expect(badReadings(trigger, readings, sec(81))[1]).toEqual({ from: sec(40), to: sec(50) });
  });

  it("burn an error budget by the share of failures over the window, not by one bad moment", () => {
    const trigger = { on: "error_budget" as const, objectivePermille: 990, windowMs: 60_000, burn: 10 };
    const calm = Array.from({ length: 6 }, (_, index) => reading(index * 10));
    expect(badReadings(trigger, [...calm, reading(60, { errors: 50 })], sec(60))).toEqual([]);
    expect(badReadings(trigger, [...calm, reading(60, { errors: 50 }), reading(70, { errors: 50 })], sec(70))).toEqual([
      { from: sec(60), to: null },
    ]);
    expect(badReadings(trigger, [], sec(0))).toEqual([]);
  });
});
