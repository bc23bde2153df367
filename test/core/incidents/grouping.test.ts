import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { breaker, event, groupsAt, namesOf, pool, rule, runsAt, sec } from "./samples.ts";

describe("runs", () => {
  it("take a flapping breaker for one trouble, and know when it had been open for long enough", () => {
    const flaps = breaker("orders", "payments", [0, 4, 6, 10, 12, 16, 20]);
    const [run, ...others] = runsAt(flaps, 30);
    expect(others).toEqual([]);
    expect(run?.span).toEqual({ from: sec(0), to: null, openedAt: sec(14), badMs: 12_000, lastFrom: sec(20), times: 4 });
  });

  it("begin anew after the resolve delay", () => {
    const spans = runsAt(breaker("orders", "payments", [0, 20, 81, 120]), 200).map(({ span }) => [span.from, span.to]);
    expect(spans).toEqual([
      [sec(0), sec(20)],
      [sec(81), sec(120)],
    ]);
    expect(runsAt(breaker("orders", "payments", [0, 20, 80, 120]), 200)).toHaveLength(1);
  });

  it("count what is half-open as bad, and what a person forced as no failure", () => {
    const resource = { kind: "breaker" as const, name: "payments" };
    const events = [
      event("breaker.opened", 0, { resource }),
      event("breaker.half_opened", 30, { resource }),
      event("breaker.forced_open", 40, { resource }),
    ];
    expect(runsAt(events, 100)[0]?.span).toMatchObject({ from: sec(0), to: sec(40), badMs: 40_000 });
  });

  it("end with the process that had them, but not when only the link was lost", () => {
    const open = breaker("orders", "payments", [0]);
    const ended = (events: LoggedEvent[]) =>
      runsAt([...open, ...events], 100).find(({ subject }) => subject.on === "breaker_open")?.span.to;
    expect(ended([event("agent.left", 20, { data: { reason: "restarted" } })])).toBe(sec(20));
    expect(ended([event("agent.started", 25)])).toBe(sec(25));
    expect(ended([event("agent.left", 20, { data: { reason: "lost" } })])).toBeNull();
  });

  it("need as many lost instances as the rule says, at once", () => {
    const lost = (instance: string, from: number, to: number) => [
      event("agent.left", from, { instance, data: { reason: "lost" } }),
      event("agent.joined", to, { instance, data: { reason: "reconnected" } }),
    ];
    const events = [...lost("orders-1", 0, 100), ...lost("orders-2", 60, 200), ...lost("orders-3", 150, 300)];
    const two = rule("agents-lost", { trigger: { on: "agents_lost", atLeast: 2 }, resolveDelayMs: 0 });
    expect(runsAt(events, 400, [two]).map(({ span }) => [span.from, span.to])).toEqual([
      [sec(60), sec(100)],
      [sec(150), sec(200)],
    ]);
  });

  it("are over when nothing new was heard for the rule's time", () => {
    const short = rule("breaker-open", { inactivityMs: 60_000 });
    expect(runsAt(breaker("orders", "payments", [0]), 59, [short])[0]?.span.to).toBeNull();
    expect(runsAt(breaker("orders", "payments", [0]), 61, [short])[0]?.span.to).toBe(sec(60));
  });

  it("are only of what the rule covers", () => {
    const events = [...breaker("orders", "payments", [0]), ...breaker("storefront", "orders", [0])];
    expect(runsAt(events, 60, [rule("breaker-open", { service: "orders" })])).toHaveLength(1);
    expect(runsAt(events, 60, [rule("breaker-open", { resource: "nothing" })])).toEqual([]);
    expect(runsAt(events, 60, [rule("breaker-open", { enabled: false })])).toEqual([]);
  });
});

describe("grouping", () => {
  it("brings a cascade along the path together, whoever noticed first", () => {
    const events = [
      ...breaker("storefront", "orders", [12]),
      ...breaker("orders", "payments", [4]),
      ...pool("payments", "payments-db", [0]),
    ];
    expect(namesOf(groupsAt(events, 60))).toEqual([["payments payments-db", "orders payments", "storefront orders"]]);
  });

  it("keeps apart what one caller sees of different targets, and what lies far apart in time", () => {
    const events = [
      ...breaker("storefront", "orders", [0, 60]),
      ...breaker("storefront", "search", [1, 60]),
      ...breaker("orders", "payments", [500]),
    ];
    expect(namesOf(groupsAt(events, 600))).toEqual([["storefront orders"], ["storefront search"], ["orders payments"]]);
  });

  it("lets one silent service lie in between, but not two", () => {
    const near = [...breaker("storefront", "orders", [3]), ...pool("payments", "payments-db", [0])];
    expect(namesOf(groupsAt(near, 60))).toEqual([["payments payments-db", "storefront orders"]]);
  });

  it("takes what comes back within the reopen window for the same trouble", () => {
    const again = (gap: number) => groupsAt(breaker("orders", "payments", [0, 60, 60 + gap]), 60 + gap + 30);
    expect(again(15 * 60)).toHaveLength(1);
    expect(again(15 * 60 + 1)).toHaveLength(2);
  });

  it("takes a short trouble along when it may be where it began, but lets it open nothing", () => {
    const short = pool("payments", "payments-db", [0, 5]);
    expect(groupsAt(short, 60)).toEqual([]);
    expect(namesOf(groupsAt([...short, ...breaker("orders", "payments", [3])], 60))).toEqual([["payments payments-db", "orders payments"]]);
  });

  const services = fc.constantFrom(["storefront", "orders"], ["storefront", "search"], ["orders", "payments"]);
  const story = fc.array(
    fc.record({
      where: services,
      instance: fc.integer({ min: 1, max: 2 }),
      at: fc.nat(3_000),
      lasts: fc.option(fc.integer({ min: 1, max: 400 })),
    }),
    { maxLength: 12 },
  );

  it("depends on which events there were, not on when they arrived or how often", () => {
    fc.assert(
      fc.property(story, fc.infiniteStream(fc.nat()), (troubles, chance) => {
        const events = troubles.flatMap(({ where: [service = "", name = ""], instance, at, lasts }) =>
          breaker(service, name, lasts === null ? [at] : [at, at + lasts], `${service}-${instance}`),
        );
        const keys = new Map(events.map((one) => [one.id, chance.next().value ?? 0]));
        const shuffled = [...events].sort((a, b) => (keys.get(a.id) ?? 0) - (keys.get(b.id) ?? 0));
        const expected = groupsAt(events, 3_600);
        expect(groupsAt(shuffled, 3_600)).toEqual(expected);
        expect(groupsAt([...shuffled, ...events], 3_600)).toEqual(expected);
      }),
    );
  });

  it("puts every trouble that was long enough into exactly one group", () => {
    fc.assert(
      fc.property(story, (troubles) => {
        const events = troubles.flatMap(({ where: [service = "", name = ""], instance, at, lasts }) =>
          breaker(service, name, lasts === null ? [at] : [at, at + lasts], `${service}-${instance}`),
        );
        const opened = runsAt(events, 3_600).filter(({ span }) => span.openedAt !== null);
        const grouped = groupsAt(events, 3_600)
          .flat()
          .filter(({ span }) => span.openedAt !== null);
        const names = (runs: readonly { key: string; span: { from: number } }[]) =>
          runs.map(({ key, span }) => `${span.from} ${key}`).sort();
        expect(names(grouped)).toEqual(names(opened));
      }),
    );
  });
});
