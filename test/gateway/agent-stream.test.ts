import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FrameEncoder, FRAME_BACKFILL, FRAME_LIVE } from "../../protocol/frame.ts";
import { columnIndex } from "../../protocol/kinds.ts";
import { LIMITS } from "../../protocol/limits.ts";
import {
  BREAKER,
  POOL,
  declaration,
  event,
  eventually,
  hello,
  joinAgent,
  startTestConsole,
  SWITCH,
  type TestConsole,
} from "../support/test-console.ts";

const SLOTS = 18;
let console: TestConsole;
beforeEach(async () => {
  console = await startTestConsole();
});
afterEach(() => console.stop());

const row = (...values: readonly [number, number][]): Float64Array => {
  const filled = new Float64Array(SLOTS);
  for (const [slot, value] of values) filled[slot] = value;
  return filled;
};
const shown = () => console.fleet.fleet("production").instances.get("catalog/c1");
const slotsShown = () => Array.from(shown()?.row ?? []);
const ofType = (type: string) => console.store.events.filter((logged) => logged.type === type);

async function joinDeclared(overrides: Record<string, unknown> = {}) {
  const agent = await joinAgent(console, overrides);
  agent.say(declaration());
  await eventually(() => shown()?.resources.length === 2);
  return agent;
}

describe("samples", () => {
  it("show at once and go to history with the agent's clock corrected", async () => {
    const agent = await joinDeclared({ now: console.clock.now() - 3_600_000 });
    const live = new FrameEncoder(FRAME_LIVE);
    agent.socket.send(live.encode(row([0, 1], [1, 11]), SLOTS, 1, console.clock.now() - 3_600_000));
    await eventually(() => console.sink.samples.length === 1);
    expect(slotsShown().slice(0, 2)).toEqual([1, 11]);
    expect(console.sink.samples[0]).toMatchObject({
      seq: 1,
      at: console.clock.now(),
      source: { service: "catalog", instance: "c1", boot: "boot1" },
    });
    expect(shown()?.clockSkewMs).toBe(3_600_000);
    expect(shown()?.lastFrameAt).toBe(console.clock.now());
    agent.socket.send(live.encode(row([0, 1], [1, 15]), SLOTS, 2, console.clock.now() - 3_600_000));
    await eventually(() => console.sink.samples.length === 2);
    expect(slotsShown().slice(0, 2)).toEqual([1, 15]);
  });

  it("that begin a new chain show what became unknown as unknown", async () => {
    const agent = await joinDeclared();
    agent.socket.send(new FrameEncoder(FRAME_LIVE).encode(row([0, 1], [5, 9]), SLOTS, 1, console.clock.now()));
    await eventually(() => slotsShown()[5] === 9);
    agent.socket.send(new FrameEncoder(FRAME_LIVE).encode(row([0, 2]), SLOTS, 2, console.clock.now()));
    await eventually(() => slotsShown()[0] === 2);
    expect(slotsShown()[5]).toBe(0);
  });

  it("that are filled in later go to history alone", async () => {
    const agent = await joinDeclared();
    agent.socket.send(new FrameEncoder(FRAME_BACKFILL).encode(row([0, 3]), SLOTS, 4, console.clock.now() - 60_000));
    await eventually(() => console.sink.samples.length === 1);
    expect(console.sink.samples[0]).toMatchObject({ seq: 4, at: console.clock.now() - 60_000 });
    expect(slotsShown()[0]).toBe(0);
    expect(shown()?.lastFrameAt).toBeNull();
  });

  it("never lie in the future, nor further back than a week, whatever the agent's clock says", async () => {
    const agent = await joinDeclared();
    const now = console.clock.now();
    agent.socket.send(new FrameEncoder(FRAME_LIVE).encode(row(), SLOTS, 1, now + 900_000_000_000));
    agent.socket.send(new FrameEncoder(FRAME_BACKFILL).encode(row(), SLOTS, 1, 5));
    await eventually(() => console.sink.samples.length === 2);
    expect(console.sink.samples.map((sample) => sample.at)).toEqual([now, now - 7 * 86_400_000]);
    expect(shown()?.clockSkewMs).toBe(-900_000_000_000);
  });

  it("are acknowledged when history has them, to the boot that sent them", async () => {
    const agent = await joinAgent(console);
    const source = { environment: "production", service: "catalog", instance: "c1" };
    console.sink.commit({ ...source, boot: "another" }, 5);
    console.sink.commit({ ...source, boot: "boot1" }, 9);
    await agent.next((message) => message.t === "ack");
    expect(agent.messages.filter((message) => message.t === "ack")).toEqual([{ t: "ack", frames: 9 }]);
  });

  it("that come too fast bring a warning, then the end", async () => {
    const agent = await joinDeclared();
    const live = new FrameEncoder(FRAME_LIVE);
    let seq = 0;
    const burst = LIMITS.agentFramesPerSecond * 10;
    for (let i = 0; i <= burst; i++) agent.socket.send(live.encode(row(), SLOTS, ++seq, console.clock.now()));
    await agent.next((message) => message.t === "refused");
    for (let i = 0; i <= burst; i++) agent.socket.send(live.encode(row(), SLOTS, ++seq, console.clock.now()));
    expect((await agent.closed).code).toBe(4429);
    expect(agent.messages.filter((message) => message.t === "refused")).toHaveLength(1);
  });
});

describe("events", () => {
  it("are acknowledged only after their commit, cumulatively, and then told on the bus", async () => {
    const agent = await joinAgent(console);
    const told: number[] = [];
    console.bus.subscribe((message) => {
      if (message.type === "events") for (const logged of message.events) if (logged.type === "note") told.push(logged.id);
    });
    console.store.hold();
    agent.say({ t: "events", dropped: 0, events: [event(1), event(2)] });
    await eventually(() => console.store.calls.includes("appendAgentEvents"));
    agent.say({ t: "events", dropped: 0, events: [event(3)] });
    agent.say({
      t: "status",
      droppedSamples: 0,
      droppedEvents: 0,
      bufferedSamples: 0,
      bufferedEvents: 0,
      adapterErrors: 0,
      capped: 0,
      reconnects: 0,
    });
    expect(agent.messages.some((message) => message.t === "ack")).toBe(false);
    expect(told).toEqual([]);
    console.store.release();
    await agent.next((message) => message.t === "ack" && message.events === 3);
    expect(agent.messages.filter((message) => message.t === "ack")).toEqual([
      { t: "ack", events: 2 },
      { t: "ack", events: 3 },
    ]);
    await eventually(() => told.length === 3);
  });

  it("sent again are not doubled, and acknowledged again", async () => {
    const agent = await joinAgent(console);
    for (let i = 0; i < 3; i++) agent.say({ t: "events", dropped: 0, events: [event(1), event(2)] });
    await eventually(() => agent.messages.filter((message) => message.t === "ack").length === 3);
    const again = await joinAgent(console, { instance: "c1" });
    again.say({ t: "events", dropped: 0, events: [event(1), event(2), event(3)] });
    await again.next((message) => message.t === "ack" && message.events === 3);
    expect(ofType("note")).toHaveLength(3);
  });

  it("of many agents are committed in few transactions", async () => {
    const agents = await Promise.all(Array.from({ length: 20 }, (_, index) => joinAgent(console, { instance: `c${index}` })));
    console.store.hold();
    for (const agent of agents) agent.say({ t: "events", dropped: 0, events: [event(1)] });
    await eventually(() => console.store.calls.includes("appendAgentEvents"));
    // Answers to pings prove that everything before them has been read.
    await Promise.all(agents.map((agent) => new Promise<void>((resolve) => agent.socket.once("pong", () => resolve()).ping())));
    console.store.release();
    await Promise.all(agents.map((agent) => agent.next((message) => message.t === "ack")));
    expect(console.store.calls.filter((call) => call === "appendAgentEvents").length).toBeLessThan(10);
    expect(ofType("note")).toHaveLength(20);
  });

  it("wait for a database that is away, and are acknowledged when it is back", async () => {
    const agent = await joinAgent(console);
    console.store.fail("appendAgentEvents");
    agent.say({ t: "events", dropped: 0, events: [event(1)] });
    await eventually(() => console.store.calls.includes("appendAgentEvents"));
    console.clock.advance(1_000);
    console.store.heal();
    const waking = setInterval(() => console.clock.advance(200), 1);
    await agent.next((message) => message.t === "ack" && message.events === 1);
    clearInterval(waking);
    expect(ofType("note")).toHaveLength(1);
  });

  it("that cannot be written do not hold up those of others", async () => {
    const poison = (batches: unknown) => JSON.stringify(batches).includes("poison");
    const [bad, good] = [await joinAgent(console, { instance: "bad" }), await joinAgent(console, { instance: "good" })];
    console.store.hold();
    console.store.fail("appendAgentEvents", poison);
    good.say({ t: "events", dropped: 0, events: [event(1)] });
    await eventually(() => console.store.calls.includes("appendAgentEvents"));
    bad.say({ t: "events", dropped: 0, events: [event(1, { data: { note: "poison" } })] });
    good.say({ t: "events", dropped: 0, events: [event(2)] });
    await Promise.all([bad, good].map((agent) => new Promise<void>((resolve) => agent.socket.once("pong", () => resolve()).ping())));
    console.store.release();
    await good.next((message) => message.t === "ack" && message.events === 2);
    expect((await bad.closed).code).toBe(4500);
  });

  it("over the rate are refused without a hole below the acknowledgement", async () => {
    const agent = await joinAgent(console);
    let seq = 0;
    const hundred = () => ({ t: "events", dropped: 0, events: Array.from({ length: 100 }, () => event(++seq)) });
    for (let i = 0; i < 11; i++) agent.say(hundred());
    const refusal = await agent.next((message) => message.t === "refused");
    expect(refusal).toMatchObject({ of: "events", code: "rate_limited" });
    console.clock.advance(5_000);
    agent.say(hundred());
    await eventually(() => agent.messages.some((message) => message.t === "refused" && message.code === "out_of_sequence"));
    await agent.next((message) => message.t === "ack" && message.events === 1_000);
    expect(ofType("note")).toHaveLength(1_000);
    seq = 1_000;
    agent.say(hundred());
    await agent.next((message) => message.t === "ack" && message.events === 1_100);
    expect(agent.messages.filter((message) => message.t === "ack").map((message) => message.events)).not.toContain(1_200);
  });

  it("that stay refused end the connection", async () => {
    const agent = await joinAgent(console);
    for (let i = 0; i < 11; i++)
      agent.say({ t: "events", dropped: 0, events: Array.from({ length: 100 }, (_, index) => event(i * 100 + index + 1)) });
    await agent.next((message) => message.t === "refused");
    console.clock.advance(11_000);
    expect((await agent.closed).code).toBe(4429);
  });

  it("lost by the agent are written down as lost", async () => {
    const agent = await joinAgent(console);
    agent.say({ t: "events", dropped: 12, events: [event(13)] });
    await eventually(() => ofType("agent.events_dropped").length === 1);
    expect(ofType("agent.events_dropped")[0]?.data).toMatchObject({ count: 12 });
  });

  it("of a breaker show before the next sample, and the sample has the last word", async () => {
    const agent = await joinDeclared();
    const live = new FrameEncoder(FRAME_LIVE);
    const state = columnIndex("breaker", "state");
    agent.socket.send(live.encode(row([state, 1]), SLOTS, 1, console.clock.now()));
    await eventually(() => slotsShown()[state] === 1);
    agent.say({
      t: "events",
      dropped: 0,
      events: [event(1, { type: "breaker.opened", resource: { kind: "breaker", name: "payments" }, at: console.clock.now() })],
    });
    await eventually(() => slotsShown()[state] === 3);
    agent.socket.send(live.encode(row([state, 1]), SLOTS, 2, console.clock.now()));
    await eventually(() => slotsShown()[state] === 1);
  });

  it("of a breaker that are old news do not show", async () => {
    const agent = await joinDeclared();
    agent.say({
      t: "events",
      dropped: 0,
      events: [event(1, { type: "breaker.opened", resource: { kind: "breaker", name: "payments" }, at: console.clock.now() - 60_000 })],
    });
    await agent.next((message) => message.t === "ack");
    expect(slotsShown()[0]).toBe(0);
  });
});

describe("declarations", () => {
  it("add up, and make their switches known", async () => {
    const agent = await joinDeclared();
    agent.say({
      t: "declare",
      resources: [{ id: 2, kind: "queue", name: "mail" }],
      switches: [{ ...SWITCH, position: "off" }],
      retired: [1],
    });
    await eventually(() => shown()?.resources.length === 3);
    expect(shown()?.resources[1]).toMatchObject({ name: "db", retired: true });
    expect(shown()?.switches).toMatchObject([{ key: "recommendations", position: "off" }]);
    await eventually(() => console.store.switches.size === 1);
    expect(console.store.switches.get("production/recommendations")).toMatchObject({ services: ["catalog"], positions: ["on", "off"] });
  });

  it("beyond what the token may have are refused, and the link goes on", async () => {
    await console.stop();
    console = await startTestConsole({ caps: { resourcesPerToken: 3 } });
    await joinDeclared();
    const other = await joinAgent(console, { instance: "c2" });
    other.say(declaration());
    expect(await other.next((message) => message.t === "refused")).toMatchObject({ of: "declare", code: "too_many_resources" });
    other.say(declaration({ resources: [BREAKER] }));
    await eventually(() => console.fleet.describe("production", "catalog/c2")?.resources.length === 1);
  });
});

describe("whatever an agent sends", () => {
  const bad: readonly [string, unknown][] = [
    ["text that is not JSON", "{"],
    ["a JSON scalar", "7"],
    ["an array", "[]"],
    ["an unknown type", { t: "exec" }],
    ["a second hello", hello()],
    ["a gap in the resource ids", declaration({ resources: [{ ...POOL, id: 5 }] })],
    ["an unknown kind", declaration({ resources: [{ ...POOL, kind: "bomb" }] })],
    ["a resource declared as something else", declaration({ resources: [BREAKER, { ...BREAKER, name: "other" }] })],
    ["a retired id that never was", declaration({ retired: [9] })],
    ["a switch whose position is none", declaration({ switches: [{ ...SWITCH, position: "sideways" }] })],
    ["a switch with a position twice", declaration({ switches: [{ ...SWITCH, positions: ["on", "on"] }] })],
    ["events out of order", { t: "events", dropped: 0, events: [event(2), event(1)] }],
    ["an event with nested data", { t: "events", dropped: 0, events: [event(1, { data: { a: { b: 1 } } })] }],
    ["an event with a control character", { t: "events", dropped: 0, events: [event(1, { data: { a: "\u0007" } })] }],
    ["a deep nest", "[".repeat(100_000)],
  ];
  it.each(bad)("the worst outcome of %s is the end of its own socket", async (_name, message) => {
    const neighbour = await joinAgent(console, { instance: "neighbour" });
    const agent = await joinAgent(console);
    agent.say(message);
    expect((await agent.closed).code).toBe(4400);
    neighbour.say({ t: "events", dropped: 0, events: [event(1)] });
    await neighbour.next((message) => message.t === "ack");
  });

  it("out of turn is a bad message", async () => {
    const early = console.agent();
    await early.opened;
    early.say(declaration());
    expect(await early.closed).toMatchObject({ code: 4400, reason: "declare before hello" });
    const binary = console.agent();
    await binary.opened;
    binary.socket.send(new Uint8Array([1, 2, 3]));
    expect((await binary.closed).code).toBe(4400);
    const undeclared = await joinAgent(console);
    undeclared.socket.send(new FrameEncoder(FRAME_LIVE).encode(row(), SLOTS, 1, 0));
    expect(await undeclared.closed).toMatchObject({ code: 4400, reason: "more slots than were declared" });
  });

  it("over the size limit ends its socket", async () => {
    const agent = await joinAgent(console);
    agent.say("x".repeat(LIMITS.agentMaxPayload + 1));
    expect([1009, 1006]).toContain((await agent.closed).code);
  });

  it("in a flood is refused, then ends", async () => {
    const agent = await joinAgent(console);
    for (let i = 0; i < LIMITS.agentMessagesPerSecond * 21; i++) agent.say({ t: "probe-ack", id: "x" });
    expect((await agent.closed).code).toBe(4429);
    expect(agent.messages.some((message) => message.t === "refused")).toBe(true);
  });

  it("two thousand mutated messages and frames leave the console standing", async () => {
    const frame = new FrameEncoder(FRAME_LIVE).encode(row([0, 1], [3, 500]), SLOTS, 1, console.clock.now());
    const texts = [
      hello(),
      declaration(),
      { t: "events", dropped: 0, events: [event(1)] },
      { t: "ack", txn: 1, revision: 1, digest: 1, appliedMs: 1 },
    ].map((message) => Buffer.from(JSON.stringify(message)));
    const mutation = fc.record({
      base: fc.nat(texts.length),
      at: fc.nat(400),
      byte: fc.integer({ min: 0, max: 255 }),
      cut: fc.nat(60),
      greeted: fc.boolean(),
    });
    const cases = fc.sample(mutation, { numRuns: 2_000, seed: 42 });
    const batch = 50;
    for (let start = 0; start < cases.length; start += batch) {
      await Promise.all(
        cases.slice(start, start + batch).map(async ({ base, at, byte, cut, greeted }, index) => {
          const agent = console.agent();
          await agent.opened;
          if (greeted) {
            agent.say(hello({ instance: `m${index}`, now: console.clock.now() }));
            await agent.next((message) => message.t === "welcome");
            agent.say(declaration());
          }
          const source = texts[base] ?? Buffer.from(frame);
          const mutated = Buffer.from(source.subarray(0, Math.max(1, source.length - cut)));
          mutated[at % mutated.length] = byte;
          agent.socket.send(mutated, { binary: base >= texts.length });
          const answered = new Promise<void>((resolve) => agent.socket.once("pong", () => resolve()));
          agent.socket.ping();
          await Promise.race([answered, agent.closed]);
          agent.socket.terminate();
        }),
      );
    }
    const after = await joinAgent(console, { instance: "after" });
    after.say({ t: "events", dropped: 0, events: [event(1)] });
    await after.next((message) => message.t === "ack");
  }, 60_000);
});
