import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { event, eventually, heard, joinAgent, startTestConsole, type TestConsole } from "../support/test-console.ts";

let console: TestConsole;
beforeEach(async () => {
  console = await startTestConsole();
});
afterEach(() => console.stop());

describe("an agent's link", () => {
  it("is dead when nothing was heard for 25 seconds", async () => {
    const silent = await joinAgent(console, { instance: "silent" }, { autoPong: false });
    const talking = await joinAgent(console);
    for (let elapsed = 0; elapsed < LIMITS.deadPeerMs; elapsed += 5_000) {
      expect(console.agents.links.connected).toBe(2);
      console.clock.advance(5_000);
      await heard(talking);
    }
    await silent.closed;
    expect(console.metrics.evicted).toEqual(["agent:deadPeer"]);
    expect(console.fleet.describe("production", "catalog/silent")?.connectedAt).toBeNull();
    expect(talking.socket.readyState).toBe(talking.socket.OPEN);
  });

  it("is pinged every ten seconds and lives by its pongs alone", async () => {
    const agent = await joinAgent(console);
    let pings = 0;
    agent.socket.on("ping", () => pings++);
    for (let round = 1; round <= 6; round++) {
      console.clock.advance(10_000);
      await eventually(() => pings === round);
      await heard(agent);
    }
    expect(console.agents.links.connected).toBe(1);
  });

  it("survives a standstill of the console itself", async () => {
    const agent = await joinAgent(console);
    console.clock.stall(120_000);
    await heard(agent);
    expect(console.agents.links.connected).toBe(1);
  });

  it("is cut when its reader lets a mebibyte pile up", async () => {
    const agent = await joinAgent(console);
    agent.socket.pause();
    let sent = 0;
    const flips = setInterval(() => {
      for (let i = 0; i < 50; i++) console.feed.put(`f${sent++}-${"x".repeat(40)}`, { key: "k".repeat(60), position: "p".repeat(60) });
    }, 0);
    await eventually(() => console.metrics.evicted.includes("agent:slowConsumer"), 15_000).finally(() => clearInterval(flips));
    expect(console.agents.links.connected).toBe(0);
  });

  it("closes within five seconds when its token is revoked, and so does a handshake that was under way", async () => {
    const [mine, other] = [
      await joinAgent(console),
      await joinAgent(console, { service: "search" }, { headers: { authorization: "Bearer hfa_search" } }),
    ];
    let open = (): void => undefined;
    console.auth.gate = new Promise((resolve) => (open = resolve));
    const underWay = console.agent();
    await eventually(() => console.clock.waiting > 0);
    console.bus.publish({ type: "token-revoked", tokenId: "t1" });
    expect((await mine.closed).code).toBe(4401);
    open();
    console.auth.gate = null;
    expect((await underWay.refused).status).toBe(401);
    await heard(other);
    expect(console.agents.links.byEnvironment()).toEqual(new Map([["production", 1]]));
  });

  it("closes when its token expires", async () => {
    console.auth.grants.set("Bearer hfa_short", {
      tokenId: "t3",
      environment: "production",
      services: [],
      expiresAt: console.clock.now() + 3_000,
    });
    const agent = await joinAgent(console, {}, { headers: { authorization: "Bearer hfa_short" } });
    console.clock.advance(2_000);
    await heard(agent);
    console.clock.advance(2_000);
    expect((await agent.closed).code).toBe(4401);
  });

  it("is asked to slow down while the loop lags, and back to normal after half a minute of calm", async () => {
    const agent = await joinAgent(console);
    for (let i = 0; i < 3; i++) console.clock.stall(1_400);
    expect(await agent.next((message) => message.t === "slow-down")).toMatchObject({ sampleMs: 2_000 });
    const late = await joinAgent(console, { instance: "c2" });
    expect(late.messages[0]).toMatchObject({ t: "welcome", sampleMs: 2_000 });
    for (let i = 0; i < 8; i++) {
      console.clock.advance(5_000);
      await Promise.all([heard(agent), heard(late)]);
    }
    expect(agent.messages.filter((message) => message.t === "slow-down").map((message) => message.sampleMs)).toEqual([2_000, 1_000]);
  });

  it("ends with goodbye when the console stops, with everything that arrived acknowledged, and the agent has not left", async () => {
    const agent = await joinAgent(console);
    agent.say({ t: "events", dropped: 0, events: [event(1)] });
    await heard(agent);
    await console.agents.stop([2_000, 9_000]);
    expect((await agent.closed).code).toBe(1001);
    expect(agent.messages.slice(-2)).toEqual(
      expect.arrayContaining([{ t: "goodbye", reason: "the console stops", reconnectAfterMs: [2_000, 9_000] }]),
    );
    expect(agent.messages).toContainEqual({ t: "ack", events: 1 });
    expect((await console.agent().refused).status).toBe(503);
    console.clock.advance(60_000);
    await console.fleet.stop();
    expect(console.store.events.map((logged) => logged.type)).not.toContain("agent.left");
    expect(console.store.instances.get("production/catalog/c1")?.left).toBe(false);
  });

  it("that the agent closes itself is a goodbye; one that breaks counts as lost after 25 seconds", async () => {
    const polite = await joinAgent(console, { instance: "polite" });
    const broken = await joinAgent(console, { instance: "broken" });
    polite.socket.close(1000);
    broken.socket.terminate();
    await eventually(() => console.agents.links.connected === 0);
    expect(console.fleet.describe("production", "catalog/polite")).toMatchObject({ left: true, connectedAt: null });
    expect(console.fleet.describe("production", "catalog/broken")).toMatchObject({ left: false, connectedAt: null });
    const left = () =>
      console.store.events.filter((logged) => logged.type === "agent.left").map((logged) => [logged.instance, logged.data["reason"]]);
    await eventually(() => left().length === 1);
    console.clock.advance(LIMITS.deadPeerMs);
    await eventually(() => left().length === 2);
    expect(left()).toEqual([
      ["polite", "goodbye"],
      ["broken", "lost"],
    ]);
  });
});
