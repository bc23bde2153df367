/** The shop's front door: one port, connections spread over the storefronts that run now. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export interface Edge {
  readonly port: number;
  close(): Promise<void>;
}

/** @param backends URLs that run now; asked for each connection. */
export async function openEdge(port: number, backends: () => readonly { readonly url: string }[]): Promise<Edge> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const server: Server = createServer((visitor) => {
    const open = backends();
    const backend = open[turn++ % Math.max(1, open.length)];
    track(sockets, visitor);
    if (backend === undefined) {
      visitor.end("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      return;
    }
    const { hostname, port: to } = new URL(backend.url);
    const inner = connect(Number(to), hostname);
    track(sockets, inner);
    visitor.pipe(inner).pipe(visitor);
    visitor.once("close", () => inner.destroy());
    inner.once("close", () => visitor.destroySoon());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A connection that breaks is closed by itself; the other half follows. */
function track(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.setNoDelay(true);
  socket.on("error", () => undefined);
  socket.once("close", () => sockets.delete(socket));
}
