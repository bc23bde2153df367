/** What an agent may find where its console should be: one that answers nothing, and one that means harm. */
import { createServer } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { AGENT_SUBPROTOCOL, PROTOCOL_VERSION } from "../../protocol/version.ts";

export interface FakeConsole {
  readonly url: string;
  close(): void;
}

async function opened(server: Server, sockets: Set<Socket>): Promise<FakeConsole> {
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Takes connections and never says a word. */
export function startHangingConsole(): Promise<FakeConsole> {
  const sockets = new Set<Socket>();
  return opened(
    createTcpServer((socket) => socket.resume()),
    sockets,
  );
}

/** How long it keeps at one connection what it does to it. */
const TORMENT_MS = 3_000;
const EVERY_MS = 20;
const ITEMS = 500;

const policy = JSON.stringify([
  { t: "intent", txn: 1, mode: "full", revision: 1 },
  ...Array.from({ length: ITEMS }, (_, i) => ({
    t: "put",
    txn: 1,
    id: `item-${i}`,
    kind: "settings",
    key: "orders",
    revision: 1,
    leaseMs: 1_000,
    body: { policy: "breaker", values: { openMs: -i, nonsense: "x".repeat(50) } },
  })),
  { t: "commit", txn: 1, revision: 1 },
]);
const probes = JSON.stringify(Array.from({ length: ITEMS }, (_, i) => ({ t: "probe", id: `probe-${i}` })));

/** What it does to one greeted connection after the other. */
const TORMENTS: readonly ((socket: WebSocket) => void)[] = [
  (socket) => again(socket, () => socket.send(policy)),
  (socket) => {
    socket.pause();
    again(socket, () => socket.send(probes));
  },
  (socket) => {
    socket.send(JSON.stringify({ t: "goodbye", reason: "again", reconnectAfterMs: [0, 0] }));
    socket.close();
  },
  (socket) => again(socket, () => socket.send("[".repeat(50_000))),
  (socket) => socket.send("x".repeat(2 ** 21)),
  (socket) => again(socket, () => socket.send(Buffer.alloc(1_000))),
];

function again(socket: WebSocket, call: () => void): void {
  const timer = setInterval(call, EVERY_MS);
  const end = setTimeout(() => socket.terminate(), TORMENT_MS);
  socket.on("close", () => {
    clearInterval(timer);
    clearTimeout(end);
  });
}

/**
 * Greets, then torments: policy that cannot be, questions whose answers it does not read, farewells that ask back at once, frames that
 * are garbage or too large. One connection in two is not even upgraded, but kept waiting a byte at a time.
 */
export function startHostileConsole(): Promise<FakeConsole> {
  const sockets = new Set<Socket>();
  const upgraded = new WebSocketServer({ noServer: true, handleProtocols: () => AGENT_SUBPROTOCOL });
  const http = createServer((_request, response) => response.end());
  let turn = 0;
  http.on("upgrade", (request, socket, head) => {
    if (turn++ % 2 === 1) {
      drip(socket);
      return;
    }
    upgraded.handleUpgrade(request, socket, head, (link) => {
      link.on("error", () => undefined);
      const now = Date.now();
      const welcome = {
        t: "welcome",
        v: PROTOCOL_VERSION,
        now,
        session: "s",
        environment: "bench",
        sampleMs: 1_000,
        eventsAcked: 0,
        framesAcked: 0,
      };
      link.once("message", () => {
        link.send(JSON.stringify(welcome));
        TORMENTS[(turn >> 1) % TORMENTS.length]?.(link);
      });
    });
  });
  return opened(http, sockets);
}

function drip(socket: Duplex): void {
  socket.write("HTTP/1.1 101 Switching Protocols\r\nX-Slow: ");
  const timer = setInterval(() => socket.write("."), EVERY_MS);
  const end = setTimeout(() => socket.destroy(), TORMENT_MS);
  socket.on("close", () => {
    clearInterval(timer);
    clearTimeout(end);
  });
}
