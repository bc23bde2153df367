/** Starts the built console as a real process on a data directory of its own, the way `npm start` does. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const root = join(import.meta.dirname, "../..");

export interface RealConsole {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** Everything the process printed so far, both streams. */
  output(): string;
  /** The one-time set-up link it printed. */
  setupLink(): Promise<string>;
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same data and port after a kill. */
  restart(): Promise<void>;
  /** Kills it and removes its data. */
  dispose(): Promise<void>;
  /** Calls the API with a Bearer token; throws with the problem on anything but 2xx. */
  api<T>(method: string, path: string, options: { token: string; body?: unknown; headers?: Record<string, string> }): Promise<T>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Waits until `probe` gives something other than undefined or false; the last error is the reason of the time-out. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`gave up waiting until ${what}${last instanceof Error ? `: ${last.message}` : ""}`);
    await delay(50);
  }
}

export async function startRealConsole(options: { env?: Record<string, string>; dataDir?: string } = {}): Promise<RealConsole> {
  const port = await freePort();
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "holdfast-e2e-"));
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess;
  let printed = "";

  const start = async (): Promise<void> => {
    const running = spawn(process.execPath, ["--enable-source-maps", "dist/server.mjs"], {
      cwd: root,
      env: {
        ...process.env,
        NODE_ENV: "production",
        HOLDFAST_PORT: String(port),
        HOLDFAST_DATA: dataDir,
        HOLDFAST_LOG_LEVEL: "info",
        ...options.env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child = running;
    running.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    running.stderr.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    await until(
      "the console is ready",
      async () => {
        if (running.exitCode !== null) throw new Error(`it ended with ${running.exitCode}\n${printed}`);
        return (await fetch(`${url}/readyz`)).ok;
      },
      60_000,
    );
  };

  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  };

  await start();
  return {
    url,
    port,
    dataDir,
    output: () => printed,
    setupLink: () => until("a set-up link is printed", () => /https?:\/\/\S+\/setup\S+/.exec(printed)?.[0].replace(/["\\].*$/, "")),
    kill,
    restart: start,
    dispose: async () => {
      await kill("SIGKILL");
      rmSync(dataDir, { recursive: true, force: true });
    },
    api: async <T>(
      method: string,
      path: string,
      { token, body, headers }: { token: string; body?: unknown; headers?: Record<string, string> },
    ) => {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return (text === "" ? undefined : JSON.parse(text)) as T;
    },
  };
}
