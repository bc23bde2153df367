import { describe, expect, it } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { AgentDictionary } from "../../server/gateway/agent-dictionary.ts";
import { declaredPolicy } from "../support/test-api.ts";

const message = (policies?: ReturnType<typeof declaredPolicy>[]) => ({
  t: "declare" as const,
  resources: [],
  switches: [],
  retired: [],
  ...(policies === undefined ? {} : { policies }),
});

describe("the policies of a dictionary", () => {
  it("add up over declarations, the last word on each winning", () => {
    const dictionary = new AgentDictionary();
    expect(dictionary.declare(message([declaredPolicy("breaker"), declaredPolicy("retry")]), 0)).toBeNull();
    dictionary.declare(message(), 0);
    dictionary.declare(message([declaredPolicy("retry", { values: { maxAttempts: 5 } }), declaredPolicy("retry", { name: "orders" })]), 0);
    expect(dictionary.policies().map(({ policy, name, values }) => [policy, name, values["maxAttempts"]])).toEqual([
      ["breaker", "payments", undefined],
      ["retry", "payments", 5],
      ["retry", "orders", 3],
    ]);
  });

  it("are refused beyond the limit, and the declaration changes nothing", () => {
    const dictionary = new AgentDictionary();
    const many = Array.from({ length: LIMITS.policiesPerAgent }, (_, i) => declaredPolicy("retry", { name: `p${i}` }));
    expect(dictionary.declare(message(many), 0)).toBeNull();
    expect(dictionary.declare(message([declaredPolicy("breaker")]), 0)).toMatchObject({ verdict: "refused", code: "too_many_policies" });
    expect(dictionary.policies()).toHaveLength(LIMITS.policiesPerAgent);
  });
});
