/** How much was bad at once, and the drafts that the page of an incident keeps. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { strainOf } from "../../../core/incidents/strain.ts";
import { EMPTY_REVIEW } from "../../../core/incidents/incident.ts";
import { keepDraft, keptDraft } from "../../../ui/screens/incidents/kept-draft.ts";
import { reviewDraft } from "../../../ui/screens/incidents/review-form.ts";

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
