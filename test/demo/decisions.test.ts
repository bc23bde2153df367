/** What the shop decides without a process: the day, classes of requests, what is whose fault, the director's clock. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PolicyError } from "@holdfast/agent/resilience";
import { DAY_MS, dayFactor, shopHour } from "../../demo/day-curve.ts";
import { Director, type Stage } from "../../demo/director.ts";
import { failure, FAILURE_NAMES } from "../../demo/failures.ts";
import { HttpProblem, isFailure, problemOf, whenDown } from "../../demo/kit/http-problem.ts";
import { latency, pickWeighted, seeded } from "../../demo/random.ts";
import { planned } from "../../demo/schedule.ts";
import { classOf } from "../../demo/services/storefront-door.ts";

describe("a day in the shop", () => {
  it("is a day long, quiet at night and busiest in the evening, with a mean near one", () => {
    expect(shopHour(DAY_MS)).toBeCloseTo(shopHour(0));
    const factors = Array.from({ length: 240 }, (_, i) => ({ hour: shopHour((i / 240) * DAY_MS), factor: dayFactor((i / 240) * DAY_MS) }));
    const busiest = factors.reduce((a, b) => (b.factor > a.factor ? b : a));
    const quietest = factors.reduce((a, b) => (b.factor < a.factor ? b : a));
    expect(busiest.hour).toBeGreaterThan(18);
    expect(busiest.hour).toBeLessThan(21);
    expect(quietest.hour).toBeLessThan(7);
    const mean = factors.reduce((sum, { factor }) => sum + factor, 0) / factors.length;
    expect(mean).toBeGreaterThan(0.8);
    expect(mean).toBeLessThan(1.2);
  });
});

describe("chance", () => {
  it("repeats itself from the same seed and stays in its bounds", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const [a, b] = [seeded(seed), seeded(seed)];
        for (let i = 0; i < 20; i++) {
          const value = a();
          expect(value).toBe(b());
          expect(value >= 0 && value < 1).toBe(true);
        }
        expect(latency(a, 10)).toBeGreaterThan(0);
      }),
    );
  });

  it("picks by weight", () => {
    const random = seeded(1);
    const picks = Array.from(
      { length: 2_000 },
      () =>
        pickWeighted(random, [
          { weight: 3, name: "often" },
          { weight: 1, name: "seldom" },
        ]).name,
    );
    const often = picks.filter((name) => name === "often").length;
    expect(often).toBeGreaterThan(1_350);
    expect(often).toBeLessThan(1_650);
  });
});

describe("whose fault it is", () => {
  const notFound = new HttpProblem(404, "no such product");
  const busy = new HttpProblem(503, "busy", { "retry-after": "2" });

  it("is the far side's for an answer of 500 and more, and never for the caller's mistakes or hurry", () => {
    expect([notFound, busy, new Error("reset"), new PolicyError("deadline_exceeded", "http")].map(isFailure)).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([notFound.retryable, busy.retryable]).toEqual([false, true]);
  });

  it("decides whether a fallback answers", () => {
    const instead = whenDown(() => "a copy");
    expect(instead(busy)).toBe("a copy");
    expect(() => instead(notFound)).toThrow(notFound);
  });

  it("turns what a policy refuses into an answer that says when to come back", () => {
    expect(problemOf(new PolicyError("rate_limited", "clients", 1_200))).toMatchObject({ status: 429, headers: { "retry-after": "2" } });
    expect(problemOf(new PolicyError("breaker_open", "payments"))).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
    expect(problemOf(new PolicyError("total_timeout", "payments"))?.status).toBe(504);
    expect(problemOf(new Error("a bug"))).toBeUndefined();
  });
});

describe("classes of requests", () => {
  it("put checkout first, pictures and what is asked for in advance last", () => {
    expect(
      [
        "/api/checkout",
        "/checkout",
        "/orders/orders-1-x",
        "/api/cart",
        "/",
        "/search",
        "/api/recommendations",
        "/api/prefetch/x",
        "/pictures/x",
      ].map(classOf),
    ).toEqual(["critical", "critical", "critical", "high", "medium", "medium", "low", "low", "low"]);
  });
});

describe("the director", () => {
  const said: string[] = [];
  const stage: Stage = {
    setFaults: (role, faults) => {
      if (faults.length > 0) said.push(`${role} ${faults.map((fault) => fault.kind).join("+")}`);
    },
    setLost: (instance, lost) => said.push(`${instance} ${lost ? "lost" : "there"}`),
    surge: (factor) => said.push(`visitors x${factor}`),
    scrape: (rate) => said.push(`scraper ${rate}`),
  };

  beforeEach(() => {
    said.length = 0;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("ends a failure by itself, and one that is asked for again later", () => {
    const director = new Director(stage);
    director.begin("search-down", 10);
    expect(said).toContain("search refuse");
    vi.advanceTimersByTime(6_000);
    director.begin("search-down", 10);
    vi.advanceTimersByTime(6_000);
    expect(director.status().find((each) => each.name === "search-down")).toMatchObject({ active: true, secondsLeft: 4 });
    vi.advanceTimersByTime(4_000);
    expect(director.status().every((each) => !each.active)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("keeps what two failures share until both have ended", () => {
    const director = new Director(stage);
    director.begin("flash-sale", 10);
    director.begin("pool-exhausted", 20);
    expect(said).toContain("catalog latency+hold-connections");
    said.length = 0;
    vi.advanceTimersByTime(10_000);
    expect(said).toContain("catalog hold-connections");
    expect(said).toContain("visitors x1");
    director.stop();
  });

  it("lets every failure have its turn, with quiet between them", () => {
    const random = seeded(7);
    const turns = Array.from({ length: FAILURE_NAMES.length }, (_, turn) => planned(turn, random));
    expect(new Set(turns.map((turn) => turn.name))).toEqual(new Set(FAILURE_NAMES));
    expect(turns.slice(1).every((turn) => turn.afterMs >= 120_000)).toBe(true);
    expect(turns[0]?.name).toBe("payments-slow");

    const director = new Director(stage);
    director.follow(random);
    vi.advanceTimersByTime(60_000);
    expect(director.status().find((each) => each.active)?.name).toBe("payments-slow");
    vi.advanceTimersByTime(failure("payments-slow").seconds * 1_000 + 10);
    expect(director.status().some((each) => each.active)).toBe(false);
    let quiet = 0;
    while (!director.status().some((each) => each.active) && quiet < 300) {
      vi.advanceTimersByTime(1_000);
      quiet++;
    }
    expect(director.status().find((each) => each.active)?.name).toBe("recommendations-down");
    expect(quiet).toBeGreaterThanOrEqual(119);
    expect(quiet).toBeLessThanOrEqual(241);
    director.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
