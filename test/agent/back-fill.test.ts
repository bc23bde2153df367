import { describe, expect, it } from "vitest";
import { LiveAgent } from "../../agent/src/live-agent.ts";
import { FrameDecoder } from "../../protocol/frame.ts";
import { configFor, FakeWorld, type FakeSocket } from "./support/fake-world.ts";

interface Seen {
  readonly kind: number;
  readonly seq: number;
  readonly value: number;
}

/** Decodes what a socket received as the console would: both chains from their start. */
function decode(socket: FakeSocket): Seen[] {
  const decoder = new FrameDecoder();
  return socket.frames.map((frame) => {
    const header = decoder.decode(frame);
    const { row } = header.kind === 1 ? decoder.live : decoder.backfill;
    // Slots 0 to 4 are the process; 5 is the counter.
    return { kind: header.kind, seq: header.seq, value: (row[5] ?? 0) - 1 };
  });
}

function start() {
  const world = new FakeWorld();
  const agent = new LiveAgent({ config: configFor(), runtime: world });
  let total = 0;
  agent.resource("counter", "orders", () => ({ total: ++total }));
  return { world, agent };
}

/** Lets time pass until the agent is waiting for an answer to its next attempt. */
function untilConnecting({ world, agent }: ReturnType<typeof start>): void {
  while (agent.status.state !== "connecting") world.pass(100);
}

describe("after an outage", () => {
  it("a live key frame goes first, then everything missed with its own sequence and value, paced", () => {
    const { world, agent } = start();
    world.pass(600_000);
    untilConnecting({ world, agent });
    world.socket.greet();
    const [live] = decode(world.socket);
    expect(live?.kind).toBe(1);
    expect(live?.value).toBe(live?.seq);
    world.pass(100);
    expect(world.socket.frames).toHaveLength(31);
    world.socket.handlers.heard();
    world.pass(3_000);
    const backfilled = decode(world.socket).filter((frame) => frame.kind === 2);
    expect(backfilled.map((frame) => frame.seq)).toEqual(Array.from({ length: (live?.seq ?? 0) - 1 }, (_, i) => i + 1));
    expect(backfilled.every((frame) => frame.value === frame.seq)).toBe(true);
    expect(agent.status).toMatchObject({ droppedSamples: 0 });
    void agent.close();
  });

  it("what a crashed console had not committed is sent again, and nothing it had", () => {
    const { world, agent } = start();
    world.socket.greet();
    for (let i = 0; i < 20; i++) {
      world.pass(1_000);
      world.socket.handlers.heard();
    }
    world.socket.say({ t: "ack", frames: 8 });
    world.socket.handlers.closed(1006, "");
    untilConnecting({ world, agent });
    world.socket.greet({ frames: 11 });
    world.pass(1_000);
    const seen = decode(world.socket);
    const backfilled = seen.filter((frame) => frame.kind === 2);
    expect(backfilled[0]).toMatchObject({ seq: 12, value: 12 });
    expect(backfilled.at(-1)?.seq).toBe((seen[0]?.seq ?? 0) - 1);
    void agent.close();
  });

  it("an interrupted back-fill is not taken for done by the commit of a live frame", () => {
    const { world, agent } = start();
    world.pass(100_000);
    untilConnecting({ world, agent });
    world.socket.greet();
    const [live] = decode(world.socket);
    world.pass(100);
    expect(world.socket.frames).toHaveLength(31);
    world.socket.handlers.closed(1006, "");
    untilConnecting({ world, agent });
    world.socket.greet({ frames: live?.seq ?? 0 });
    world.pass(5_000);
    const seqs = new Set(
      decode(world.socket)
        .filter((frame) => frame.kind === 2)
        .map((frame) => frame.seq),
    );
    for (let seq = 1; seq <= 100; seq++) expect(seqs.has(seq)).toBe(true);
    expect(seqs.has(live?.seq ?? 0)).toBe(false);
    const newest =
      decode(world.socket)
        .filter((frame) => frame.kind === 1)
        .at(-1)?.seq ?? 0;
    world.socket.say({ t: "ack", frames: newest });
    expect(agent.status.bufferedSamples).toBe(0);
    void agent.close();
  });

  it("a reader that is slow gets its samples later, and memory stays bounded", () => {
    const { world, agent } = start();
    world.socket.greet();
    world.socket.buffered = 10_000_000;
    for (let i = 0; i < 60; i++) {
      world.pass(1_000);
      world.socket.handlers.heard();
    }
    expect(world.socket.frames).toHaveLength(1);
    world.socket.buffered = 0;
    world.pass(1_000);
    expect(new Set(decode(world.socket).map((frame) => frame.seq)).size).toBe(62);
    void agent.close();
  });

  it("an hour and a half without a console keeps the newest hour and counts the rest", () => {
    const { world, agent } = start();
    world.sockets[0]?.handlers.closed(4426, "");
    world.pass(5_400_000);
    expect(agent.status.bufferedSamples).toBe(3_600);
    expect(agent.status.droppedSamples).toBe(1_800);
    void agent.close();
  });
});

describe("events", () => {
  it("leave at once, several of one turn together, and again after a reconnect until acknowledged", async () => {
    const { world, agent } = start();
    world.socket.greet();
    agent.event("deploy", { version: "1.2.3" });
    agent.event("note", { text: "two\nlines" });
    await Promise.resolve();
    const events = (socket: FakeSocket) => socket.messages().flatMap((message) => (message.t === "events" ? [message.events] : []));
    expect(events(world.socket).at(-1)).toMatchObject([
      { seq: 2, type: "deploy", data: { version: "1.2.3" } },
      { seq: 3, type: "note", data: { text: "two lines" } },
    ]);
    world.socket.say({ t: "ack", events: 2 });
    world.socket.handlers.closed(1006, "");
    world.pass(5_000);
    world.socket.greet({ events: 2 });
    expect(events(world.socket)).toMatchObject([[{ seq: 3 }]]);
    void agent.close();
  });

  it("that the console refused for a moment are sent again", () => {
    const { world, agent } = start();
    world.socket.greet();
    world.socket.say({ t: "refused", of: "events", code: "busy", message: "send events from 1 on again" });
    world.pass(1_100);
    const seqs = world.socket.messages().flatMap((message) => (message.t === "events" ? message.events.map((event) => event.seq) : []));
    expect(seqs).toEqual([1, 1]);
    void agent.close();
  });

  it("stay below the console's rate however many happen, and all arrive", async () => {
    const { world, agent } = start();
    world.socket.greet();
    for (let i = 0; i < 900; i++) agent.event("note", { i });
    await Promise.resolve();
    const sent = (): number =>
      world.socket.messages().reduce((sum, message) => sum + (message.t === "events" ? message.events.length : 0), 0);
    expect(sent()).toBeLessThan(1_000);
    const before = sent();
    expect(before).toBeLessThanOrEqual(400);
    for (let i = 0; i < 15; i++) {
      world.pass(1_000);
      world.socket.handlers.heard();
    }
    expect(sent()).toBe(901);
    void agent.close();
  });

  it("of a type that cannot travel are refused with one warning", () => {
    const lines: string[] = [];
    const agent = new LiveAgent({ config: configFor({ log: (_level, message) => void lines.push(message) }), runtime: new FakeWorld() });
    agent.event("Not A Type!");
    agent.event("Not A Type!");
    agent.event(undefined as never);
    expect(lines.filter((line) => line.includes("Not A Type!"))).toHaveLength(1);
    expect(agent.status.bufferedEvents).toBe(1);
    void agent.close();
  });
});
