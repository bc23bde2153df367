/** Zoom, crosshair, drafts: what the page of an incident keeps while one looks at it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { strainOf } from "../../../core/incidents/strain.ts";
import { EMPTY_REVIEW } from "../../../core/incidents/incident.ts";
import { Crosshair } from "../../../ui/screens/incidents/crosshair.ts";
import { keepDraft, keptDraft } from "../../../ui/screens/incidents/kept-draft.ts";
import { reviewDraft } from "../../../ui/screens/incidents/review-form.ts";
import { brushed, closer, LEAST_SPAN_MS, momentAt, zoomOf } from "../../../ui/screens/incidents/time-window.ts";

const full = { from: 0, to: 600_000 };

describe("zooming", () => {
  it("stays inside the incident, and never below five seconds, however it is brushed and narrowed", () => {
    const moment = fc.integer({ min: -100_000, max: 700_000 });
    fc.assert(
      fc.property(moment, moment, fc.array(moment, { maxLength: 12 }), (a, b, arounds) => {
        let seen = brushed(a, b, { seen: full, full }) ?? full;
        for (const around of arounds) seen = closer(seen, around) ?? seen;
        expect(seen.from).toBeGreaterThanOrEqual(full.from);
        expect(seen.to).toBeLessThanOrEqual(full.to);
        expect(seen.to - seen.from).toBeGreaterThanOrEqual(LEAST_SPAN_MS - 1);
      }),
    );
  });

  it("halves around the crosshair, and takes a tiny brush for a click", () => {
    expect(closer(full, 100_000)).toEqual({ from: 0, to: 300_000 });
    expect(closer(full, 400_000)).toEqual({ from: 250_000, to: 550_000 });
    expect(closer({ from: 0, to: LEAST_SPAN_MS }, null)).toBeNull();
    expect(brushed(1_000, 2_000, { seen: full, full })).toBeNull();
    expect(brushed(300_000, 200_000, { seen: full, full })).toEqual({ from: 200_000, to: 300_000 });
    expect([momentAt(-1, full), momentAt(0.5, full), momentAt(2, full)]).toEqual([0, 300_000, 600_000]);
  });

  it("takes of a link's zoom what the incident has, and nothing of another time", () => {
    expect(zoomOf({ from: -50, to: 1_000 }, full)).toEqual({ from: 0, to: 1_000 });
    expect([zoomOf(null, full), zoomOf({ from: 700_000, to: 800_000 }, full), zoomOf({ from: -1, to: 900_000 }, full)]).toEqual([
      null,
      null,
      null,
    ]);
  });
});

describe("the crosshair", () => {
  it("is under the pointer, else where it was put, and tells only of changes", () => {
    const crosshair = new Crosshair();
    let told = 0;
    const stop = crosshair.subscribe(() => told++);
    crosshair.choose(7);
    crosshair.hover(9);
    crosshair.hover(9);
    expect([crosshair.at, told]).toEqual([9, 2]);
    crosshair.hover(null);
    stop();
    crosshair.choose(null);
    expect([crosshair.at, told]).toEqual([null, 3]);
  });
});

describe("how much was bad at once", () => {
  const span = (from: number, to: number | null) => ({ from, to, openedAt: from, badMs: 0, lastFrom: from, times: 1 });

  it("counts each symptom once in a step, up to the end for what is still bad", () => {
    const symptoms = [{ spans: [span(0, 100), span(150, 199)] }, { spans: [span(250, null)] }, { spans: [span(900, 950)] }];
    expect(strainOf(symptoms, { from: 100, to: 500 }, 4)).toEqual([1, 1, 1, 1]);
    expect(strainOf([...symptoms, { spans: [span(120, 130)] }], { from: 100, to: 500 }, 4)).toEqual([2, 1, 1, 1]);
  });

  it("never counts more than there are symptoms", () => {
    const at = fc.integer({ min: 0, max: 1_000 });
    const spans = fc.array(fc.tuple(at, at).map(([a, b]) => span(Math.min(a, b), Math.max(a, b))));
    fc.assert(
      fc.property(fc.array(spans, { maxLength: 5 }), fc.integer({ min: 1, max: 40 }), (all, steps) => {
        const strain = strainOf(
          all.map((one) => ({ spans: one })),
          { from: 100, to: 900 },
          steps,
        );
        expect(strain).toHaveLength(steps);
        expect(strain.every((count) => Number.isInteger(count) && count >= 0 && count <= all.length)).toBe(true);
      }),
    );
  });
});

describe("what was typed into a write-up", () => {
  const memory = () => {
    const kept = new Map<string, string>();
    return {
      kept,
      storage: {
        getItem: (key: string) => kept.get(key) ?? null,
        setItem: (key: string, value: string) => void kept.set(key, value),
        removeItem: (key: string) => void kept.delete(key),
      },
    };
  };
  const draft = {
    ...reviewDraft(EMPTY_REVIEW),
    summary: "half a sent",
    actions: [{ text: "a", type: "prevent", owner: "", link: "" } as const],
  };

  it("is kept for each incident until it is saved", () => {
    const { storage } = memory();
    keepDraft(() => storage, "i1", draft);
    expect([keptDraft(() => storage, "i1"), keptDraft(() => storage, "i2")]).toEqual([draft, null]);
    keepDraft(() => storage, "i1", null);
    expect(keptDraft(() => storage, "i1")).toBeNull();
  });

  it("is nothing when it cannot be understood, or when the browser keeps nothing", () => {
    const { kept, storage } = memory();
    for (const text of ["{", "7", '{"summary":1}', JSON.stringify({ ...draft, actions: null })]) {
      kept.set("holdfast.write-up.i1", text);
      expect(
        keptDraft(() => storage, "i1"),
        text,
      ).toBeNull();
    }
    kept.set("holdfast.write-up.i1", JSON.stringify({ ...draft, actions: [null, { text: 3 }] }));
    expect(keptDraft(() => storage, "i1")).toEqual({ ...draft, actions: [] });
    const forbidden = (): Storage => {
      throw new Error("forbidden");
    };
    keepDraft(forbidden, "i1", draft);
    expect(keptDraft(forbidden, "i1")).toBeNull();
  });
});
