import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAgent } from "@holdfast/agent";
import { systemClock, type Clock } from "../../server/clock.ts";
import { eventually, startTestConsole, type TestConsole } from "../support/test-console.ts";

let console: TestConsole<Clock>;
beforeEach(async () => {
  console = await startTestConsole({ clock: systemClock });
});
afterEach(() => console.stop());

describe("the published agent", () => {
  it("is welcome, declares, samples, reports, obeys and says goodbye", async () => {
    const agent = createAgent({
      url: `http://127.0.0.1:${console.port}`,
      token: "hfa_good",
      service: "catalog",
      instance: "c1",
      log: () => undefined,
    });
    const recommendations = agent.switch({
      key: "recommendations",
      title: "Recommendations",
      whatUsersLose: "Picks",
      positions: ["on", "off"],
      safeDefault: "on",
    });
    agent.resource("gauge", "depth", () => ({ value: 7 }));
    agent.event("deploy", { version: "1.0.0" });
    const shown = () => console.fleet.describe("production", "catalog/c1");
    await eventually(() => console.store.events.some((logged) => logged.type === "deploy"));
    await eventually(() => shown()?.row.includes(8));

    const item = console.feed.put("f1", { expiresAt: Date.now() + 60_000 });
    await eventually(() => recommendations.position === "off");
    await eventually(() => console.feed.answers.some(({ answer }) => answer.revision === item.revision && answer.appliedMs !== null));
    await eventually(() => shown()?.switches[0]?.position === "off");
    expect(shown()?.policyRevision).toBe(item.revision);

    console.feed.end("f1");
    await eventually(() => recommendations.position === "on");
    await eventually(() => shown()?.switches[0]?.position === "on");

    await agent.close();
    await eventually(() => shown()?.left);
    expect(console.metrics.evicted).toEqual([]);
  });
});
