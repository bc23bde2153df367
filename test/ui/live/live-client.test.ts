import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { LiveDown, LiveUp } from "../../../protocol/live.ts";
import { LIVE_PATH, LIVE_SUBPROTOCOL } from "../../../protocol/version.ts";
import { SignedOut, type Ticket, SILENCE_MS, startLiveClient } from "../../../ui/live/live-client.ts";
import { LiveStore } from "../../../ui/live/live-store.ts";

async function until(what: string, probe: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!probe()) {
    if (Date.now() > deadline) throw new Error(`gave up waiting until ${what}`);
    await delay(5);
  }
}

let http: Server;
let sockets: WebSocketServer;
let origin = "";
let connections: { socket: WebSocket; url: string; heard: LiveUp[] }[] = [];

beforeAll(async () => {
  vi.stubGlobal("WebSocket", WebSocket);
  http = createServer();
  sockets = new WebSocketServer({
    server: http,
    path: LIVE_PATH,
    handleProtocols: (offered) => (offered.has(LIVE_SUBPROTOCOL) ? LIVE_SUBPROTOCOL : false),
  });
  sockets.on("connection", (socket, request) => {
    const connection = { socket, url: request.url ?? "", heard: [] as LiveUp[] };
    connections.push(connection);
    socket.on("message", (data: Buffer) => connection.heard.push(JSON.parse(data.toString()) as LiveUp));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});

afterAll(() => {
  vi.unstubAllGlobals();
  sockets.close();
  http.close();
});

let stop: () => void = () => undefined;
let skew = 0;
beforeEach(() => {
  connections = [];
  skew = 0;
});
afterEach(() => {
  stop();
  for (const { socket } of connections) socket.terminate();
});

function start(options: { ticket?: () => Promise<Ticket>; signedOut?: () => void; random?: () => number } = {}): LiveStore {
  const clock = () => Date.now() + skew;
  const store = new LiveStore({ schedule: (flush) => queueMicrotask(flush), clock });
  let tickets = 0;
  stop = startLiveClient({
    store,
    hear: (text) => store.receive(JSON.parse(text) as LiveDown),
    environment: "production",
    origin,
    clock,
    random: () => 0,
    signedOut: () => undefined,
    ticket: () => Promise.resolve({ ticket: `ticket/${++tickets}`, now: 0 }),
    ...options,
  });
  return store;
}

const send = (connection: { socket: WebSocket } | undefined, message: LiveDown) => connection?.socket.send(JSON.stringify(message));
const empty: LiveDown = { t: "snapshot", now: 1, environment: "production", lastEvent: 41, revision: 0, instances: [] };

describe("connecting", () => {
  it("brings a ticket, speaks the subprotocol and says what it wants to see", async () => {
    start();
    await until("it subscribed", () => connections[0]?.heard.length === 1);
    expect(connections[0]?.url).toBe(`${LIVE_PATH}?ticket=ticket%2F1`);
    expect(connections[0]?.socket.protocol).toBe(LIVE_SUBPROTOCOL);
    expect(connections[0]?.heard[0]).toEqual({ t: "subscribe", scope: { environment: "production" } });
  });

  it("comes back after a cut with a new ticket and resumes after the last event it has", async () => {
    const store = start();
    await until("it subscribed", () => connections[0]?.heard.length === 1);
    send(connections[0], empty);
    await until("the snapshot is in", () => store.lastEvent === 41);
    connections[0]?.socket.terminate();
    await until("it is lost", () => store.connection.state === "lost");
    await until("it subscribed again", () => connections[1]?.heard.length === 1);
    expect(connections[1]?.url).toContain("ticket%2F2");
    expect(connections[1]?.heard[0]).toEqual({ t: "subscribe", scope: { environment: "production" }, sinceEvent: 41 });
  });

  it("keeps trying while no ticket is to be had, and waits by chance within a growing bound", async () => {
    let asked = 0;
    const draws: number[] = [];
    start({
      ticket: () => (++asked < 4 ? Promise.reject(new Error("down")) : Promise.resolve({ ticket: "at last", now: 0 })),
      random: () => {
        draws.push(asked);
        return 0.001;
      },
    });
    await until("it subscribed", () => connections[0]?.heard.length === 1);
    expect(asked).toBe(4);
    expect(draws).toEqual([1, 2, 3]);
  });

  it("goes to sign in when the session is over, and does not come back by itself", async () => {
    let signedOut = 0;
    start({ ticket: () => Promise.reject(new SignedOut()), signedOut: () => signedOut++ });
    await until("it asked to sign in", () => signedOut === 1);
    expect(connections).toEqual([]);
  });

  it("goes to sign in when the console closes the socket of a revoked session", async () => {
    let signedOut = 0;
    start({ signedOut: () => signedOut++ });
    await until("it subscribed", () => connections[0]?.heard.length === 1);
    connections[0]?.socket.close(4401, "unauthorized");
    await until("it asked to sign in", () => signedOut === 1);
    expect(connections).toHaveLength(1);
  });
});

describe("freshness", () => {
  it("is lost after three seconds of silence on an open socket, and live again with the next word", async () => {
    const store = start();
    await until("it subscribed", () => connections[0]?.heard.length === 1);
    send(connections[0], empty);
    await until("it is live", () => store.connection.state === "live");
    skew = SILENCE_MS + 1;
    await until("silence is noticed", () => store.connection.state === "lost");
    expect(connections).toHaveLength(1);
    send(connections[0], { t: "beat", now: 2 + skew });
    await until("it is live again", () => store.connection.state === "live");
  });

  it("compares the clocks again while what it hears is old, because one of them may have been set", async () => {
    let asked = 0;
    // A console whose clock is set back by a minute after the first ticket.
    const store = start({ ticket: () => Promise.resolve({ ticket: "t", now: ++asked === 1 ? 60_000 : Date.now() + skew - started }) });
    const started = Date.now();
    await until("it subscribed", () => connections[0]?.heard.length === 1);
    const beats = setInterval(() => send(connections[0], { t: "beat", now: Date.now() + skew - started }), 50);
    await until("what it hears is old", () => store.connection.state === "lost");
    skew = 20_000;
    await until("it is live again", () => store.connection.state === "live");
    clearInterval(beats);
    expect(asked).toBe(2);
    expect(connections).toHaveLength(1);
  });

  it("gives up a socket that stays silent and opens another", async () => {
    const store = start();
    await until("it subscribed", () => connections[0]?.heard.length === 1);
    send(connections[0], empty);
    await until("it is live", () => store.connection.state === "live");
    skew = SILENCE_MS * 3 + 1;
    await until("there is a second connection", () => connections[1]?.heard.length === 1);
  });

  it("says that it still reads every ten seconds", async () => {
    const store = start();
    await until("it subscribed", () => connections[0]?.heard.length === 1);
    const clock = setInterval(() => send(connections[0], { t: "beat", now: 1 + skew }), 50);
    await until("it is live", () => store.connection.state === "live");
    skew = 2500;
    await until("the beat moved on", () => store.now() > 0);
    for (const step of [5000, 7500, 10_001]) {
      const before = store.connection.heardAt;
      skew = step;
      await until("a beat was heard at the new time", () => store.connection.heardAt > before + 1000);
    }
    await until("it said so", () => connections[0]?.heard.some((message) => message.t === "alive") === true);
    clearInterval(clock);
  });
});
