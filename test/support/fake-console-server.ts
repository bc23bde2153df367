/**
 * Serves the real screens on an invented fleet, for looking at them without a console: `npx tsx test/support/fake-console-server.ts
 * --port 4600 [--built] [--empty] [--still]`. Speaks the live protocol and the shapes of the API; keeps nothing. `--built` serves the production
 * build under the real script policy, `--empty` a console that no agent has reached yet, `--still` one in which nothing
 * happens any more: its pictures are compared.
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { parseArgs } from "node:util";
import next from "next";
import { WebSocketServer, type WebSocket } from "ws";
import type { LiveDown } from "../../protocol/live.ts";
import { LIVE_PATH, LIVE_SUBPROTOCOL } from "../../protocol/version.ts";
import { answerApi } from "./fake-api.ts";
import { fakeChanges } from "./fake-changes.ts";
import { FakeReplay } from "./fake-replay-api.ts";
import { InventedFleet } from "./invented-fleet.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    built: { type: "boolean", default: false },
    empty: { type: "boolean", default: false },
    still: { type: "boolean", default: false },
  },
});
const dir = join(import.meta.dirname, "../..");
const fleet = new InventedFleet(Date.now());
fleet.events.push(...fakeChanges(Date.now(), fleet.events.length + 1));
// A minute in: a breaker is open, another one probes, one instance has fallen silent.
const secondsBefore = Array.from({ length: values.still ? 60 : 0 }, (_, i) => fleet.step(Date.now() - (60 - i) * 1000).changes);
const replay = new FakeReplay(fleet);
const members = () => (values.empty ? [] : fleet.members);

const server = createServer();
const app = next({ dev: !values.built, dir, hostname: "127.0.0.1", port: Number(values.port), httpServer: server });
await app.prepare();
const render = app.getRequestHandler();
const upgradeNext = values.built ? null : app.getUpgradeHandler();

function policy(nonce: string): string {
  return `default-src 'self'; script-src 'self' 'nonce-${nonce}' 'strict-dynamic'; style-src 'self' 'nonce-${nonce}'; style-src-attr 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'`;
}

server.on("request", (request: IncomingMessage, response: ServerResponse) => {
  if (request.url?.startsWith("/api/v1/") === true) {
    void answerApi(request, response, { fleet, replay });
    return;
  }
  if (values.built) {
    const value = policy(randomBytes(16).toString("base64"));
    request.headers["content-security-policy"] = value;
    response.setHeader("content-security-policy", value);
  }
  void render(request, response);
});

const sockets = new Set<WebSocket>();
const live = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) => (offered.has(LIVE_SUBPROTOCOL) ? LIVE_SUBPROTOCOL : false),
});
const send = (socket: WebSocket, message: LiveDown): void => socket.send(JSON.stringify(message));

server.on("upgrade", (request, socket, head) => {
  if (request.url?.startsWith(LIVE_PATH) === true)
    live.handleUpgrade(request, socket, head, (opened) => live.emit("connection", opened, request));
  else if (upgradeNext && request.url?.startsWith("/_next/") === true) void upgradeNext(request, socket, head);
  else socket.destroy();
});

live.on("connection", (socket: WebSocket) => {
  socket.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString()) as { t: string; scope?: { environment: string } };
    if (message.t !== "subscribe") return;
    send(socket, {
      t: "snapshot",
      now: Date.now(),
      environment: message.scope?.environment ?? "production",
      lastEvent: fleet.events.length,
      revision: fleet.revision,
      instances: members().map((member) => member.instance),
    });
    for (const changes of secondsBefore) send(socket, { t: "delta", now: Date.now(), instances: changes });
    if (values.still) send(socket, { t: "beat", now: Date.now() });
    sockets.add(socket);
  });
  socket.on("close", () => sockets.delete(socket));
});

setInterval(() => {
  const now = Date.now();
  if (values.still) {
    for (const socket of sockets) send(socket, { t: "beat", now });
    return;
  }
  const { changes, events } = fleet.step(now);
  for (const socket of sockets) {
    if (values.empty) {
      send(socket, { t: "beat", now });
      continue;
    }
    send(socket, { t: "delta", now, instances: changes });
    if (events.length > 0) send(socket, { t: "event", now, events });
  }
}, 1000);

server.listen(Number(values.port), "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`http://127.0.0.1:${typeof address === "object" && address ? address.port : values.port}\n`);
});
process.on("SIGTERM", () => process.exit(0));
