import { describe, expect, it } from "vitest";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { announcement } from "../../../ui/frame/announcement.ts";

const NOW = 1_000_000;
const event = (id: number, type: string, data: LoggedEvent["data"] = {}): LoggedEvent => ({
  ...{ id, at: NOW - 1_000, receivedAt: NOW, type, service: null, instance: null, resource: null, actor: "system" },
  data: { number: id, ...data },
});
const say = (events: readonly LoggedEvent[], spokenId = 0) => announcement(events, { spokenId, now: NOW });

describe("what is said aloud", () => {
  it("is the worst first: incidents by severity, then escalations, then what is over, then breakers", () => {
    const opened = event(1, "incident.opened", { severity: 4, title: "slow" });
    const worse = event(2, "incident.opened", { severity: 2, title: "down" });
    const risen = event(3, "incident.changed", { what: "severity 3 to 1" });
    const breaker = event(4, "breaker.opened", { name: "payments" });
    const over = event(5, "incident.resolved");
    expect(say([over, breaker, opened])?.text).toBe("Incident 1 opened, SEV4, slow. And 2 more changes");
    expect(say([over, breaker, worse, opened])?.text).toMatch(/^Incident 2 opened/);
    expect(say([over, breaker, risen, worse])?.text).toBe("Incident 3 escalated to SEV1. And 3 more changes");
    expect(say([breaker, over])?.text).toBe("Incident 5 resolved. And 1 more change");
  });

  it("leaves out what is no transition, what was said, and what is no news", () => {
    const quiet = [event(1, "incident.noted"), event(2, "incident.changed", { what: "severity 1 to 3" }), event(3, "agent.joined")];
    expect(say(quiet)).toBeNull();
    const opened = event(4, "incident.opened", { severity: 1 });
    expect(say([opened])?.spokenId).toBe(4);
    expect(say([opened], 4)).toBeNull();
    expect(say([{ ...opened, at: NOW - 120_000 }])).toBeNull();
  });
});
