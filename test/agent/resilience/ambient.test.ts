import { describe, expect, it } from "vitest";
import { runCall } from "../../../agent/src/http/context.ts";
import { pipelineIn } from "../../../agent/src/resilience/pipeline.ts";
import { FakeAgent } from "./support/agent.ts";
import { deferred, outcome, World } from "./support/world.ts";

describe("a pipeline within a request", () => {
  it("keeps the request's deadline and priority, also when the first request comes after the first call", async () => {
    const world = new World();
    const search = pipelineIn(world, "search", { bulkhead: { maxConcurrent: 1 }, agent: new FakeAgent() });
    await search.run(() => "before any request");
    await world.advance(20);
    const context = { deadlineAt: world.now + 50, priority: 3 as const };
    await expect(runCall({ ...context, deadlineAt: world.now }, () => search.run(() => 1))).rejects.toMatchObject({
      code: "deadline_exceeded",
    });

    const gate = deferred();
    const first = search.run(() => gate.promise);
    const order: string[] = [];
    const runs = [search.run(() => order.push("medium")), runCall(context, () => search.run(() => order.push("critical")))];
    gate.resolve(0);
    await Promise.all([first, ...runs]);
    expect(order).toEqual(["critical", "medium"]);

    const late = outcome(runCall({ ...context, deadlineAt: world.now + 50 }, () => search.run(() => new Promise(() => undefined))));
    await world.advance(65);
    expect(late.error?.code).toBe("deadline_exceeded");
  });
});
