import { describe, expect, it } from "vitest";
import { eventTitle } from "../../../core/incidents/event-words.ts";
import { EVENT_TYPES } from "../../../protocol/event-types.ts";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { actorName, eventLink, sentence } from "../../../ui/screens/events/sentence.ts";

type Said = Pick<LoggedEvent, "type" | "service" | "instance" | "resource" | "actor" | "data">;
const say = (event: Partial<Said> & { type: string }): string =>
  sentence({ service: "orders", instance: "orders-1", resource: null, actor: "agent", data: {}, ...event });
const payments = { kind: "breaker", name: "payments" } as const;

describe("sentence", () => {
  it("says a breaker's transition with its number", () => {
    expect(say({ type: "breaker.opened", resource: payments, data: { failurePermille: 640 } })).toBe(
      "orders-1: breaker payments opened, 64 % failures",
    );
    expect(say({ type: "breaker.half_opened", resource: payments })).toBe("orders-1: breaker payments half-opened, probing");
    expect(say({ type: "breaker.closed", resource: payments, data: { openMs: 41_000 } })).toBe(
      "orders-1: breaker payments closed, after 41 s",
    );
  });

  it("names the person, the position, the reason and the revision of a flip", () => {
    const data = { switch: "recommendations", position: "popular", scope: "everything", reason: "payments are slow", revision: 119 };
    const wide = { service: null, instance: null, data };
    expect(say({ type: "flip.created", ...wide, actor: "user:m.ito" })).toBe(
      "m.ito switched recommendations to popular, “payments are slow”, r119",
    );
    expect(say({ type: "flip.created", ...wide, actor: "user:m.ito", data: { ...data, scope: "10 % of service catalog" } })).toContain(
      "to popular on 10 % of service catalog",
    );
    expect(say({ type: "flip.expired", ...wide, actor: "system" })).toBe("Recommendations to popular expired by itself, r119");
    expect(say({ type: "flip.reverted", ...wide, actor: "user:ada", data: { ...data, reason: "it is back" } })).toBe(
      "ada reverted recommendations from popular, “it is back”, r119",
    );
  });

  it("tells settings, overrides and drills from flips, with who, what and why", () => {
    const wide = { service: null, instance: null, actor: "user:ada" };
    const data = { policy: "breaker", name: "payments", values: "openMs 5000", reason: "probe sooner", revision: 7 };
    expect(say({ type: "policy.set", ...wide, data })).toBe("ada set breaker payments: openMs 5000, “probe sooner”, r7");
    expect(say({ type: "override.set", ...wide, data: { ...data, state: "forced_open" } })).toBe(
      "ada put breaker payments forced open, “probe sooner”, r7",
    );
    expect(say({ type: "override.expired", ...wide, actor: "system", data })).toBe(
      "The override of breaker payments expired by itself, r7",
    );
    expect(
      say({ type: "fault.set", ...wide, data: { pipeline: "payments", values: "errorPermille 300", reason: "drill", revision: 8 } }),
    ).toBe("ada began a drill on payments: errorPermille 300, “drill”, r8");
  });

  it("tells a goodbye from a loss and a return from a first meeting", () => {
    expect(say({ type: "agent.left", data: { reason: "goodbye" } })).toBe("orders-1: left by itself");
    expect(say({ type: "agent.left", data: { reason: "lost" } })).toBe("orders-1: was lost, nothing heard");
    expect(say({ type: "agent.joined", data: { reason: "reconnected", version: "8.41.0" } })).toBe("orders-1: is back, version 8.41.0");
  });

  it("says what was refused at the door, and from where", () => {
    const door = { service: null, instance: null, actor: "system" };
    expect(
      say({
        type: "auth.denied",
        ...door,
        data: { method: "POST", path: "/api/v1/switches/reviews/flips", code: "forbidden", address: "10.0.0.7" },
      }),
    ).toBe("POST /api/v1/switches/reviews/flips was refused, forbidden, from 10.0.0.7");
    expect(say({ type: "token.created", ...door, actor: "user:ada", data: { kind: "agent", name: "shop", prefix: "hfa_x" } })).toBe(
      "ada made the agent token shop",
    );
  });

  it("says how a switch moved on an instance", () => {
    expect(
      say({ type: "switch.applied", data: { key: "reviews", position: "on", previous: "hidden", revision: 0, source: "lease-expired" } }),
    ).toBe("orders-1: switch reviews applied to on, its lease ended by itself");
    expect(say({ type: "shed.started", resource: { kind: "shedder", name: "http" }, data: { classes: "low, medium" } })).toBe(
      "orders-1: http began to shed, low, medium",
    );
  });

  it("shows an unknown type with its data instead of hiding it", () => {
    expect(say({ type: "cache.stampede_seen", data: { keys: 12, cold: true } })).toBe("orders-1: cache stampede seen, keys 12, cold true");
    expect(say({ type: "limiter.tightened", resource: { kind: "limiter", name: "search" }, data: {} })).toBe(
      "orders-1: limiter search tightened",
    );
    expect(say({ type: "heartbeat", instance: null, service: null })).toBe("Heartbeat");
  });

  it("has words of its own for everything that Holdfast itself tells", () => {
    const data = { number: 12, name: "thing", other: 3, what: "acknowledged", symptom: "a pool", verdict: "cause", rule: "r1" };
    for (const type of EVENT_TYPES) {
      expect(sentence({ type, service: null, instance: null, resource: null, actor: "user:ada", data }), type).not.toMatch(/number 12/);
      expect(eventTitle({ type, service: null, instance: null, resource: null, data }), type).not.toMatch(/, number 12/);
    }
  });

  it("tells incidents by number, who did it, and how bad", () => {
    const wide = { service: null, instance: null, actor: "system" };
    const data = { incidentId: "i", number: 214, title: "payments: pool payments-db full" };
    expect(say({ type: "incident.opened", ...wide, data: { ...data, severity: 2 } })).toBe(
      "Incident 214 opened, SEV2, payments: pool payments-db full",
    );
    expect(say({ type: "incident.resolved", ...wide, actor: "user:ada", data: { ...data, openMs: 41_000 } })).toBe(
      "ada resolved incident 214, after 41 s",
    );
    expect(say({ type: "incident.changed", ...wide, data: { ...data, what: "severity 3 to 2" } })).toBe(
      "Incident 214 changed, severity 3 to 2",
    );
    expect(eventLink({ type: "incident.noted", service: null, data })).toEqual({ href: "/incidents/214", label: "Incident 214" });
  });

  it("passes hostile text through as text", () => {
    expect(say({ type: "note", data: { text: "<img src=x onerror=alert(1)>" } })).toBe("orders-1: <img src=x onerror=alert(1)>");
  });
});

describe("what an event leads to", () => {
  it("links a flip to its switch, an agent's event to its service", () => {
    expect(eventLink({ type: "flip.created", service: null, data: { switch: "reviews" } })?.href).toBe("/switchboard?switch=reviews");
    expect(eventLink({ type: "breaker.opened", service: "a/b?c", data: {} })?.href).toBe("/services/a%2Fb%3Fc");
    expect(eventLink({ type: "console.started", service: null, data: {} })).toBeNull();
  });

  it("names who did it without the machine's prefix", () => {
    expect([actorName("user:ada"), actorName("token:ci"), actorName("system"), actorName("agent")]).toEqual([
      "ada",
      "ci (token)",
      "the console",
      "agent",
    ]);
  });
});
