import { describe, expect, it } from "vitest";
import { newIncident } from "../../../core/incidents/incident.ts";
import { searchText, searchWords } from "../../../core/incidents/search.ts";
import { symptomTitle } from "../../../core/incidents/words.ts";
import { unmarked } from "../../../core/isolated.ts";

const SERVICE = "תשלומים";
const POOL = "مسبح";
const [service, pool] = [`\u2068${SERVICE}\u2069`, `\u2068${POOL}\u2069`];
const full = { on: "pool_saturated" as const, service: SERVICE, resource: { kind: "pool" as const, name: POOL }, target: null };
const open = { on: "breaker_open" as const, service: "orders", resource: { kind: "breaker" as const, name: SERVICE }, target: SERVICE };

describe("the title of a symptom", () => {
  it("is the same words whatever a name is written in", () => {
    const titles = ["payments", SERVICE].map((name) =>
      [full, { ...full, resource: null, on: "agents_lost" as const }, { ...full, resource: null, on: "shed" as const }]
        .map((symptom) => unmarked(symptomTitle({ ...symptom, service: name })))
        .join("; ")
        .replaceAll(name, "NAME"),
    );
    expect(titles[1]).toBe(titles[0]);
  });

  it("keeps a name that is written from right to left from turning the words around it", () => {
    expect(symptomTitle(full)).toBe(`${service}: pool ${pool} full`);
    expect(symptomTitle(open)).toBe(`orders → ${service}: breaker open`);
    expect(symptomTitle({ ...open, target: "payments" })).toBe(`orders → payments: breaker ${service} open`);
    expect(symptomTitle({ ...full, resource: null, on: "error_budget" })).toBe(`${service} burns its error budget`);
  });

  it("is found by what a person reads, marks or not", () => {
    const incident = newIncident({
      ...{ id: "i1", environment: "production", severity: 3, startedAt: 0, detectedAt: 0, detectedBy: "system" },
      title: symptomTitle(full),
    });
    expect(searchText({ ...incident, number: 7 })).toContain(`${SERVICE}: pool ${POOL} full`);
    expect(searchWords(`${service}:`)).toEqual([`${SERVICE}:`]);
  });
});
