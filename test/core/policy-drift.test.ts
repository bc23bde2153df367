import { describe, expect, it } from "vitest";
import { policyDrift, someNames } from "../../core/policy-drift.ts";
import type { PolicyAnswer, PolicySetting } from "../../protocol/policy-api.ts";

type Effective = PolicySetting["effective"];
const of = (value: number, names: readonly string[], revision = 0): Effective[number] => ({
  value,
  instances: names.length,
  names: [...names],
  origin: revision === 0 ? "code" : "remote",
  revision,
});
const setting = (effective: Effective, code: Effective = effective): PolicySetting => ({
  key: "openMs",
  type: "int",
  default: 1,
  bounds: null,
  fixed: false,
  code: code.map(({ value, instances, names }) => ({ value, instances, names })),
  effective,
});
const drift = (settings: PolicySetting[], changes: PolicyAnswer["changes"] = []) => policyDrift({ settings, changes });

describe("drift of a policy", () => {
  it("is a value in force that differs, with who has which", () => {
    expect(drift([setting([of(2, ["shop/a", "shop/b"]), of(3, ["shop/c"])])]).settings).toEqual([
      {
        key: "openMs",
        where: "force",
        values: [
          { value: 2, instances: 2, names: ["shop/a", "shop/b"] },
          { value: 3, instances: 1, names: ["shop/c"] },
        ],
      },
    ]);
  });

  it("is told of the code where a change hides it, and not where the same value came from two changes", () => {
    const code = [of(2, ["shop/a"]), of(3, ["shop/b"])];
    expect(drift([setting([of(9, ["shop/a", "shop/b"], 4)], code)]).settings).toMatchObject([{ where: "code" }]);
    expect(drift([setting([of(9, ["shop/a"], 4), of(9, ["shop/b"], 5)], [of(2, ["shop/a", "shop/b"])])]).settings).toEqual([]);
  });

  it("is a change that not every instance has applied", () => {
    const receipts = { targeted: 3, pending: 0, sent: 1, applied: 1, refused: 1, unknown: 0 };
    const change = { id: "c1", revision: 7, receipts } as PolicyAnswer["changes"][number];
    const whole = { ...change, id: "c2", receipts: { ...receipts, applied: 3 } };
    expect(drift([], [change, whole]).behind).toEqual([{ id: "c1", revision: 7, applied: 1, targeted: 3, refused: 1 }]);
  });

  it("names some and counts the rest", () => {
    expect(someNames(["a", "b", "c"], 3, 2)).toBe("a, b and 1 more");
    expect(someNames(["a", "b"], 40)).toBe("a, b and 38 more");
    expect(someNames(["a"], 1)).toBe("a");
  });
});
