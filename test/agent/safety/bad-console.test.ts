import type { Socket } from "node:net";
import { createAgent, type Agent } from "@holdfast/agent";
import { afterEach, describe, expect, it } from "vitest";
import { LiveAgent } from "../../../agent/src/live-agent.ts";
import { configFor, type FakeSocket } from "../support/fake-world.ts";
import { until } from "../support/until.ts";
import { expectNoProcessErrors } from "./support/process-errors.ts";
import { eventsOf, ReactingWorld } from "./support/reacting-world.ts";
import { drip, frame, startTorment, upgraded, WELCOME, type Torment } from "./support/torments.ts";

expectNoProcessErrors();

let torment: Torment | undefined;
let agent: Agent | undefined;
afterEach(async () => {
  await agent?.close();
  await torment?.close();
});

const EVENTS = 2_000;
const KEPT_EVENTS = 1_000;
const KEPT_SAMPLES = 3_600;

/** An agent of a host that goes on with its work. */
async function hostOf(treat: (socket: Socket) => void): Promise<{ readonly torment: Torment; readonly agent: Agent }> {
  torment = await startTorment(treat);
  agent = createAgent({ url: torment.url, token: "hfa_test", service: "orders", log: () => undefined });
  for (let i = 0; i < EVENTS; i++) agent.event("note", { i });
  return { torment, agent };
}

describe("a console that is never greeted by", () => {
  const gibberish = Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * 7919) % 256));
  let drips = 0;
  const counted = <T>(bytes: T) => {
    drips++;
    return bytes;
  };

  it.each<[title: string, ends: boolean, treat: (socket: Socket) => void]>([
    ["closing each connection at once", true, (socket) => socket.destroy()],
    ["closing after the request", true, (socket) => socket.once("data", () => socket.end())],
    ["answering with gibberish", true, (socket) => socket.once("data", () => socket.end(gibberish))],
    ["answering with a page", true, (socket) => socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\n\r\n<html>"))],
    [
      "sending it elsewhere",
      true,
      (socket) =>
        socket.once("data", () => socket.end("HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")),
    ],
    ["answering with endless headers", true, (socket) => drip(socket, () => `X-Long: ${"x".repeat(4_096)}\r\n`)],
    ["accepting, and not answering", false, (socket) => drip(socket.resume(), () => counted(""))],
    [
      "answering a byte at a time",
      false,
      (socket) => {
        socket.write("HTTP/1.1 101 Switching Protocols\r\nX-Slow: ");
        drip(socket, () => counted("."));
      },
    ],
    [
      "upgrading without the right key",
      true,
      (socket) => socket.once("data", () => socket.end("HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")),
    ],
    ["upgrading, then not answering hello", false, upgraded((socket) => drip(socket.resume(), () => counted("")))],
    ["upgrading, then sending gibberish", true, upgraded((socket) => socket.write(gibberish))],
    [
      "upgrading, then announcing a frame of exabytes",
      true,
      upgraded((socket) => socket.write(Buffer.from([0x81, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255]))),
    ],
    [
      "upgrading, then sending a frame a byte at a time",
      false,
      upgraded((socket) => {
        socket.write(Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 15, 255, 255]));
        drip(socket, () => counted("x"));
      }),
    ],
    [
      "upgrading, then sending a message of endless fragments",
      true,
      upgraded((socket) => {
        socket.write(frame("x", { fin: false }));
        drip(socket, () => frame("x", { opcode: 0, fin: false }));
      }),
    ],
    ["upgrading, then sending a message over the limit", true, upgraded((socket) => socket.write(frame("x".repeat(2 ** 21))))],
    [
      "upgrading, then closing with a reason that is no text",
      true,
      upgraded((socket) => socket.write(frame("\x0f\xa0\xff\xff", { opcode: 8 }))),
    ],
  ])("%s: the host notices nothing, and what it tells is kept up to the bound", async (_title, ends, treat) => {
    drips = 0;
    const { torment, agent } = await hostOf(treat);
    if (ends) await until("the link has ended", () => agent.status.state === "waiting");
    else await until("the console keeps at it", () => drips > 20);
    expect(torment.connections).toBe(1);
    // The agent's own first word is among the lost.
    expect(agent.status).toMatchObject({
      connected: false,
      bufferedEvents: KEPT_EVENTS,
      droppedEvents: 1 + EVENTS - KEPT_EVENTS,
      droppedSamples: 0,
      adapterErrors: 0,
    });
    expect(agent.switch({ key: "prices", title: "Prices", whatUsersLose: "Prices" }).is("on")).toBe(true);
  });
});

describe("a console that greets and then", () => {
  const id = "p".repeat(60);
  const probes = frame(Array.from({ length: 1_000 }, () => ({ t: "probe", id })));
  const pings = Buffer.concat(Array.from({ length: 1_000 }, () => frame("x".repeat(120), { opcode: 9 })));

  it.each([
    ["asks and asks, and reads no answer", probes],
    ["pings and pings, and reads no pong", pings],
  ])("%s, is cut off before answers pile up", async (_title, questions) => {
    let asked = 0;
    const { agent } = await hostOf(
      upgraded((socket) => {
        socket.pause();
        socket.write(frame(WELCOME));
        const ask = (): void => {
          if (!socket.destroyed && ++asked < 2_000) socket.write(questions, () => setImmediate(ask));
        };
        ask();
      }),
    );
    await until("the link was open", () => asked > 1);
    await until("the link has ended", () => agent.status.state === "waiting");
    expect(asked).toBeLessThan(2_000);
  });

  it("closes at once, again and again, is asked again at most once a second, by back-off, and told all it missed", async () => {
    const seen = lived((socket) => {
      socket.greet();
      socket.handlers.closed(1006, "");
    });
    expect(seen.world.shortestPauseMs).toBeGreaterThanOrEqual(1_000);
    expect(seen.world.sockets.length).toBeLessThan(600);
    expect(seen.world.sockets.length).toBeGreaterThan(300);
    seen.expectAccounted();
    expect((await seen.recover()).dropped).toBe(seen.pushed - KEPT_EVENTS);
  });

  it("says goodbye with a wish to be asked again at once, is asked again by back-off too", () => {
    const seen = lived((socket) => {
      socket.greet();
      socket.say({ t: "goodbye", reason: "again", reconnectAfterMs: [0, 0] });
      socket.handlers.closed(1001, "");
    });
    // The first wish is granted.
    expect(seen.world.openedAt[1]).toBeLessThan(1_000);
    seen.world.openedAt.shift();
    expect(seen.world.shortestPauseMs).toBeGreaterThanOrEqual(1_000);
    expect(seen.world.sockets.length).toBeLessThan(600);
    seen.expectAccounted();
  });

  it("falls silent, is left within half a minute each time", () => {
    const seen = lived((socket) => socket.greet());
    expect(seen.world.sockets.length).toBeGreaterThan(7_200 / 60);
    expect(seen.world.shortestPauseMs).toBeGreaterThanOrEqual(20_000);
    seen.expectAccounted();
  });

  it("acknowledges what was never sent, is not believed", () => {
    const world = new ReactingWorld((socket) => {
      socket.greet({ events: 1e9, frames: 0 });
      socket.say({ t: "ack", events: 1e9 });
    });
    const local = new LiveAgent({ config: configFor(), runtime: world });
    world.pass(10);
    for (let i = 0; i < 1_500; i++) local.event("note", { i });
    expect(local.status).toMatchObject({ bufferedEvents: KEPT_EVENTS });
    void local.close();
  });
});

describe("two hours without a console that could be used", () => {
  it.each<[title: string, treat: (socket: FakeSocket) => void]>([
    ["dead", (socket) => socket.handlers.closed(1006, "")],
    ["hanging before the upgrade", () => undefined],
    ["hanging before its welcome", (socket) => socket.handlers.opened()],
    [
      "refusing",
      (socket) => {
        socket.handlers.refused(503, "0");
        socket.handlers.closed(1006, "");
      },
    ],
  ])("%s: an hour of samples and a thousand events are kept, the rest is counted, and both arrive in the end", async (_title, treat) => {
    const seen = lived(treat);
    expect(seen.world.shortestPauseMs).toBeGreaterThanOrEqual(1_000);
    seen.expectAccounted();
    const { dropped, seqs } = await seen.recover();
    expect(dropped).toBe(seen.pushed - KEPT_EVENTS);
    expect(seqs.slice(0, KEPT_EVENTS)).toEqual(Array.from({ length: KEPT_EVENTS }, (_, i) => seen.pushed - KEPT_EVENTS + 1 + i));
  });
});

/** Two hours of an agent with one event a second. */
function lived(treat: (socket: FakeSocket) => void) {
  const world = new ReactingWorld(treat);
  const local = new LiveAgent({ config: configFor(), runtime: world });
  let sampled = 0;
  local.resource("counter", "samples", () => ({ total: ++sampled }));
  let pushed = 1;
  for (let second = 0; second < 7_200; second++) {
    local.event("note", { second });
    pushed++;
    world.pass(1_000);
  }
  return {
    world,
    pushed,
    /** Everything is in its buffer, in doubt on a wire, or counted as lost; the buffers are at their bounds. */
    expectAccounted: () => {
      const { bufferedEvents, bufferedSamples, droppedSamples, droppedEvents, adapterErrors } = local.status;
      expect([bufferedSamples, droppedSamples, bufferedEvents, adapterErrors]).toEqual([
        KEPT_SAMPLES,
        sampled - KEPT_SAMPLES,
        KEPT_EVENTS,
        0,
      ]);
      expect(droppedEvents).toBeLessThanOrEqual(pushed - KEPT_EVENTS);
    },
    /** The console is well again. */
    recover: async () => {
      world.treat = (socket) => socket.greet();
      const before = world.sockets.length;
      for (let i = 0; i < 600 && local.status.state !== "open"; i++) world.pass(100);
      expect(world.sockets.length).toBeGreaterThanOrEqual(before);
      for (let i = 0; i < 60; i++) {
        world.socket.handlers.heard();
        world.pass(1_000);
        await Promise.resolve();
      }
      void local.close();
      return eventsOf(world.socket);
    },
  };
}
