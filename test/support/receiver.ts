/** A real HTTP receiver of notifications: keeps what came, and answers as it is told. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Respond = (response: ServerResponse, received: Received) => void;

export async function startReceiver() {
  const received: Received[] = [];
  let respond: Respond = (response) => void response.end("ok");
  const server = createServer((request: IncomingMessage, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const one = { path: request.url ?? "", headers: request.headers, body: Buffer.concat(parts).toString("utf8") };
      received.push(one);
      respond(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    received,
    /** Its entry of HOLDFAST_NOTIFY_HOSTS. */
    host: `http://127.0.0.1:${String(port)}`,
    url: `http://127.0.0.1:${String(port)}/hook/s3cr3t-part-of-the-path`,
    bodies: () => received.map(({ body }) => JSON.parse(body) as Record<string, ReturnType<typeof JSON.parse>>),
    answer: (status: number, headers: Record<string, string> = {}, body = "") => {
      respond = (response) => void response.writeHead(status, headers).end(body);
    },
    respond: (how: Respond) => (respond = how),
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
