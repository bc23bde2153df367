/** Consoles that are broken, slow or mean, on real sockets. */
import { createHash } from "node:crypto";
import { createServer, type AddressInfo, type Socket } from "node:net";

export interface Torment {
  readonly url: string;
  readonly port: number;
  /** Connections taken so far. */
  readonly connections: number;
  close(): Promise<void>;
}

/** Hands each TCP connection to `treat`. */
export async function startTorment(treat: (socket: Socket) => void): Promise<Torment> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    treat(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    get connections() {
      return connections;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Writes again and again until the connection ends. */
export function drip(socket: Socket, bytes: () => string | Uint8Array, everyMs = 2): void {
  const timer = setInterval(() => socket.write(bytes()), everyMs);
  socket.on("close", () => clearInterval(timer));
}

/** Answers the upgrade as it should be, then does what it likes. `then` is called once the agent has said hello, or anything else. */
export function upgraded(then: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    socket.once("data", (request) => {
      const key = /sec-websocket-key: (.+)\r\n/i.exec(request.toString("latin1"))?.[1] ?? "";
      const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      socket.once("data", () => then(socket));
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n` +
          "Sec-WebSocket-Protocol: holdfast.agent.v1\r\n\r\n",
      );
    });
  };
}

/** One text frame as a server sends it. */
export function frame(message: string | object, { opcode = 1, fin = true } = {}): Buffer {
  const payload = Buffer.from(typeof message === "string" ? message : JSON.stringify(message));
  const head = Buffer.alloc(payload.length < 126 ? 2 : 10);
  head[0] = (fin ? 0x80 : 0) | opcode;
  if (payload.length < 126) head[1] = payload.length;
  else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  return Buffer.concat([head, payload]);
}

export const WELCOME = {
  t: "welcome",
  v: 1,
  now: 0,
  session: "s",
  environment: "test",
  sampleMs: 1000,
  eventsAcked: 0,
  framesAcked: 0,
} as const;
