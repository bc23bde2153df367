import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { combinationProblem, effectiveValues, type DeclaredPolicy, type ScopedSettings } from "../../core/policy-values.ts";
import { subjectId } from "../../core/policy.ts";
import { defaultsOf, fieldsOf, togetherProblem, type Values } from "../../protocol/settings.ts";

const declared = (part: Partial<DeclaredPolicy> = {}): DeclaredPolicy => ({
  policy: "timeout",
  values: { ...defaultsOf(fieldsOf("timeout")), attemptMs: 500, totalMs: 2_000 },
  bounds: {},
  fixed: [],
  ...part,
});
const change = (revision: number, values: Values, expiresAt: number | null = null): ScopedSettings => ({
  id: `c${revision}`,
  revision,
  scope: {},
  expiresAt,
  body: { values },
});

describe("the settings an instance holds", () => {
  it("are the code's, with changes laid over them field by field in the order of their revisions", () => {
    const { values, setBy } = effectiveValues(declared(), [change(3, { totalMs: 900 }), change(2, { totalMs: 700, attemptMs: 600 })]);
    expect(values).toMatchObject({ attemptMs: 600, totalMs: 900, shadow: false });
    expect([setBy.get("totalMs")?.revision, setBy.get("attemptMs")?.revision, setBy.get("shadow")]).toEqual([3, 2, undefined]);
  });

  it("leave out a change that passes the bounds, touches what is fixed, or cannot be with what is beneath it", () => {
    const bounded = declared({ bounds: { totalMs: [1_000, 3_000] }, fixed: ["shadow"] });
    const changes = [change(1, { totalMs: 5_000 }), change(2, { shadow: true }), change(3, { attemptMs: 2_500 })];
    expect(effectiveValues(bounded, changes)).toEqual({ values: bounded.values, setBy: new Map() });
  });

  it("can always be together, whatever was changed", () => {
    const value = fc.integer({ min: 1, max: 20_000 });
    const some = fc.record({ attemptMs: value, totalMs: value }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 8 }), (list) => {
        const { values } = effectiveValues(
          declared(),
          list.map((values, index) => change(index + 1, values)),
        );
        return togetherProblem("timeout", values) === null;
      }),
    );
  });
});

describe("a combination", () => {
  it("is refused when it cannot be with the code or with a change in force", () => {
    expect(combinationProblem(declared(), [], change(1, { attemptMs: 3_000 }))).toContain("attemptMs must not be above totalMs");
    expect(combinationProblem(declared(), [change(1, { totalMs: 9_000 })], change(2, { attemptMs: 3_000 }))).toBeNull();
  });

  it("is refused when it could not stay as soon as an earlier change ends", () => {
    const beneath = [change(1, { totalMs: 9_000 }, 1_000)];
    expect(combinationProblem(declared(), beneath, change(2, { attemptMs: 3_000 }, 2_000))).toContain("as soon as an earlier change ends");
    expect(combinationProblem(declared(), beneath, change(2, { attemptMs: 3_000 }, 900))).toBeNull();
    expect(combinationProblem(declared(), beneath, change(2, { attemptMs: 3_000 }, null))).not.toBeNull();
  });
});

it("settings and overrides of one policy are one subject, and nothing else is", () => {
  const subjects = [
    { kind: "switch", key: "payments", policy: null },
    { kind: "fault", key: "payments", policy: null },
    { kind: "settings", key: "payments", policy: "breaker" },
    { kind: "settings", key: "payments", policy: "retry" },
    { kind: "settings", key: "orders", policy: "retry" },
  ] as const;
  expect(new Set(subjects.map(subjectId)).size).toBe(5);
  expect(subjectId({ kind: "override", key: "payments", policy: "breaker" })).toBe(subjectId(subjects[2]));
});
