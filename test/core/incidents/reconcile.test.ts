import { describe, expect, it } from "vitest";
import { isOpen, newIncident, resolved, type Incident } from "../../../core/incidents/incident.ts";
import { absorb, mergedInto, reconcile, type Step } from "../../../core/incidents/reconcile.ts";
import type { LoggedEvent } from "../../../protocol/live.ts";
import type { IncidentRule } from "../../../protocol/incident-rule-api.ts";
import { breaker, EDGES, pool, rule, runsAt, sec } from "./samples.ts";

/** What a store does, in memory: numbers, versions. */
class Book {
  incidents: Incident[] = [];
  #next = 1;

  at(seconds: number, events: readonly LoggedEvent[], rules?: readonly IncidentRule[]): Step[] {
    const steps = reconcile({
      environment: "production",
      runs: runsAt(events, seconds, rules),
      incidents: this.incidents,
      edges: EDGES,
      now: sec(seconds),
      newId: () => `i${this.#next++}`,
    });
    for (const { before, incident } of steps) {
      const saved = {
        ...incident,
        number: before?.number ?? this.incidents.length + 1,
        version: incident.version + 1,
        updatedAt: sec(seconds),
      };
      this.incidents = before ? this.incidents.map((one) => (one.id === saved.id ? saved : one)) : [...this.incidents, saved];
    }
    return steps;
  }

  replace(incident: Incident): void {
    this.incidents = this.incidents.map((one) => (one.id === incident.id ? incident : one));
  }
}

const happened = (steps: readonly Step[]) => steps.map((step) => [step.incident.id, ...step.happened]);

describe("taking another in", () => {
  it("keeps each edge once, and so again and again", () => {
    const incident = newIncident({ id: "a", environment: "e", title: "t", severity: 3, startedAt: 0, detectedAt: 0, detectedBy: "system" });
    const home = { ...incident, edges: [...EDGES] };
    const guest = { ...incident, id: "b", edges: [...EDGES].reverse() };
    const once = absorb(home, guest);
    expect(once.edges).toHaveLength(EDGES.length);
    expect(new Set(once.edges)).toEqual(new Set(EDGES));
    expect(absorb(once, guest)).toEqual(once);
  });
});

describe("following incidents", () => {
  it("opens one after the open delay, resolves it after the resolve delay, and is quiet in between", () => {
    const book = new Book();
    const open = breaker("orders", "payments", [0]);
    expect(book.at(9, open)).toEqual([]);
    expect(happened(book.at(10, open))).toEqual([["i1", "opened"]]);
    expect(book.at(11, open)).toEqual([]);
    expect(book.at(500, open)).toEqual([]);
    const closed = [...open, ...breaker("orders", "payments", [0, 520]).slice(1)];
    expect(happened(book.at(530, closed))).toEqual([["i1"]]);
    expect(happened(book.at(580, closed))).toEqual([["i1", "resolved"]]);
    expect(book.at(9_000, closed)).toEqual([]);
    expect(book.incidents[0]).toMatchObject({
      title: "orders → payments: breaker open",
      severity: 3,
      startedAt: sec(0),
      detectedAt: sec(10),
      resolvedAt: sec(520),
      resolvedBy: "system",
      phases: [{ from: sec(10), to: sec(520) }],
    });
  });

  it("keeps a breaker that flaps for an hour in one incident", () => {
    const book = new Book();
    const times = Array.from({ length: 120 }, (_, index) => index * 30);
    for (let now = 0; now <= 3_600; now += 10)
      book.at(
        now,
        breaker(
          "orders",
          "payments",
          times.filter((at) => at <= now),
        ),
      );
    expect(book.incidents).toHaveLength(1);
    expect(book.incidents[0]?.phases).toHaveLength(1);
    expect(book.incidents[0]?.symptoms[0]?.spans[0]?.times).toBe(60);
  });

  it("opens the same incident again within the reopen window, and another one later", () => {
    const book = new Book();
    book.at(200, breaker("orders", "payments", [0, 60]));
    expect(happened(book.at(915, breaker("orders", "payments", [0, 60, 900])))).toEqual([["i1", "reopened"]]);
    book.at(2_000, breaker("orders", "payments", [0, 60, 900, 960]));
    expect(book.incidents[0]).toMatchObject({ status: "resolved", phases: [{}, { from: sec(900), to: sec(960) }] });
    expect(happened(book.at(3_000, breaker("orders", "payments", [0, 60, 900, 960, 2_900])))).toEqual([["i2", "opened"]]);
  });

  it("does not notice the same story twice after a restart that begins from the log", () => {
    const book = new Book();
    const events = [...breaker("orders", "payments", [0, 60]), ...breaker("storefront", "orders", [5])];
    book.at(100, events);
    expect(book.at(101, [...events].reverse())).toEqual([]);
    expect(book.incidents).toHaveLength(1);
  });

  it("makes one of two when late news show that they are one", () => {
    const open = new Book();
    open.at(100, breaker("storefront", "search", [0]));
    open.at(200, [...breaker("storefront", "search", [0]), ...breaker("storefront", "orders", [100])]);
    expect(open.incidents).toHaveLength(2);
    const shed = { ...pool("storefront", "threads", [110])[0]! };
    const steps = open.at(300, [...breaker("storefront", "search", [0]), ...breaker("storefront", "orders", [100]), shed]);
    expect(happened(steps)).toEqual([
      ["i1", "grew"],
      ["i2", "merged"],
    ]);
    expect(open.incidents[1]).toMatchObject({ status: "merged", mergedInto: "i1" });
    expect(open.incidents[0]?.symptoms).toHaveLength(3);
  });

  it("leaves what a person called over as it is, until something goes bad anew", () => {
    const book = new Book();
    const open = breaker("orders", "payments", [0]);
    book.at(20, open);
    book.replace(resolved(book.incidents[0]!, sec(30), "user:ada"));
    expect(book.at(40, open)).toEqual([]);
    const again = breaker("orders", "payments", [0, 50, 55]);
    expect(happened(book.at(60, again))).toEqual([["i1", "reopened"]]);
  });

  it("leaves a symptom where a person put it", () => {
    const book = new Book();
    const both = [...breaker("orders", "payments", [0]), ...breaker("storefront", "orders", [5])];
    book.at(60, both);
    const [whole] = book.incidents as [Incident];
    const [a, b] = whole.symptoms;
    const own: Incident = { ...whole, id: "split", number: 2, symptoms: [b!], claims: [b!.key] };
    book.replace({ ...whole, symptoms: [a!], claims: [a!.key] });
    book.incidents.push(own);
    book.at(61, both);
    expect(book.incidents.map(({ symptoms }) => symptoms.map(({ key }) => key))).toEqual([[a!.key], [b!.key]]);

    const [left, right] = book.incidents as [Incident, Incident];
    const together = absorb(left, right);
    book.replace({ ...together, claims: together.symptoms.map(({ key }) => key) });
    book.replace(mergedInto(right, left, sec(70), "user:ada"));
    book.at(71, both);
    expect(book.incidents[0]?.symptoms).toHaveLength(2);
    expect(book.incidents.filter(isOpen)).toHaveLength(1);
  });

  it("raises the severity to that of the worst rule, unless a person has set it", () => {
    const rules = [rule("breaker-open"), rule("breaker-open", { id: "long", severity: 1, openDelayMs: 60_000 })];
    const open = breaker("orders", "payments", [0]);
    const [book, set] = [new Book(), new Book()];
    for (const one of [book, set]) one.at(20, open, rules);
    set.replace({ ...set.incidents[0]!, severity: 4, severityBy: "user:ada" });
    for (const one of [book, set]) one.at(60, open, rules);
    expect(book.incidents[0]?.severities).toEqual([
      { at: sec(10), severity: 3, by: "system" },
      { at: sec(60), severity: 1, by: "system" },
    ]);
    expect(set.incidents[0]?.severity).toBe(4);
  });
});
