import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFleet, describeInstance, foldFleet, type FleetState } from "../../core/fleet.ts";
import type { LiveDown } from "../../protocol/live.ts";
import { liveDown } from "../../protocol/live.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { FrameEncoder, FRAME_LIVE } from "../../protocol/frame.ts";
import type { NewEvent } from "../../server/store/store.ts";
import {
  declaration,
  event,
  eventually,
  heard,
  joinAgent,
  ORIGIN,
  startTestConsole,
  type TestClient,
  type TestConsole,
} from "../support/test-console.ts";

let console: TestConsole;
beforeEach(async () => {
  console = await startTestConsole();
});
afterEach(() => console.stop());

type Of<T extends LiveDown["t"]> = Extract<LiveDown, { t: T }>;
const all = <T extends LiveDown["t"]>(client: TestClient<LiveDown>, type: T) =>
  client.messages.filter((message): message is Of<T> => message.t === type);
const subscribe = (scope: Record<string, unknown> = {}, sinceEvent?: number) => ({
  t: "subscribe",
  scope: { environment: "production", ...scope },
  ...(sinceEvent === undefined ? {} : { sinceEvent }),
});

async function watch(scope: Record<string, unknown> = {}, sinceEvent?: number) {
  const browser = console.browser();
  await browser.opened;
  browser.say(subscribe(scope, sinceEvent));
  await browser.next((message) => message.t === "snapshot");
  return browser;
}

/** What a browser makes of what it was sent. */
function folded(messages: readonly LiveDown[]): FleetState {
  const fleet = createFleet();
  for (const message of messages) {
    if (message.t === "snapshot") foldFleet(fleet, { type: "replaced", instances: message.instances, revision: message.revision });
    if (message.t === "upsert") for (const instance of message.instances) foldFleet(fleet, { type: "described", instance });
    if (message.t === "delta") for (const { key, at, slots } of message.instances) foldFleet(fleet, { type: "sampled", key, at, slots });
  }
  return fleet;
}

const described = (fleet: FleetState) => [...fleet.instances.values()].map(describeInstance).sort((a, b) => (a.key < b.key ? -1 : 1));
const note = (data: NewEvent["data"] = {}, service: string | null = null): NewEvent => ({
  environment: "production",
  at: console.clock.now(),
  receivedAt: console.clock.now(),
  type: "note",
  service,
  instance: null,
  resource: null,
  actor: "system",
  data,
});

async function publish(events: readonly NewEvent[]) {
  const logged = await console.store.appendEvents(events);
  console.bus.publish({ type: "events", environment: "production", events: logged });
  return logged;
}

describe("a browser's handshake", () => {
  it.each([
    ["no origin", {}],
    ["a null origin", { origin: "null" }],
    ["another site", { origin: "https://evil.example" }],
    ["a longer host", { origin: `${ORIGIN}.evil.example` }],
    ["another scheme", { origin: "http://console.example.com" }],
    ["another port", { origin: `${ORIGIN}:444` }],
    ["a part of the host", { origin: "https://example.com" }],
  ])("is refused from %s", async (_name, headers) => {
    const { status, body } = await console.browser({ headers }).refused;
    expect(status).toBe(403);
    expect(body["code"]).toBe("origin_refused");
  });

  it("is refused without a ticket, with an unknown one and with a spent one", async () => {
    expect((await console.browser({ path: "/live/v1" }).refused).status).toBe(401);
    expect((await console.browser({ path: "/live/v1?ticket=nope" }).refused).status).toBe(401);
    const first = console.browser();
    await first.opened;
    const url = new URL(first.socket.url);
    expect((await console.browser({ path: url.pathname + url.search }).refused).status).toBe(401);
  });

  it("is refused without the subprotocol, before the ticket is spent", async () => {
    const refused = console.browser({ protocol: null });
    expect((await refused.refused).status).toBe(400);
    expect(console.auth.tickets.size).toBe(1);
  });

  it("does not take an agent's token for a ticket", async () => {
    expect(
      (await console.browser({ path: "/live/v1", headers: { origin: ORIGIN, authorization: "Bearer hfa_good" } }).refused).status,
    ).toBe(401);
  });

  it("must be followed by a subscription within ten seconds", async () => {
    const browser = console.browser();
    await browser.opened;
    console.clock.advance(LIMITS.helloDeadlineMs + 1_000);
    expect((await browser.closed).code).toBe(4408);
  });

  it.each([
    ["text that is not JSON", "x"],
    ["an unknown message", { t: "flip" }],
    ["a scope without an environment", { t: "subscribe", scope: {} }],
    ["something extra", { t: "alive", also: 1 }],
  ])("followed by %s ends its socket alone", async (_name, message) => {
    const neighbour = await watch();
    const browser = console.browser();
    await browser.opened;
    browser.say(message);
    expect((await browser.closed).code).toBe(4400);
    await heard(neighbour);
  });

  it("followed by bytes, or by too much, ends its socket", async () => {
    const binary = console.browser();
    await binary.opened;
    binary.socket.send(new Uint8Array(4));
    expect((await binary.closed).code).toBe(4400);
    const flood = await watch();
    for (let i = 0; i < 100; i++) flood.say({ t: "alive" });
    expect((await flood.closed).code).toBe(4429);
    const large = await watch();
    large.say("x".repeat(LIMITS.browserMaxPayload + 1));
    expect([1006, 1009]).toContain((await large.closed).code);
  });
});

describe("the live view", () => {
  it("is a snapshot, then what changes, and always equals the server's state", async () => {
    const first = await joinAgent(console, { instance: "a" });
    const browser = await watch();
    const services = await watch({ service: "catalog" });
    const agents = [first, await joinAgent(console, { instance: "b" }), await joinAgent(console, { service: "search", instance: "a" })];
    const encoders = agents.map(() => new FrameEncoder(FRAME_LIVE));
    const rows = agents.map(() => new Float64Array(18));
    const seqs = agents.map(() => 0);
    for (const agent of agents) agent.say(declaration());
    const steps = fc.sample(
      fc.oneof(
        fc.record({
          kind: fc.constant("sample" as const),
          agent: fc.nat(2),
          changes: fc.array(fc.tuple(fc.nat(17), fc.nat(1_000_000)), { maxLength: 6 }),
        }),
        fc.record({ kind: fc.constant("switch" as const), agent: fc.nat(2), position: fc.constantFrom("on", "off") }),
        fc.record({ kind: fc.constant("breaker" as const), agent: fc.nat(2), type: fc.constantFrom("breaker.opened", "breaker.closed") }),
        fc.record({ kind: fc.constant("time" as const), ms: fc.integer({ min: 1, max: 400 }) }),
      ),
      { numRuns: 400, seed: 7 },
    );
    let events = 0;
    for (const step of steps) {
      if (step.kind === "time") {
        console.clock.advance(step.ms);
        await heard(browser);
        continue;
      }
      const agent = agents[step.agent]!;
      if (step.kind === "switch")
        agent.say({ ...declaration({ resources: [] }), switches: [{ ...declaration().switches[0], position: step.position }] });
      else if (step.kind === "breaker")
        agent.say({
          t: "events",
          dropped: 0,
          events: [event(++events, { type: step.type, at: console.clock.now(), resource: { kind: "breaker", name: "payments" } })],
        });
      else {
        const row = rows[step.agent]!;
        for (const [slot, value] of step.changes) row[slot] = value;
        agent.socket.send(encoders[step.agent]!.encode(row, 18, ++seqs[step.agent]!, console.clock.now()));
      }
      await heard(agent);
    }
    for (let i = 0; i < 4; i++) {
      console.clock.advance(300);
      await Promise.all([heard(browser), heard(services)]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const server = described(console.fleet.fleet("production"));
    await eventually(() => JSON.stringify(described(folded(browser.messages))) === JSON.stringify(server)).catch(() =>
      expect(described(folded(browser.messages))).toEqual(server),
    );
    expect(described(folded(services.messages))).toEqual(server.filter((instance) => instance.service === "catalog"));
    expect(all(browser, "delta").length).toBeGreaterThan(20);
    for (const message of browser.messages) expect(() => liveDown.parse(message)).not.toThrow();
  });

  it("is the same bytes for everyone who sees the same", async () => {
    const browsers = [await watch(), await watch(), await watch()];
    const agent = await joinAgent(console);
    agent.say(declaration());
    agent.say({ t: "events", dropped: 0, events: [event(1)] });
    await Promise.all(
      browsers.map((browser) =>
        browser.next((message) => message.t === "event" && message.events.some((logged) => logged.type === "note")),
      ),
    );
    console.clock.advance(250);
    await Promise.all(
      browsers.map((browser) => eventually(() => folded(browser.messages).instances.get("catalog/c1")?.resources.length === 2)),
    );
    const told = browsers.map((browser) => browser.frames.filter((frame) => !frame.includes('"snapshot"')));
    expect(told[1]).toEqual(told[0]);
    expect(told[2]).toEqual(told[0]);
  });

  it("conflates what changes between two flushes", async () => {
    const agent = await joinAgent(console);
    agent.say(declaration());
    const browser = await watch();
    const encoder = new FrameEncoder(FRAME_LIVE);
    const row = new Float64Array(18);
    for (let seq = 1; seq <= 20; seq++) {
      row[1] = seq;
      agent.socket.send(encoder.encode(row, 18, seq, console.clock.now()));
    }
    await eventually(() => console.sink.samples.length === 20);
    console.clock.advance(250);
    const delta = await browser.next((message) => message.t === "delta");
    expect(delta.instances).toEqual([{ key: "catalog/c1", at: expect.any(Number), slots: expect.arrayContaining([1, 20]) }]);
    expect(all(browser, "delta")).toHaveLength(1);
  });

  it("of a service has its own events and those of nobody, of its own environment", async () => {
    const browser = await watch({ service: "catalog" });
    await publish([note({ n: 1 }, "catalog"), note({ n: 2 }, "search"), note({ n: 3 })]);
    console.bus.publish({ type: "events", environment: "staging", events: [{ id: 99, ...note({ n: 4 }), environment: "staging" }] });
    await browser.next((message) => message.t === "event");
    await heard(browser);
    expect(all(browser, "event").flatMap((message) => message.events.map((logged) => logged.data["n"]))).toEqual([1, 3]);
  });

  it("tells events in order of their commit, though they were published out of it", async () => {
    const browser = await watch();
    const logged = await console.store.appendEvents([note({ n: 1 }), note({ n: 2 })]);
    console.bus.publish({ type: "events", environment: "production", events: logged.slice(1) });
    console.bus.publish({ type: "events", environment: "production", events: logged.slice(0, 1) });
    await browser.next((message) => message.t === "event");
    expect(all(browser, "event").flatMap((message) => message.events.map((one) => one.id))).toEqual([1, 2]);
  });

  it("beats every second with the server's clock", async () => {
    const browser = await watch();
    console.clock.advance(3_000);
    await eventually(() => all(browser, "beat").length === 3);
    expect(all(browser, "beat").at(-1)?.now).toBe(console.clock.now());
  });

  it("says that the policy moved at once, and of receipts at most five times a second", async () => {
    const browser = await watch();
    const flip = { id: "f1", environment: "production" } as Parameters<typeof console.bus.publish>[0] extends infer M
      ? M extends { flip: infer F }
        ? F
        : never
      : never;
    console.bus.publish({ type: "policy", environment: "production", revision: 4, change: "created", flip });
    expect(await browser.next((message) => message.t === "policy")).toMatchObject({ revision: 4, flip: "f1" });
    for (let i = 0; i < 100; i++) {
      console.bus.publish({ type: "receipts", environment: "production", flipId: "f1" });
      console.clock.advance(10);
    }
    console.clock.advance(1_000);
    await heard(browser);
    expect(all(browser, "policy").length - 1).toBeGreaterThanOrEqual(5);
    expect(all(browser, "policy").length - 1).toBeLessThanOrEqual(6);
    expect(all(await watch(), "snapshot")[0]?.revision).toBe(4);
  });

  it("changes its scope when asked to", async () => {
    await joinAgent(console);
    await joinAgent(console, { service: "search" });
    const browser = await watch();
    browser.say(subscribe({ service: "search" }));
    await eventually(() => all(browser, "snapshot").length === 2);
    expect(all(browser, "snapshot")[1]?.instances.map((instance) => instance.key)).toEqual(["search/c1"]);
    browser.say(subscribe({ environment: "nowhere" }));
    await eventually(() => all(browser, "snapshot").length === 3);
    expect(all(browser, "snapshot")[2]?.instances).toEqual([]);
    expect(console.fleet.environments()).toEqual(["production"]);
  });
});

describe("a browser that comes back", () => {
  const ids = (browser: TestClient<LiveDown>) => all(browser, "event").flatMap((message) => message.events.map((logged) => logged.id));

  it("gets the events it missed, each once, before newer ones", async () => {
    await publish(Array.from({ length: 700 }, (_, n) => note({ n })));
    const browser = await watch({}, 100);
    await publish([note()]);
    await eventually(() => ids(browser).at(-1) === 701);
    expect(ids(browser)).toEqual(Array.from({ length: 601 }, (_, index) => index + 101));
    expect(all(browser, "snapshot")[0]?.lastEvent).toBe(100);
    expect(all(browser, "resync")).toEqual([]);
  });

  it("is told how many it missed when there are too many to repeat", async () => {
    await publish(Array.from({ length: 1_500 }, (_, n) => note({ n })));
    const browser = await watch({}, 100);
    expect(all(browser, "resync")).toMatchObject([{ missed: 1_400, reason: "gap" }]);
    expect(all(browser, "snapshot")[0]?.lastEvent).toBe(1_500);
    await heard(browser);
    expect(ids(browser)).toEqual([]);
  });

  it("is told of its own environment only", async () => {
    for (let i = 0; i < 3; i++) {
      await publish(Array.from({ length: 400 }, (_, n) => note({ n })));
      await console.store.appendEvents(Array.from({ length: 100 }, () => ({ ...note(), environment: "staging" })));
    }
    const browser = await watch({}, 100);
    expect(all(browser, "resync")).toMatchObject([{ missed: 1_100, reason: "gap" }]);
  });

  it("with a number from the future starts anew", async () => {
    const browser = await watch({}, 5_000);
    expect(all(browser, "resync")).toMatchObject([{ missed: 0, reason: "restart" }]);
  });

  it("while the database is away still sees the fleet", async () => {
    await joinAgent(console);
    console.store.fail("lastEventId");
    console.store.fail("listEvents");
    const browser = await watch({}, 1);
    expect(all(browser, "snapshot")[0]?.instances).toHaveLength(1);
  });

  it("has not missed what was committed while it subscribed", async () => {
    await publish([note(), note()]);
    const browser = console.browser();
    await browser.opened;
    console.store.hold();
    browser.say(subscribe({}, 1));
    const written = console.store.appendEvents([note()]);
    await heard(browser);
    console.store.release();
    console.bus.publish({ type: "events", environment: "production", events: await written });
    await eventually(() => ids(browser).length === 2);
    await heard(browser);
    expect(ids(browser)).toEqual([2, 3]);
  });
});

describe("a browser that is slow", () => {
  it("is left out until it has drained, then gets a resync with an exact count, a snapshot, and the latest events", async () => {
    const agent = await joinAgent(console);
    agent.say(declaration());
    await heard(agent);
    const browser = await watch();
    const quick = await watch();
    browser.socket.pause();
    const long = "x".repeat(490);
    let sent = 0;
    // Until the network's own buffers are full and the console has begun to leave values out.
    while (!console.metrics.dropped["browser-events"] && sent < 60_000) {
      await publish(Array.from({ length: 200 }, () => note({ n: ++sent, a: long, b: long, c: long })));
      await heard(quick);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const lost = console.metrics.dropped["browser-events"] ?? 0;
    expect(lost).toBeGreaterThan(0);
    browser.socket.resume();
    await heard(browser);
    console.clock.advance(250);
    await browser.next((message) => message.t === "resync");
    await eventually(() => all(browser, "snapshot").length === 2);
    await eventually(() => all(browser, "event").at(-1)?.events.at(-1)?.data["n"] === sent);
    const resync = all(browser, "resync");
    expect(resync).toHaveLength(1);
    expect(resync[0]?.reason).toBe("slow");
    const seen = all(browser, "event").flatMap((message) =>
      message.events.filter((logged) => logged.type === "note").map((logged) => logged.data["n"] as number),
    );
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length + (resync[0]?.missed ?? 0)).toBe(sent);
    expect(described(folded(browser.messages))).toEqual(described(console.fleet.fleet("production")));
    expect(all(quick, "resync")).toEqual([]);
  }, 30_000);

  it("is cut when it stays behind for a minute", async () => {
    const browser = await watch();
    browser.socket.pause();
    const long = "x".repeat(490);
    while (!console.metrics.dropped["browser-events"]) {
      await publish(Array.from({ length: 200 }, () => note({ a: long, b: long, c: long })));
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let i = 0; i < 7; i++) console.clock.stall(10_000);
    expect(console.metrics.evicted).toEqual(["browser:slowConsumer"]);
  }, 30_000);
});

describe("a browser whose session ends", () => {
  it("is closed at once when the bus says so", async () => {
    const [mine, other] = [console.browser({ sessionId: "s1" }), console.browser({ sessionId: "s2" })];
    await Promise.all([mine.opened, other.opened]);
    console.bus.publish({ type: "session-ended", sessionId: "s1" });
    expect((await mine.closed).code).toBe(4401);
    await heard(other);
  });

  it("is closed within five seconds when nobody says so", async () => {
    const browser = await watch();
    console.auth.ended.add("s1");
    console.clock.advance(4_000);
    expect((await browser.closed).code).toBe(4401);
  });

  it("stays while the check itself fails", async () => {
    const browser = await watch();
    console.auth.failing = true;
    console.clock.advance(7_000);
    await heard(browser);
    expect(console.browsers.viewers).toBe(1);
  });

  it("is dead after 25 silent seconds", async () => {
    const browser = console.browser({ autoPong: false });
    await browser.opened;
    browser.say(subscribe());
    await browser.next((message) => message.t === "snapshot");
    console.clock.advance(LIMITS.deadPeerMs + 1_000);
    await browser.closed;
    expect(console.metrics.evicted).toEqual(["browser:deadPeer"]);
  });

  it("is closed as going away when the console stops", async () => {
    const browser = await watch();
    await console.browsers.stop();
    expect((await browser.closed).code).toBe(1001);
    expect((await console.browser().refused).status).toBe(503);
  });
});
