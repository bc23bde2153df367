import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { policyDifferences, type HeldChange } from "../../core/replay-policy.ts";
import { subjectId } from "../../core/policy.ts";

const change = (
  id: string,
  revision: number,
  { key = "images", position = "off", scope = {} }: { key?: string; position?: string; scope?: object } = {},
) => ({ id, revision, expiresAt: null, scope, kind: "switch", key, policy: null, body: { position } }) as HeldChange;

/** What is in force after the steps were taken, by what it says, lowest first. */
function after(now: readonly HeldChange[], then: readonly HeldChange[]): Map<string, string[]> {
  let revision = 1_000;
  let held = [...now];
  for (const { steps } of policyDifferences(then, now))
    for (const { step, change: one } of steps) {
      if (step === "make") held.push({ ...one, id: `again-${revision}`, revision: revision++ });
      else held = held.filter(({ id }) => id !== one.id);
    }
  return bySubject(held);
}

function bySubject(held: readonly HeldChange[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const one of [...held].sort((a, b) => a.revision - b.revision)) {
    const said = found.get(subjectId(one)) ?? [];
    found.set(subjectId(one), [...said, JSON.stringify([one.body, one.scope])]);
  }
  return found;
}

describe("the way back to a policy", () => {
  it("leads to the same changes on top of each other, wherever one begins", () => {
    const held = fc.uniqueArray(
      fc.record({
        id: fc.constantFrom("a", "b", "c", "d", "e", "f"),
        key: fc.constantFrom("images", "search"),
        position: fc.constantFrom("off", "small"),
      }),
      { selector: ({ id }) => id },
    );
    fc.assert(
      fc.property(held, held, (was, is) => {
        const then = was.map(({ id, key, position }, i) => change(`${id}-${key}-${position}`, i + 1, { key, position }));
        // What is still there has kept its place; what is new came later.
        const kept = then.filter(({ id }) => is.some((one) => `${one.id}-${one.key}-${one.position}` === id));
        const added = is
          .filter((one) => !kept.some(({ id }) => `${one.id}-${one.key}-${one.position}` === id))
          .map(({ id, key, position }, i) => change(`${id}-${key}-${position}`, 100 + i, { key, position }));
        const now = [...kept, ...added];
        expect(after(now, then)).toEqual(bySubject(then));
        expect(policyDifferences(then, then)).toEqual([]);
      }),
    );
  });

  it("takes a change that says the same for the same instances for no difference", () => {
    expect(policyDifferences([change("a", 1)], [change("b", 7)])).toEqual([]);
    expect(policyDifferences([change("a", 1, { scope: { service: "x" } })], [change("b", 7)])).toHaveLength(1);
    // Which instances a share hits hangs on the id.
    const share = { scope: { percentage: 50 } };
    expect(policyDifferences([change("a", 1, share)], [change("b", 7, share)])[0]?.steps.map(({ step }) => step)).toEqual(["make", "end"]);
  });

  it("makes what is to lie on top before it ends what lies beneath", () => {
    const [{ subject, steps } = { subject: null, steps: [] }] = policyDifferences(
      [change("a", 1), change("b", 2, { position: "small" })],
      [change("b", 2, { position: "small" }), change("x", 3, { position: "none" })],
    );
    expect(subject).toEqual({ kind: "switch", key: "images", policy: null });
    expect(steps.map(({ step, change: { id } }) => `${step} ${id}`)).toEqual(["make a", "make b", "end b", "end x"]);
  });
});
