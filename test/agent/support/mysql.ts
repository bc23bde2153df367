/** mysql2's own protocol server: it lets everybody in and answers every query with one row. */
import type { AddressInfo } from "node:net";
import mysql from "mysql2";

export interface TestMysql {
  readonly port: number;
  stop(): Promise<void>;
}

/** The part of mysql2's server that its types leave out. */
interface ServerConnection {
  serverHandshake(options: object): void;
  writeTextResult(rows: readonly object[], columns: readonly object[]): void;
  writeOk(): void;
  _resetSequenceId(): void;
  close(): void;
  on(event: string, listener: (...args: never[]) => void): void;
}

interface Server {
  on(event: "connection", listener: (connection: ServerConnection) => void): void;
  listen(port: number, host: string, listening: () => void): void;
  close(closed?: () => void): void;
  readonly _server: { address(): AddressInfo };
}

export async function startMysql(): Promise<TestMysql> {
  const server = (mysql as unknown as { createServer(): Server }).createServer();
  const connections = new Set<ServerConnection>();
  let id = 0;
  server.on("connection", (connection) => {
    connections.add(connection);
    connection.serverHandshake({
      protocolVersion: 10,
      serverVersion: "8.0.0",
      connectionId: ++id,
      statusFlags: 2,
      characterSet: 8,
      capabilityFlags: 0xffffff ^ 0x800,
      // It does not begin to count anew with each command by itself.
      authCallback: (_login: unknown, answer: (error: null) => void) => {
        answer(null);
        connection._resetSequenceId();
      },
    });
    connection.on("query", () => {
      connection.writeTextResult(
        [{ one: 1 }],
        [
          {
            catalog: "def",
            schema: "",
            table: "",
            orgTable: "",
            name: "one",
            orgName: "one",
            characterSet: 63,
            columnLength: 1,
            columnType: 8,
            flags: 0,
            decimals: 0,
          },
        ],
      );
      connection._resetSequenceId();
    });
    connection.on("ping", () => connection.writeOk());
    connection.on("error", () => undefined);
    connection.on("end", () => connections.delete(connection));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: server._server.address().port,
    stop: async () => {
      for (const connection of connections) connection.close();
      server.close();
    },
  };
}
