/** A line between a browser and the console that can fall silent, get slow, or be cut, as lines do. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export interface Line {
  /** The console, by this line. */
  readonly url: string;
  /** Where it leads: to a port of this machine. */
  lead(port: number): void;
  /** Nothing gets through, and nobody is told. */
  fallSilent(): void;
  /** Cuts what is open and refuses what is new. */
  cut(): void;
  /** Bytes a second, for all that the console sends. */
  slow(bytesPerSecond: number): void;
  /** As good as new. */
  mend(): void;
  close(): Promise<void>;
}

type State = { readonly is: "good" | "silent" | "cut" } | { readonly is: "slow"; readonly bytesPerSecond: number };

const STEP_MS = 50;

export async function openLine(): Promise<Line> {
  let port = 0;
  const sockets = new Set<Socket>();
  let state: State = { is: "good" };
  /** Passes on as the line lets it; what is not read stays with the sender, as on a real one. */
  const pass = async (from: Socket, to: Socket, downwards: boolean): Promise<void> => {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length;) {
        while (state.is === "silent") await delay(STEP_MS);
        const most = state.is === "slow" && downwards ? Math.ceil((state.bytesPerSecond * STEP_MS) / 1000) : chunk.length;
        if (state.is === "slow" && downwards) await delay(STEP_MS);
        if (!to.write(chunk.subarray(at, at + most)) && !to.destroyed)
          await new Promise((resolve) => to.once("drain", resolve).once("close", resolve));
        at += most;
      }
    }
    to.end();
  };
  const server = createServer((browser) => {
    if (state.is === "cut") return void browser.destroy();
    const upstream = connect(port, "127.0.0.1");
    for (const [socket, other] of [
      [browser, upstream],
      [upstream, browser],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      pass(socket, other, socket === upstream).catch(() => undefined);
    }
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cutAll = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    lead: (to) => void (port = to),
    fallSilent: () => void (state = { is: "silent" }),
    cut: () => {
      state = { is: "cut" };
      cutAll();
    },
    slow: (bytesPerSecond) => void (state = { is: "slow", bytesPerSecond }),
    mend: () => void (state = { is: "good" }),
    close: async () => {
      state = { is: "good" };
      cutAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
