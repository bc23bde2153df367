import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cascadeOf, type CascadeFacts } from "../../../core/incidents/cause.ts";
import { subjectKey } from "../../../core/incidents/conditions.ts";
import type { Symptom } from "../../../protocol/incident-api.ts";
import { EDGES, sec } from "./samples.ts";

function symptom(service: string, name: string | null, seconds: number, changes: Partial<Symptom> = {}): Symptom {
  const on = changes.on ?? "breaker_open";
  const resource = name === null ? null : { kind: on === "pool_saturated" ? ("pool" as const) : ("breaker" as const), name };
  const span = { from: sec(seconds), to: null, openedAt: sec(seconds + 10), badMs: 0, lastFrom: sec(seconds), times: 1 };
  return {
    key: subjectKey({ on, service, resource }),
    ruleId: "breaker-open",
    on,
    service,
    resource,
    target: name,
    instances: [`${service}-1`],
    spans: [span],
    ...changes,
  };
}

const cascade = (symptoms: readonly Symptom[], facts: Partial<CascadeFacts> = {}) =>
  cascadeOf({ symptoms, edges: EDGES, marks: {}, changes: [], ...facts });
const titles = (...[symptoms, facts]: Parameters<typeof cascade>) => cascade(symptoms, facts).map(({ title }) => title);

const DB = symptom("payments", "payments-db", 0, { on: "pool_saturated" });
const PAYMENTS = symptom("orders", "payments", 4);
const ORDERS = symptom("storefront", "orders", 12);

describe("the order of a cascade", () => {
  it("begins with the first to depart, and says why and how sure that is", () => {
    const [first, second, third] = cascade([ORDERS, PAYMENTS, DB]);
    expect(first).toMatchObject({ title: "payments: pool payments-db full", confidence: "likely" });
    expect(first?.reasons).toEqual([
      "First to depart from normal, 4 s before the next",
      "All 2 others depend on it: orders → payments: breaker open and storefront → orders: breaker open",
      "Nothing it depends on had departed from normal by then",
      "On 1 instance",
    ]);
    expect(second).toMatchObject({ title: "orders → payments: breaker open", confidence: "unlikely" });
    expect(second?.reasons).toContain("Depends on payments, where payments: pool payments-db full departed 4 s before");
    expect(third?.title).toBe("storefront → orders: breaker open");
  });

  it("puts a dependency before the caller that noticed it a little earlier", () => {
    const late = symptom("payments", "payments-db", 14, { on: "pool_saturated" });
    const [first] = cascade([late, PAYMENTS]);
    expect(first?.title).toBe("payments: pool payments-db full");
    expect(first?.reasons).toContain(
      "Put before orders → payments: breaker open, which departed 10 s earlier: a caller often notices what it calls first",
    );
    const tooLate = symptom("payments", "payments-db", 60, { on: "pool_saturated" });
    expect(titles([tooLate, PAYMENTS])[0]).toBe("orders → payments: breaker open");
  });

  it("does not blame what merely happened first elsewhere, and says no more than it knows", () => {
    const search = symptom("storefront", "search", -30);
    const [first] = cascade([search, PAYMENTS, ORDERS]);
    expect(first).toMatchObject({ title: "storefront → search: breaker open", confidence: "possible" });
    expect(cascade([PAYMENTS])[0]).toMatchObject({
      confidence: "possible",
      reasons: ["The only thing that departed from normal", "On 1 instance"],
    });
  });

  it("follows a person's word", () => {
    const mark = (verdict: "cause" | "not_cause") => ({ verdict, by: "user:ada", at: sec(99) });
    const facts = { marks: { [DB.key]: mark("not_cause"), [ORDERS.key]: mark("cause") } };
    const order = cascade([DB, PAYMENTS, ORDERS], facts);
    expect(order.map(({ confidence }) => confidence)).toEqual(["stated", "unlikely", "ruled_out"]);
    expect(order[0]?.reasons[0]).toBe("Marked as a cause by ada");
    expect(order[2]?.reasons[0]).toBe("Marked as not the cause by ada");
  });

  it("names a change shortly before, on the service itself or on its far side", () => {
    const deploy = { at: sec(-40), service: "payments", title: "Payments-1: deployed 1.2.0" };
    const [first] = cascade([PAYMENTS], { changes: [deploy, { ...deploy, at: sec(-900) }, { ...deploy, at: sec(-1), service: "search" }] });
    expect(first?.reasons).toContain("44 s before: Payments-1: deployed 1.2.0");
    expect(first?.confidence).toBe("likely");
  });

  it("has every symptom once in whatever order they come, even where calls go in circles", () => {
    const circle = [...EDGES, { from: "payments-db", to: "storefront", through: "breaker storefront" }];
    const all = [DB, PAYMENTS, ORDERS, symptom("payments-db", "storefront", 3), symptom("search", null, 1, { on: "shed", target: null })];
    fc.assert(
      fc.property(fc.shuffledSubarray(all), fc.boolean(), (symptoms, inCircle) => {
        const edges = inCircle ? circle : EDGES;
        const order = cascade(symptoms, { edges });
        expect(order.map(({ key }) => key).sort()).toEqual(symptoms.map(({ key }) => key).sort());
        const sorted = [...symptoms].sort((a, b) => (a.key < b.key ? -1 : 1));
        expect(cascade(sorted, { edges })).toEqual(order);
      }),
    );
  });
});
