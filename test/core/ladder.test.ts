import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heldLevel, planLevel, positionAt, standsAt, type LadderFlip, type LadderSwitch } from "../../core/ladder.ts";

let revision = 0;
const flip = (position: string, over: Partial<LadderFlip> = {}): LadderFlip => ({
  ...{ id: `f${String(++revision)}`, revision, position, scope: {}, expiresAt: null },
  ...over,
});
const search = (flips: readonly LadderFlip[] = [], over: Partial<LadderSwitch> = {}): LadderSwitch => ({
  key: "search",
  positions: ["full", "browse", "off"],
  steps: [
    { level: 1, position: "browse" },
    { level: 3, position: "off" },
  ],
  flips,
  ...over,
});

describe("the ladder", () => {
  it("keeps a switch at the position of its highest step up to a level", () => {
    expect([0, 1, 2, 3, 4].map((level) => positionAt(search().steps, level))).toEqual([null, "browse", "browse", "off", "off"]);
  });

  it("stands at a level when all switches of it and of those below do, wherever they were switched from", () => {
    const images = search([], { key: "images", steps: [{ level: 2, position: "off" }] });
    const at = (switches: readonly LadderSwitch[]) => heldLevel(switches);
    expect(at([search(), images])).toBe(0);
    expect(at([search([flip("browse")]), images])).toBe(1);
    expect(at([search([flip("off")]), { ...images, flips: [flip("off")] }])).toBe(3);
    expect(at([search([flip("browse")]), { ...images, flips: [flip("off", { scope: { service: "catalog" } })] }])).toBe(1);
    expect(at([])).toBe(0);
  });

  it("renews its own flips when it goes on, and ends those above when it goes back", () => {
    const low = flip("browse", { purpose: "ladder" });
    const high = flip("off", { purpose: "ladder" });
    expect(planLevel([search([low])], 2)).toEqual({
      make: [{ key: "search", position: "browse", renews: true }],
      ...{ end: [low], already: [], left: [] },
    });
    expect(planLevel([search([high])], 1)).toMatchObject({ make: [{ position: "browse", renews: false }], end: [high] });
    expect(planLevel([search([high])], 0)).toEqual({ make: [], end: [high], already: [], left: [] });
  });

  it("never touches what was switched by hand, and says which", () => {
    const hand = flip("browse");
    expect(planLevel([search([hand])], 1)).toEqual({ make: [], end: [], already: [{ key: "search", flip: hand }], left: [] });
    expect(planLevel([search([hand])], 3)).toEqual({ make: [], end: [], already: [], left: [{ key: "search", flip: hand }] });
    expect(planLevel([search([hand])], 0)).toMatchObject({ end: [], left: [{ flip: hand }] });
    const narrow = flip("browse", { scope: { service: "catalog" } });
    expect(planLevel([search([narrow])], 1)).toMatchObject({ make: [], left: [{ flip: narrow }] });
    expect(planLevel([search([flip("full")], { steps: [] })], 3)).toEqual({ make: [], end: [], already: [], left: [] });
  });

  it("stands where it was sent to once the plan is made, whatever was in force, and no hand was undone", () => {
    const positions = fc.constantFrom("full", "browse", "off");
    const flips = fc.array(
      fc.record({ position: positions, purpose: fc.constantFrom("ladder" as const, undefined), narrow: fc.boolean() }),
      { maxLength: 4 },
    );
    const steps = fc.constantFrom(search().steps, [{ level: 2, position: "off" }], []);
    fc.assert(
      fc.property(fc.array(fc.record({ flips, steps }), { maxLength: 5 }), fc.integer({ min: 0, max: 4 }), (given, level) => {
        const switches = given.map((one, i) =>
          search(
            one.flips.map(({ position, purpose, narrow }) => flip(position, { purpose, scope: narrow ? { service: "catalog" } : {} })),
            { key: `s${String(i)}`, steps: one.steps },
          ),
        );
        const plan = planLevel(switches, level);
        expect(plan.end.every(({ purpose }) => purpose === "ladder")).toBe(true);
        for (const { key, steps: own, flips: before, positions: all } of switches) {
          const made = plan.make.find((one) => one.key === key);
          const byHand = before.some(({ purpose }) => purpose !== "ladder");
          expect(made !== undefined && byHand).toBe(false);
          if (byHand) continue;
          const after = before.filter((one) => !plan.end.includes(one));
          if (made !== undefined) after.push(flip(made.position, { purpose: "ladder" }));
          expect(standsAt({ steps: own, positions: all, flips: after })).toBe(own.filter((step) => step.level <= level).at(-1)?.level ?? 0);
        }
      }),
      { numRuns: 200 },
    );
  });
});
