/** A line to a PostgreSQL server that breaks when a transaction is to be committed. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** The server never hears of the commit; or it commits, and its answer is lost; or it commits long after the line broke. */
export type Break = "before" | "after" | "late";

export interface PgLine {
  readonly url: string;
  /** Breaks the line at the next commit, once. */
  breakAtCommit(how: Break): void;
  /** Commits that the line broke at. */
  readonly broken: () => number;
  /** Lets a late commit through. */
  release(): void;
  close(): Promise<void>;
}

export async function openPgLine(databaseUrl: string): Promise<PgLine> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let next: Break | null = null;
  let broken = 0;
  let late: (() => void) | null = null;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    }
    let deaf = false;
    client.on("data", (bytes) => {
      const how = bytes.includes("COMMIT") ? next : null;
      if (how === null) return void upstream.write(bytes);
      [next, deaf] = [null, true];
      broken++;
      if (how === "before") upstream.destroy();
      else if (how === "after") upstream.write(bytes);
      else {
        late = () => upstream.write(bytes);
        client.destroy();
      }
      return undefined;
    });
    upstream.on("data", (bytes) => {
      if (!deaf) return void client.write(bytes);
      client.destroy();
      return void upstream.end();
    });
    upstream.on("close", () => client.destroy());
    client.on("close", () => {
      if (!deaf) upstream.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    breakAtCommit: (how) => (next = how),
    broken: () => broken,
    release: () => late?.(),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
