import { describe, expect, it } from "vitest";
import type { LoggedEvent } from "../../../protocol/live.ts";
import { noticesOf } from "../../../ui/frame/browser-notice-model.ts";

const NOW = 1_772_356_364_000;
const event = (id: number, type: string, data: LoggedEvent["data"] = {}, receivedAt = NOW): LoggedEvent => ({
  ...{ id, at: receivedAt, receivedAt, type, service: null, instance: null, resource: null, actor: "system" },
  data: { number: 214, title: "payments: pool full", ...data },
});
const notices = (events: readonly LoggedEvent[], seenId = 0) => noticesOf(events, { environment: "production", seenId, now: NOW });

describe("notices of the browser", () => {
  it("tell of incidents that open or get worse, oldest first, with the way there", () => {
    expect(notices([event(9, "incident.changed", { what: "severity 3 to 1" }), event(8, "incident.opened", { severity: 3 })])).toEqual([
      {
        tag: "incident production 214",
        title: "SEV3 incident #214 opened",
        body: "payments: pool full (production)",
        href: "/incidents/214?env=production",
      },
      expect.objectContaining({ title: "SEV1 incident #214 got worse" }),
    ]);
  });

  it("tell nothing twice, nothing old, and nothing else", () => {
    const others = ["incident.resolved", "incident.grew", "breaker.opened"].map((type, index) => event(20 + index, type));
    expect(notices([...others, event(19, "incident.changed", { what: "severity 1 to 3" })])).toEqual([]);
    expect(notices([event(8, "incident.opened")], 8)).toEqual([]);
    expect(notices([event(8, "incident.opened", {}, NOW - 600_000)])).toEqual([]);
  });

  it("are three at most at once: the newest", () => {
    const many = Array.from({ length: 9 }, (_, index) => event(30 - index, "incident.opened", { number: 30 - index }));
    expect(notices(many).map(({ tag }) => tag)).toEqual(["incident production 28", "incident production 29", "incident production 30"]);
  });
});
