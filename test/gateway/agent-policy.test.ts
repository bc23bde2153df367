import { afterEach, describe, expect, it } from "vitest";
import type { AgentDown } from "../../protocol/agent-down.ts";
import { policyDigest } from "../../protocol/digest.ts";
import { FakePolicyFeed } from "../support/fake-ports.ts";
import { eventually, heard, hello, joinAgent, startTestConsole, type TestConsole } from "../support/test-console.ts";

let console: TestConsole;
afterEach(() => console.stop());

const commits = (messages: readonly AgentDown[]) => messages.filter((message) => message.t === "commit");
const isPut = (message: AgentDown): message is Extract<AgentDown, { t: "put" }> => message.t === "put";
const intents = (messages: readonly AgentDown[]) => messages.filter((message) => message.t === "intent");

describe("policy after the welcome", () => {
  it("is none with leases renewed when both ends agree", async () => {
    console = await startTestConsole();
    const item = console.feed.put("f1", { expiresAt: console.clock.now() + 60_000 });
    const agent = await joinAgent(console, { policy: { revision: 1, digest: policyDigest([item]) } });
    await agent.next((message) => message.t === "renew");
    expect(agent.messages.slice(1)).toEqual([
      { t: "intent", txn: 1, mode: "none", revision: 1 },
      { t: "commit", txn: 1, revision: 1 },
      { t: "renew", items: [{ id: "f1", leaseMs: 60_000 }] },
    ]);
    expect(console.feed.answers).toEqual([
      { key: "catalog/c1", answer: { revision: 1, at: console.clock.now(), appliedMs: null, rejected: [] } },
    ]);
  });

  it("is everything when they differ", async () => {
    console = await startTestConsole();
    const [first, second] = [
      console.feed.put("f1"),
      console.feed.put("f2", { key: "images", position: "small", expiresAt: console.clock.now() + 5_000 }),
    ];
    const agent = await joinAgent(console, { policy: { revision: 9, digest: 4711 } });
    await agent.next((message) => message.t === "commit");
    expect(agent.messages.slice(1)).toEqual([
      { t: "intent", txn: 1, mode: "full", revision: 2 },
      { t: "put", txn: 1, id: "f1", kind: "switch", key: "recommendations", revision: 1, leaseMs: null, body: { position: "off" } },
      { t: "put", txn: 1, id: "f2", kind: "switch", key: "images", revision: 2, leaseMs: 5_000, body: { position: "small" } },
      { t: "commit", txn: 1, revision: 2 },
    ]);
    expect(console.feed.answers).toEqual([]);
    agent.say({ t: "ack", txn: 1, revision: 2, digest: policyDigest([first, second]), appliedMs: 3 });
    await eventually(() => console.feed.answers.length === 1);
    expect(console.feed.answers[0]).toMatchObject({ key: "catalog/c1", answer: { revision: 2, appliedMs: null, rejected: [] } });
    expect(console.fleet.describe("production", "catalog/c1")?.policyRevision).toBe(2);
  });

  it("leaves out what has expired", async () => {
    console = await startTestConsole();
    console.feed.put("f1", { expiresAt: console.clock.now() - 1 });
    const agent = await joinAgent(console);
    await agent.next((message) => message.t === "commit");
    expect(intents(agent.messages)).toMatchObject([{ mode: "none" }]);
  });

  it("of more items than a message may hold comes in several frames and one transaction", async () => {
    console = await startTestConsole();
    for (let i = 0; i < 1_200; i++) console.feed.put(`f${i}`);
    const agent = await joinAgent(console);
    await agent.next((message) => message.t === "commit");
    expect(agent.messages.filter((message) => message.t === "put")).toHaveLength(1_200);
    expect(agent.frames).toHaveLength(4);
    expect(intents(agent.messages)).toHaveLength(1);
  });
});

describe("a policy change", () => {
  it("reaches every agent in scope as the same bytes, and nobody else", async () => {
    console = await startTestConsole({ feed: new FakePolicyFeed((agent) => agent.service === "catalog") });
    const agents = await Promise.all(["a", "b", "c"].map((instance) => joinAgent(console, { instance })));
    const other = await joinAgent(console, { service: "search" });
    const before = agents.map((agent) => agent.frames.length);
    const item = console.feed.put("f1");
    await Promise.all(agents.map((agent, index) => agent.next((message) => message.t === "put", before[index])));
    const frames = agents.map((agent) => agent.frames.at(-1));
    expect(new Set(frames).size).toBe(1);
    expect(JSON.parse(frames[0] ?? "")).toMatchObject([
      { t: "intent", mode: "delta", revision: 1 },
      { t: "put", id: "f1", revision: item.revision },
      { t: "commit", revision: 1 },
    ]);
    await heard(other);
    expect(other.messages.some((message) => message.t === "put")).toBe(false);
    expect(console.feed.sentTo).toEqual([{ revision: 1, keys: ["catalog/a", "catalog/b", "catalog/c"] }]);
    expect(console.metrics.pushes).toBe(1);
  });

  it("is answered with the time that the agent took", async () => {
    console = await startTestConsole();
    const agent = await joinAgent(console);
    const item = console.feed.put("f1");
    const { txn } = await agent.next(isPut);
    agent.say({ t: "ack", txn, revision: 1, digest: policyDigest([item]), appliedMs: 0.4 });
    await eventually(() => console.feed.answers.some(({ answer }) => answer.appliedMs === 0.4));
    agent.say({ t: "ack", txn, revision: 1, digest: policyDigest([item]), appliedMs: 0.4 });
    agent.say({ t: "ack", txn: 999, revision: 1, digest: 0, appliedMs: 1 });
    await heard(agent);
    expect(console.feed.answers.filter(({ answer }) => answer.appliedMs !== null)).toHaveLength(1);
  });

  it("that an agent refuses is reported and not pressed upon it", async () => {
    console = await startTestConsole();
    const agent = await joinAgent(console);
    console.feed.put("f1");
    const { txn } = await agent.next(isPut);
    agent.say({
      t: "nack",
      txn,
      revision: 1,
      digest: 0,
      appliedMs: 1,
      rejected: [{ id: "f1", code: "unknown_position", message: "no such position" }],
    });
    await eventually(() => console.feed.answers.some(({ answer }) => answer.rejected.length === 1));
    await heard(agent);
    console.clock.advance(9_000);
    await heard(agent);
    expect(intents(agent.messages).filter((message) => message.mode === "full")).toEqual([]);
  });

  it("that leaves another digest than expected brings the full policy, at most every five seconds", async () => {
    console = await startTestConsole();
    const agent = await joinAgent(console);
    console.feed.put("f1");
    const answer = async (count: number) => {
      const commit = await eventually(() => commits(agent.messages)[count]);
      agent.say({ t: "ack", txn: commit.txn, revision: 1, digest: 5, appliedMs: 1 });
    };
    await answer(1);
    await eventually(() => intents(agent.messages).filter((message) => message.mode === "full").length === 1);
    await answer(2);
    await heard(agent);
    console.clock.advance(3_000);
    await heard(agent);
    expect(intents(agent.messages).filter((message) => message.mode === "full")).toHaveLength(1);
    console.clock.advance(3_000);
    await eventually(() => intents(agent.messages).filter((message) => message.mode === "full").length === 2);
  });

  it("made while an agent is being welcomed is not lost on it", async () => {
    console = await startTestConsole();
    const agent = console.agent();
    await agent.opened;
    const before = console.store.calls.length;
    agent.say(hello());
    await eventually(() => console.store.calls.length > before);
    console.feed.put("f1");
    await agent.next((message) => message.t === "commit");
    await eventually(() => agent.messages.some((message) => message.t === "put" && message.id === "f1"));
    expect(agent.messages.filter((message) => message.t === "put")).toHaveLength(1);
  });

  it("follows the one before, for as many agents as there are", async () => {
    console = await startTestConsole();
    const agents = await Promise.all(Array.from({ length: 30 }, (_, index) => joinAgent(console, { instance: `c${index}` })));
    for (let i = 0; i < 10; i++) console.feed.put(`f${i}`);
    console.feed.end("f0");
    await Promise.all(agents.map((agent) => agent.next((message) => message.t === "del")));
    for (const agent of agents)
      expect(commits(agent.messages).map((message) => message.revision)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(console.feed.sentTo.map(({ revision }) => revision)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it("is unknown to an agent whose link is gone", async () => {
    console = await startTestConsole();
    const agent = await joinAgent(console);
    agent.socket.terminate();
    await eventually(() => console.feed.lostAgents.length === 1);
    expect(console.feed.lostAgents).toEqual(["catalog/c1"]);
  });
});
