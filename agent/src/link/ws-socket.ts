/** The socket over `ws`: the one file that knows the library. */
import { connect as netConnect, isIP, type Socket as NetSocket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { WebSocket, type ClientOptions, type RawData } from "ws";
import { LIMITS } from "../../../protocol/limits.ts";
import { AGENT_SUBPROTOCOL } from "../../../protocol/version.ts";
import type { Socket, SocketHandlers, SocketTarget } from "./socket.ts";

/** A closing handshake that is not answered must not hold the host's process. */
const CLOSE_TIMEOUT_MS = 1_000;

export function openWebSocket(target: SocketTarget, handlers: SocketHandlers): Socket {
  const options: ClientOptions & { closeTimeout: number } = {
    headers: { authorization: `Bearer ${target.token}` },
    perMessageDeflate: false,
    followRedirects: false,
    handshakeTimeout: target.handshakeTimeoutMs,
    maxPayload: LIMITS.maxBuffered,
    maxFragments: LIMITS.maxFragments,
    maxBufferedChunks: LIMITS.maxBufferedChunks,
    closeTimeout: CLOSE_TIMEOUT_MS,
    createConnection: ((to: UpgradeOptions) => connectUnreferenced(to, target.url.startsWith("wss:"))) as NonNullable<
      ClientOptions["createConnection"]
    >,
  };
  const socket = new WebSocket(target.url, [AGENT_SUBPROTOCOL], options);
  socket.on("open", () => handlers.opened());
  socket.on("message", (data: RawData, isBinary: boolean) => {
    handlers.heard();
    if (isBinary) handlers.binary();
    else handlers.text(textOf(data));
  });
  socket.on("ping", () => handlers.heard());
  socket.on("pong", () => handlers.heard());
  socket.on("unexpected-response", (request, response) => {
    const retryAfter = response.headers["retry-after"];
    handlers.refused(response.statusCode ?? 0, retryAfter);
    response.resume();
    request.destroy();
    socket.terminate();
  });
  // The close event follows every error and says what there is to say.
  socket.on("error", () => undefined);
  socket.on("close", (code: number, reason: Buffer) => handlers.closed(code, reason.toString("utf8")));
  const ready = (): boolean => socket.readyState === WebSocket.OPEN;
  return {
    sendText: (message) => {
      if (ready()) socket.send(message, ignore);
      // A console that asks on and on and reads no answer must not fill the host's memory.
      if (socket.bufferedAmount > LIMITS.maxBuffered) socket.terminate();
    },
    sendBytes: (bytes) => {
      if (ready()) socket.send(bytes, ignore);
    },
    ping: () => {
      if (ready()) socket.ping(undefined, undefined, ignore);
    },
    close: (code, reason) => {
      socket.close(code, reason);
    },
    terminate: () => {
      socket.terminate();
    },
    get buffered() {
      return socket.bufferedAmount;
    },
  };
}

function ignore(): void {
  // A failed write is followed by close.
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString("utf8");
  return Buffer.isBuffer(data) ? data.toString("utf8") : Buffer.from(data).toString("utf8");
}

interface UpgradeOptions {
  readonly host?: string;
  readonly port?: number | string;
}

/** The link lives while the host lives and lets it exit at once: the TCP or TLS socket is unreferenced from birth. */
function connectUnreferenced(options: UpgradeOptions, secure: boolean): NetSocket {
  const host = options.host ?? "localhost";
  const port = Number(options.port);
  const socket = secure
    ? tlsConnect({ host, port, servername: isIP(host) === 0 ? host : "", ALPNProtocols: ["http/1.1"] })
    : netConnect({ host, port });
  socket.unref();
  socket.setNoDelay(true);
  return socket;
}
