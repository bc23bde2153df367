import { describe, expect, it } from "vitest";
import { retryAfterMs, waitAfter, type LinkEnd } from "../../agent/src/link/back-off.ts";
import { consoleUrl } from "../../agent/src/link/console-url.ts";
import { LiveAgent } from "../../agent/src/live-agent.ts";
import { CLOSE } from "../../protocol/close-codes.ts";
import { configFor, FakeWorld } from "./support/fake-world.ts";

const ended: LinkEnd = { code: 1006, status: null, retryAfterMs: null, window: null };

function agentIn(world: FakeWorld): LiveAgent {
  return new LiveAgent({ config: configFor(), runtime: world });
}

/** Lets time pass until the agent opens another socket; answers how long that took. */
function untilNextSocket(world: FakeWorld, withinMs = 20 * 60_000): number {
  const before = world.sockets.length;
  const start = world.mono;
  while (world.sockets.length === before && world.mono - start < withinMs) world.pass(100);
  return world.mono - start;
}

describe("the address of the console", () => {
  it.each([
    ["http://localhost:4400", "ws://localhost:4400/agent/v1"],
    ["ws://127.0.0.1:4400/", "ws://127.0.0.1:4400/agent/v1"],
    ["http://[::1]:4400", "ws://[::1]:4400/agent/v1"],
    ["https://console.example", "wss://console.example/agent/v1"],
    ["wss://console.example/inside/agent", "wss://console.example/inside/agent"],
  ])("%s becomes %s", (given, url) => expect(consoleUrl(given)).toEqual({ ok: true, url }));

  it.each(["http://console.example", "ws://10.0.0.1:4400", "http://127.0.0.1.example.com", "http://localhost.example.com"])(
    "%s is refused: the token would travel in the open",
    (given) => {
      expect(consoleUrl(given)).toMatchObject({ ok: false, problem: expect.stringContaining("unencrypted") });
    },
  );

  it.each(["not a url", "ftp://console.example", "https://user:secret@console.example"])("%s is refused", (given) =>
    expect(consoleUrl(given).ok).toBe(false),
  );
});

describe("the wait before the next attempt", () => {
  it("doubles its ceiling from 2 s to 30 s and is drawn evenly from 1 s on", () => {
    const ceilings = [0, 1, 2, 3, 4, 5, 50].map((failures) => waitAfter(ended, failures, () => 1).delayMs);
    expect(ceilings).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(waitAfter(ended, 50, () => 0).delayMs).toBe(1000);
    expect(waitAfter(ended, 50, () => 0.5).delayMs).toBe(15_500);
  });

  it.each(Object.values(CLOSE))("after close code $name follows its verdict $verdict", ({ code, verdict }) => {
    const [low, high] = [waitAfter({ ...ended, code }, 0, () => 0).delayMs, waitAfter({ ...ended, code }, 0, () => 1).delayMs];
    if (verdict === "fatal") expect([low, high]).toEqual([null, null]);
    else if (code === CLOSE.unauthorized.code || code === CLOSE.forbidden.code) expect([low, high]).toEqual([300_000, 450_000]);
    else if (verdict === "retry-slowly") expect([low, high]).toEqual([30_000, 60_000]);
    else expect([low, high]).toEqual([1000, 2000]);
  });

  it("obeys Retry-After on a refused upgrade, within reason", () => {
    expect(waitAfter({ ...ended, status: 503, retryAfterMs: 7000 }, 0, () => 0).delayMs).toBe(7000);
    expect(waitAfter({ ...ended, status: 503, retryAfterMs: 7000 }, 0, () => 1).delayMs).toBe(10_500);
    expect(waitAfter({ ...ended, status: 503, retryAfterMs: 1e12 }, 0, () => 0).delayMs).toBe(600_000);
    expect(waitAfter({ ...ended, status: 401 }, 0, () => 0).delayMs).toBe(300_000);
    expect(waitAfter({ ...ended, status: 404 }, 0, () => 0).delayMs).toBe(30_000);
    expect(waitAfter({ ...ended, status: 502 }, 0, () => 0).delayMs).toBe(1000);
    expect([
      retryAfterMs("5", 0),
      retryAfterMs("-1", 0),
      retryAfterMs("soon", 0),
      retryAfterMs(undefined, 0),
      retryAfterMs("Thu, 01 Jan 1970 00:00:09 GMT", 4000),
    ]).toEqual([5000, null, null, null, 5000]);
  });
});

describe("the link", () => {
  it("says hello first, waits for the welcome, then sends dictionary, events and a key frame in that order", () => {
    const world = new FakeWorld();
    const agent = agentIn(world);
    world.socket.handlers.opened();
    expect(world.socket.messages().map((message) => message.t)).toEqual(["hello"]);
    expect(agent.status).toMatchObject({ state: "greeting", connected: false });
    world.socket.greet();
    expect(world.socket.messages().map((message) => message.t)).toEqual(["hello", "declare", "events", "status"]);
    expect(world.socket.frames).toHaveLength(1);
    expect((world.socket.frames[0]?.[0] ?? 0) & 0x10).toBe(0x10);
    expect(agent.status).toMatchObject({ state: "open", connected: true, environment: "test", problem: null });
    void agent.close();
  });

  it("keeps backing off while links die young, and starts over only after 30 s of stable link", () => {
    const world = new FakeWorld();
    world.chance = 1;
    const agent = agentIn(world);
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      world.socket.greet();
      world.pass(5_000);
      world.socket.handlers.closed(1006, "");
      waits.push(untilNextSocket(world));
    }
    expect(waits).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000]);
    world.socket.greet();
    for (let i = 0; i < 7; i++) {
      world.pass(5_000);
      world.socket.handlers.heard();
    }
    world.socket.handlers.closed(1006, "");
    expect(untilNextSocket(world)).toBe(2000);
    expect(agent.status.reconnects).toBe(6);
    void agent.close();
  });

  it("uses one timer", () => {
    const world = new FakeWorld();
    const agent = agentIn(world);
    const sampler = 1;
    expect(world.timers).toBe(sampler + 1);
    world.socket.handlers.closed(1006, "");
    expect(world.timers).toBe(sampler + 1);
    untilNextSocket(world);
    expect(world.timers).toBe(sampler + 1);
    void agent.close();
  });

  it("comes back inside the window a goodbye named", () => {
    const world = new FakeWorld();
    world.chance = 0.5;
    const agent = agentIn(world);
    world.socket.greet();
    world.socket.say({ t: "goodbye", reason: "redeploy", reconnectAfterMs: [3000, 5000] });
    world.socket.handlers.closed(1001, "");
    expect(untilNextSocket(world)).toBe(4000);
    void agent.close();
  });

  it("stays away for ever after a fatal close, and says so once", () => {
    const world = new FakeWorld();
    const lines: string[] = [];
    const agent = new LiveAgent({ config: configFor({ log: (level, message) => void lines.push(`${level} ${message}`) }), runtime: world });
    world.socket.greet();
    world.socket.handlers.closed(CLOSE.versionUnsupported.code, "");
    expect(agent.status.state).toBe("stopped");
    expect(untilNextSocket(world)).toBeGreaterThanOrEqual(20 * 60_000);
    expect(lines).toHaveLength(1);
    void agent.close();
  });

  it("finds a dead console within 25 s by ping, and never by its own blocked loop", () => {
    const world = new FakeWorld();
    const agent = agentIn(world);
    world.socket.greet();
    const dead = world.socket;
    world.pass(25_000);
    expect(dead.pings).toBeGreaterThan(1);
    expect(dead.terminated).toBe(true);
    expect(agent.status.problem).toContain("silent");
    untilNextSocket(world);
    world.socket.greet();
    world.mono += 40_000;
    world.pass(0);
    expect(world.socket.terminated).toBe(false);
    world.socket.handlers.heard();
    world.pass(5_000);
    expect(world.socket.terminated).toBe(false);
    void agent.close();
  });

  it("gives up on a console that accepts and says nothing", () => {
    const world = new FakeWorld();
    const agent = agentIn(world);
    const silent = world.socket;
    silent.handlers.opened();
    world.pass(10_000);
    expect(silent.terminated).toBe(true);
    expect(agent.status.state).toBe("waiting");
    void agent.close();
  });

  it("survives a socket that cannot even be opened", () => {
    const world = new FakeWorld();
    const broken = {
      ...worldParts(world),
      openSocket: () => {
        throw new Error("no sockets today");
      },
    };
    const agent = new LiveAgent({ config: configFor(), runtime: broken });
    expect(agent.status).toMatchObject({ state: "waiting", connected: false });
    void agent.close();
  });

  it("answers a probe, and follows slow-down and back", () => {
    const world = new FakeWorld();
    const agent = agentIn(world);
    world.socket.greet();
    world.socket.say({ t: "probe", id: "p1" });
    expect(world.socket.messages().at(-1)).toEqual({ t: "probe-ack", id: "p1" });
    world.socket.say({ t: "slow-down", sampleMs: 5000, reason: "busy" });
    expect(agent.status.sampleMs).toBe(5000);
    const before = world.socket.frames.length;
    world.pass(10_000);
    expect(world.socket.frames.length - before).toBe(2);
    world.socket.say({ t: "slow-down", sampleMs: 1000, reason: "well again" });
    world.pass(5_000);
    expect(world.socket.frames.length - before).toBe(7);
    void agent.close();
  });

  it("sends its status every ten seconds", () => {
    const world = new FakeWorld();
    const agent = agentIn(world);
    world.socket.greet();
    for (let i = 0; i < 6; i++) {
      world.pass(5_000);
      world.socket.handlers.heard();
    }
    expect(world.socket.messages().filter((message) => message.t === "status")).toHaveLength(4);
    void agent.close();
  });

  it("flushes on close until the last event is acknowledged, for a second at most", async () => {
    const world = new FakeWorld();
    const agent = agentIn(world);
    world.socket.greet();
    let closed = false;
    const closing = agent.close().then(() => (closed = true));
    expect(world.socket.closedWith).toBe(null);
    world.socket.say({ t: "ack", events: 1 });
    expect(world.socket.closedWith).toBe(1000);
    world.socket.handlers.closed(1000, "");
    await closing;
    expect(closed).toBe(true);
    expect(world.timers).toBe(0);

    const other = new FakeWorld();
    const hanging = agentIn(other);
    other.socket.greet();
    const end = hanging.close();
    other.pass(1_000);
    await end;
    expect(other.socket.terminated).toBe(true);
    expect(other.timers).toBe(0);
  });
});

function worldParts(world: FakeWorld) {
  return {
    wallNow: () => world.wallNow(),
    monoNow: () => world.monoNow(),
    random: () => world.random(),
    after: (ms: number, call: () => void) => world.after(ms, call),
    holdFor: (ms: number, call: () => void) => world.holdFor(ms, call),
  };
}
