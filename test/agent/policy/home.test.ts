import { afterEach, describe, expect, it } from "vitest";
import { createAgent, createNoopAgent, type Agent } from "../../../agent/src/index.ts";
import { PART_HOST, settle } from "../../../agent/src/resilience/home.ts";
import { fakePart } from "../support/fake-part.ts";

const options = { url: "http://127.0.0.1:1", token: "hfa_test", service: "orders", log: () => undefined };
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function agentOf(): Agent {
  const agent = createAgent(options);
  cleanups.push(() => agent.close());
  return agent;
}

describe("the policies of a process and its agent", () => {
  it("find each other, whichever came first", () => {
    const early = fakePart("early", "breaker");
    cleanups.push(settle(early));
    expect(early.tell).toBeNull();
    const agent = agentOf();
    const late = fakePart("late", "breaker");
    cleanups.push(settle(late));
    expect([typeof early.tell, typeof late.tell]).toEqual(["function", "function"]);
    expect(agent.status.resources).toBe(3);
  });

  it("part when the agent closes, and the next agent takes them at once", async () => {
    const part = fakePart("payments", "breaker");
    cleanups.push(settle(part));
    const first = agentOf();
    const closing = first.close();
    expect(part.tell).toBeNull();
    const second = agentOf();
    expect(typeof part.tell).toBe("function");
    expect(second.status.resources).toBe(2);
    await closing;
  });

  it("belong to the first agent while it lives", () => {
    const first = agentOf();
    const second = agentOf();
    cleanups.push(settle(fakePart("payments", "breaker")));
    expect([first.status.resources, second.status.resources]).toEqual([2, 1]);
  });

  it("do not see an agent that does nothing", () => {
    expect(PART_HOST in createNoopAgent()).toBe(false);
    expect(PART_HOST in createAgent({ ...options, enabled: false })).toBe(false);
  });
});
