import { describe, expect, it } from "vitest";
import { HOLD_MS, steadyOrder } from "../../../ui/screens/service/steady-order.ts";
import { servicesOf, snippet } from "../../../ui/screens/agents/snippet.ts";

describe("worst first, without jitter", () => {
  it("takes a new ranking only after it has held", () => {
    const first = steadyOrder(null, ["a", "b"], 0);
    const waiting = steadyOrder(first, ["b", "a"], 1000);
    expect(waiting.shown).toEqual(["a", "b"]);
    expect(steadyOrder(waiting, ["b", "a"], 1000 + HOLD_MS - 1).shown).toEqual(["a", "b"]);
    expect(steadyOrder(waiting, ["b", "a"], 1000 + HOLD_MS).shown).toEqual(["b", "a"]);
  });

  it("forgets a ranking that did not hold", () => {
    const waiting = steadyOrder(steadyOrder(null, ["a", "b"], 0), ["b", "a"], 1000);
    const back = steadyOrder(waiting, ["a", "b"], 2000);
    expect(back.waiting).toBeNull();
    expect(steadyOrder(back, ["b", "a"], 1000 + HOLD_MS).shown).toEqual(["a", "b"]);
  });

  it("adds newcomers below and drops what is gone at once", () => {
    expect(steadyOrder(steadyOrder(null, ["a", "b"], 0), ["c", "b"], 1).shown).toEqual(["b", "c"]);
  });

  it("answers the same object when nothing changed, so that drawing settles", () => {
    const waiting = steadyOrder(steadyOrder(null, ["a", "b"], 0), ["b", "a"], 1000);
    expect(steadyOrder(waiting, ["b", "a"], 1000)).toBe(waiting);
    const still = steadyOrder(null, ["a"], 0);
    expect(steadyOrder(still, ["a"], 9)).toBe(still);
  });
});

describe("snippet", () => {
  it("holds the token and survives quotes in a name", () => {
    const code = snippet({ url: "http://127.0.0.1:4400", token: "hfa_x", service: 'a"b' });
    expect(code).toContain('token: "hfa_x"');
    expect(code).toContain(String.raw`service: "a\"b"`);
  });

  it("reads services out of a line", () => {
    expect(servicesOf(" orders, payments orders ")).toEqual(["orders", "payments"]);
    expect(servicesOf("")).toEqual([]);
  });
});
