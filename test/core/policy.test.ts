import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  blastRadius,
  changedSince,
  covers,
  decidingFlip,
  describeScope,
  desiredPosition,
  shareOf,
  wantedPosition,
  type PolicyScope,
  type ScopedFlip,
  type SwitchHolder,
} from "../../core/policy.ts";

const POSITIONS = ["normal", "popular", "off"];
const name = fc.constantFrom("orders", "search", "payments");
const target = fc.record({ service: name, n: fc.nat(5) }).map(({ service, n }) => ({ service, key: `${service}/${n}` }));
const scope: fc.Arbitrary<PolicyScope> = fc
  .record({
    service: fc.option(name, { nil: undefined }),
    instances: fc.option(
      fc.array(
        target.map(({ key }) => key),
        { minLength: 1, maxLength: 4 },
      ),
      { nil: undefined },
    ),
    percentage: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
  })
  .map((parts) => Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as PolicyScope);
const flips = fc
  .uniqueArray(
    fc.record({
      revision: fc.integer({ min: 1, max: 50 }),
      position: fc.constantFrom(...POSITIONS),
      scope,
      expiresAt: fc.option(fc.integer({ min: 1, max: 100 })),
    }),
    { selector: (flip) => flip.revision, maxLength: 8 },
  )
  .map((list) => list.map((flip) => ({ ...flip, id: `flip-${flip.revision}` })));
const flip = (overrides: Partial<ScopedFlip> = {}): ScopedFlip => ({
  id: "f",
  position: "off",
  scope: {},
  revision: 1,
  expiresAt: null,
  ...overrides,
});

describe("whom a flip covers", () => {
  it("is everyone when the scope is empty", () => {
    fc.assert(fc.property(target, (one) => covers(flip(), one)));
  });

  it("is only those for whom every part of the scope holds", () => {
    fc.assert(
      fc.property(scope, target, (some, one) => {
        const service = some.service === undefined || some.service === one.service;
        const listed = some.instances === undefined || some.instances.includes(one.key);
        const share = some.percentage === undefined || shareOf("f", one.key) < some.percentage;
        expect(covers(flip({ scope: some }), one)).toBe(service && listed && share);
      }),
    );
  });

  it("grows with the percentage and never loses an instance on the way", () => {
    fc.assert(
      fc.property(target, fc.integer({ min: 1, max: 99 }), (one, percentage) => {
        if (covers(flip({ scope: { percentage } }), one)) expect(covers(flip({ scope: { percentage: percentage + 1 } }), one)).toBe(true);
      }),
    );
    fc.assert(fc.property(target, (one) => covers(flip({ scope: { percentage: 100 } }), one)));
  });

  it("comes near the percentage that was asked for, also when names differ in their last character only", () => {
    for (const percentage of [5, 25, 50, 90]) {
      const hit = Array.from({ length: 10_000 }, (_, i) => `catalog/i-${i}`).filter((key) => shareOf("9f1c", key) < percentage).length;
      expect(hit / 100).toBeGreaterThan(percentage - 2);
      expect(hit / 100).toBeLessThan(percentage + 2);
    }
  });

  it("is another choice of instances for another flip", () => {
    const keys = Array.from({ length: 200 }, (_, i) => `catalog/${i}`);
    const chosen = (id: string) => keys.filter((key) => shareOf(id, key) < 50).join();
    expect(chosen("a")).not.toBe(chosen("b"));
    expect(chosen("a")).toBe(chosen("a"));
  });
});

describe("which position an instance is to hold", () => {
  it("is that of the newest flip that covers it, whatever order they come in, else the normal one", () => {
    fc.assert(
      fc.property(flips, target, fc.nat(), (list, one, turn) => {
        const expected = [...list].sort((a, b) => b.revision - a.revision).find((candidate) => covers(candidate, one));
        const turned = [...list.slice(turn % (list.length || 1)), ...list.slice(0, turn % (list.length || 1))];
        expect(decidingFlip(turned, one)).toEqual(expected ?? null);
        expect(wantedPosition(turned, one, POSITIONS)).toBe(expected?.position ?? "normal");
      }),
    );
  });

  it("shows what is beneath when the deciding flip ends", () => {
    const beneath = flip({ id: "a", revision: 1, position: "popular" });
    const above = flip({ id: "b", revision: 2, position: "off", scope: { service: "orders" } });
    const one = { key: "orders/1", service: "orders" };
    expect(wantedPosition([beneath, above], one, POSITIONS)).toBe("off");
    expect(wantedPosition([beneath], one, POSITIONS)).toBe("popular");
    expect(wantedPosition([beneath, above], { key: "search/1", service: "search" }, POSITIONS)).toBe("popular");
  });

  it("is decided for the environment by flips without a narrower scope alone", () => {
    const wide = flip({ id: "a", revision: 1, position: "popular" });
    expect(
      desiredPosition(
        [
          wide,
          flip({ revision: 2, scope: { service: "orders" } }),
          flip({ revision: 3, scope: { percentage: 99 } }),
          flip({ revision: 4, scope: { instances: ["a/b"] } }),
        ],
        POSITIONS,
      ),
    ).toBe("popular");
    expect(desiredPosition([wide, flip({ revision: 5, scope: { percentage: 100 } })], POSITIONS)).toBe("off");
    expect(desiredPosition([], POSITIONS)).toBe("normal");
  });
});

describe("what a flip would hit", () => {
  const holder = (key: string, overrides: Partial<SwitchHolder> = {}): SwitchHolder => ({
    key,
    service: key.split("/")[0] ?? "",
    live: true,
    positions: POSITIONS,
    position: "normal",
    ...overrides,
  });
  const holders = [
    holder("orders/2"),
    holder("orders/1", { live: false, position: null }),
    holder("search/1", { positions: ["normal", "off"] }),
  ];

  it("names targets, absent ones and who would refuse", () => {
    const radius = blastRadius(flip({ position: "popular" }), holders, { flips: [], positions: POSITIONS });
    expect(radius).toEqual({
      targeted: 3,
      live: 2,
      absent: 1,
      services: [
        { service: "orders", instances: 2 },
        { service: "search", instances: 1 },
      ],
      refusals: [{ instance: "search/1", reason: 'position "popular" is not declared there; it knows normal, off' }],
      instances: [
        { instance: "orders/1", live: false, position: null },
        { instance: "orders/2", live: true, position: "normal" },
        { instance: "search/1", live: true, position: "normal" },
      ],
      returnsTo: "normal",
    });
  });

  it("adds up for every scope: targets are live or absent, and of some service", () => {
    fc.assert(
      fc.property(scope, (some) => {
        const radius = blastRadius(flip({ scope: some }), holders, { flips: [], positions: POSITIONS });
        expect(radius.live + radius.absent).toBe(radius.targeted);
        expect(radius.services.reduce((sum, entry) => sum + entry.instances, 0)).toBe(radius.targeted);
        expect(radius.instances.map((entry) => entry.instance)).toEqual(
          holders
            .filter((one) => covers(flip({ scope: some }), one))
            .map((one) => one.key)
            .sort(),
        );
      }),
    );
  });

  it("returns to what lies beneath, unless that ends first", () => {
    const beneath = flip({ id: "a", position: "popular", expiresAt: 500 });
    const returns = (expiresAt: number | null) =>
      blastRadius(flip({ id: "b", expiresAt }), holders, { flips: [beneath], positions: POSITIONS }).returnsTo;
    expect(returns(400)).toBe("popular");
    expect(returns(600)).toBe("normal");
    expect(returns(null)).toBe("normal");
  });
});

describe("what changed since somebody looked", () => {
  it("is every flip made or ended later, newest change first", () => {
    const list = [
      { id: "old", revision: 1, endRevision: null },
      { id: "ended", revision: 2, endRevision: 9 },
      { id: "made", revision: 7, endRevision: null },
    ];
    expect(changedSince(list, 5).map((entry) => entry.id)).toEqual(["ended", "made"]);
    expect(changedSince(list, 9)).toEqual([]);
  });
});

describe("a scope in words", () => {
  it.each([
    [{}, "everything"],
    [{ percentage: 100 }, "everything"],
    [{ service: "orders" }, "service orders"],
    [{ service: "orders", percentage: 10 }, "10 % of service orders"],
    [{ percentage: 10 }, "10 % of everything"],
    [{ instances: ["orders/1"] }, "orders/1"],
    [{ instances: ["orders/1", "orders/2"] }, "2 instances"],
  ])("of %j is %s", (some, words) => {
    expect(describeScope(some)).toBe(words);
  });
});
