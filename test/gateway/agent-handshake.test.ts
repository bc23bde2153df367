import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { AGENT_PATH, AGENT_SUBPROTOCOL, LIVE_PATH } from "../../protocol/version.ts";
import { event, eventually, heard, hello, joinAgent, startTestConsole, TOKEN, type TestConsole } from "../support/test-console.ts";

let console: TestConsole;
beforeEach(async () => {
  console = await startTestConsole();
});
afterEach(() => console.stop());

describe("an agent's handshake", () => {
  it.each([
    ["no token", {}, 401, "unauthenticated"],
    ["an unknown token", { authorization: "Bearer hfa_wrong" }, 401, "unauthenticated"],
    ["a token without its scheme", { authorization: "hfa_good" }, 401, "unauthenticated"],
  ])("is refused before 101 with %s", async (_name, headers, status, code) => {
    const { status: got, body } = await console.agent({ headers }).refused;
    expect(got).toBe(status);
    expect(body["code"]).toBe(code);
  });

  it("is refused without the subprotocol, and with another one", async () => {
    expect((await console.agent({ protocol: null }).refused).status).toBe(400);
    expect((await console.agent({ protocol: "holdfast.live.v1" }).refused).status).toBe(400);
  });

  it.each(["/", "/agent/v2", "/agent/v1/", "//agent/v1", "/AGENT/v1", "/_next/webpack-hmr"])("finds nothing at %s", async (path) => {
    const { status, body } = await console.agent({ path }).refused;
    expect(status).toBe(404);
    expect(body["code"]).toBe("not_found");
  });

  it("finds nothing behind an absolute request target", async () => {
    const answer = await rawUpgrade(console.port, `http://169.254.169.254${AGENT_PATH}`);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  });

  it("does not let an agent token open the browsers' socket", async () => {
    expect((await console.agent({ path: LIVE_PATH }).refused).status).toBe(403);
  });

  it("names the subprotocol it speaks", async () => {
    const agent = console.agent();
    await agent.opened;
    expect(agent.socket.protocol).toBe(AGENT_SUBPROTOCOL);
    expect(agent.socket.extensions).toBe("");
  });

  it("answers 503 with Retry-After while too many others are being checked, and takes the next one after", async () => {
    let open = (): void => undefined;
    console.auth.gate = new Promise((resolve) => (open = resolve));
    const agents = Array.from({ length: LIMITS.handshakesInFlight + 1 }, () => console.agent());
    // Exactly one is turned away: whichever arrives last.
    const refused = await Promise.race(agents.map((agent) => agent.refused));
    expect(refused.status).toBe(503);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect(refused.body["retryable"]).toBe(true);
    open();
    console.auth.gate = null;
    await joinAgent(console);
    expect(console.metrics.rejected).toEqual([503]);
  });

  it("answers 503 when the token cannot be checked, at once or in time", async () => {
    console.auth.failing = true;
    expect((await console.agent().refused).status).toBe(503);
    console.auth.failing = false;
    console.auth.gate = new Promise(() => undefined);
    const stuck = console.agent();
    await eventually(() => console.clock.waiting > 0);
    const refused = stuck.refused;
    const ticking = setInterval(() => console.clock.advance(1_000), 1);
    expect((await refused).status).toBe(503);
    clearInterval(ticking);
  });
});

describe("a greeting", () => {
  it("is answered with what is on disk already", async () => {
    console.store.frameSeqs.set("production/catalog/c1/boot1", 77);
    await console.store.appendAgentEvents([
      {
        environment: "production",
        service: "catalog",
        instance: "c1",
        boot: "boot1",
        receivedAt: 1,
        skewMs: 0,
        events: [event(1), event(2)],
      },
    ]);
    const agent = await joinAgent(console);
    expect(agent.messages[0]).toMatchObject({
      t: "welcome",
      v: 1,
      environment: "production",
      eventsAcked: 2,
      framesAcked: 77,
      sampleMs: 1000,
      now: console.clock.now(),
    });
  });

  it("is welcome while the database is away", async () => {
    console.store.fail("lastEventSeq");
    const agent = await joinAgent(console);
    expect(agent.messages[0]).toMatchObject({ t: "welcome", eventsAcked: 0, framesAcked: 0 });
  });

  it("is missed after ten seconds", async () => {
    const agent = console.agent();
    await agent.opened;
    console.clock.advance(LIMITS.helloDeadlineMs - 1_000);
    expect(console.metrics.evicted).toEqual([]);
    console.clock.advance(2_000);
    expect((await agent.closed).code).toBe(4408);
  });

  it("is refused for a service that the token is not for", async () => {
    const agent = console.agent({ headers: { authorization: "Bearer hfa_search" } });
    await agent.opened;
    agent.say(hello());
    expect((await agent.closed).code).toBe(4403);
    const search = await joinAgent(console, { service: "search" }, { headers: { authorization: "Bearer hfa_search" } });
    expect(search.messages[0]).toMatchObject({ t: "welcome" });
  });

  it.each([
    ["a slash in its service", { service: "a/b" }],
    ["a slash in its instance", { instance: "../../etc" }],
    ["a direction mark in its service", { service: "shop\u202egnp" }],
    ["a control character in its instance", { instance: "c1\u0000" }],
    ["an empty name", { service: "" }],
    ["a long name", { service: "x".repeat(10_000) }],
    ["a label with a direction mark", { labels: { zone: "\u2066a" } }],
    ["something unknown", { extra: 1 }],
  ])("is a bad message with %s", async (_name, wrong) => {
    const agent = console.agent();
    await agent.opened;
    agent.say(hello(wrong));
    const { code, reason } = await agent.closed;
    expect(code).toBe(4400);
    expect(reason).not.toBe("");
  });

  it("takes markup in a name as the text it is", async () => {
    await joinAgent(console, { service: "<img onerror>" });
    expect(console.fleet.describe("production", "<img onerror>/c1")?.service).toBe("<img onerror>");
  });

  it("of another version is answered as such, whatever else it says", async () => {
    const agent = console.agent();
    await agent.opened;
    agent.say({ t: "hello", v: 2, unheard: "of" });
    expect((await agent.closed).code).toBe(4426);
  });

  it("of a newer connection replaces the older one, and nobody has left", async () => {
    const older = await joinAgent(console);
    const newer = await joinAgent(console);
    expect((await older.closed).code).toBe(4409);
    expect(console.agents.links.connected).toBe(1);
    expect(console.fleet.describe("production", "catalog/c1")?.connectedAt).not.toBeNull();
    expect(console.feed.lostAgents).toEqual([]);
    for (let i = 0; i < 4; i++) {
      console.clock.advance(9_000);
      await heard(newer);
    }
    await console.fleet.stop();
    expect(console.store.events.map((logged) => logged.type)).toEqual(["agent.joined"]);
  });

  it("is turned away when the token or the environment is full", async () => {
    await console.stop();
    console = await startTestConsole({ caps: { agentsPerToken: 2, instancesPerEnvironment: 3 } });
    await joinAgent(console, { instance: "a" });
    await joinAgent(console, { instance: "b" });
    const third = console.agent();
    await third.opened;
    third.say(hello({ instance: "c" }));
    expect((await third.closed).code).toBe(4429);
  });
});

function rawUpgrade(port: number, target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(
        [
          `GET ${target} HTTP/1.1`,
          "Host: x",
          "Connection: Upgrade",
          "Upgrade: websocket",
          `Authorization: ${TOKEN}`,
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          `Sec-WebSocket-Protocol: ${AGENT_SUBPROTOCOL}`,
          "",
          "",
        ].join("\r\n"),
      );
    });
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}
