import { spawn } from "node:child_process";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { startFakeConsole } from "./support/fake-console.ts";

const CHILD = fileURLToPath(new URL("./support/exit-child.ts", import.meta.url));
/** Well below every time-out of the agent: an exit that waited for one of them fails. */
const PATIENCE_MS = 5_000;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** Runs the child; once it says it is idle, gives it a moment to end by itself. */
function exitOf(url: string, wanted: string, env: Record<string, string> = {}): Promise<Exit> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--import", "tsx", CHILD, url, wanted], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let watchdog = setTimeout(() => child.kill("SIGKILL"), 15_000);
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (!output.includes("idle")) return;
      clearTimeout(watchdog);
      watchdog = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    });
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("exit", (code, signal) => {
      clearTimeout(watchdog);
      resolve({ code, signal, output });
    });
  });
}

async function listening(onSocket: (socket: Socket) => unknown): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe("a host with an agent exits by itself", () => {
  it("while connected", async () => {
    const control = await startFakeConsole();
    cleanups.push(() => control.close());
    expect(await exitOf(control.url, "open", { POLICY_FILE: join(tmpdir(), `holdfast-exit-${process.pid}`) })).toEqual({
      code: 0,
      signal: null,
      output: "idle\n",
    });
  });

  it("while the console is dead", async () => {
    expect(await exitOf("http://127.0.0.1:1", "waiting")).toEqual({ code: 0, signal: null, output: "idle\n" });
  });

  it("while the console accepts and never answers the upgrade", async () => {
    const port = await listening((socket) => socket.resume());
    expect(await exitOf(`http://127.0.0.1:${port}`, "connecting")).toEqual({ code: 0, signal: null, output: "idle\n" });
  });

  it("while the console never answers hello", async () => {
    const control = await startFakeConsole({ greet: false });
    cleanups.push(() => control.close());
    expect(await exitOf(control.url, "greeting")).toEqual({ code: 0, signal: null, output: "idle\n" });
  });

  it("after close() against a console that acknowledges nothing, and close() resolves", async () => {
    const control = await startFakeConsole({ acknowledge: false });
    cleanups.push(() => control.close());
    expect(await exitOf(control.url, "open", { CLOSE: "1" })).toEqual({ code: 0, signal: null, output: "idle\nclosed\n" });
  });

  it("with the kill switch, having opened no connection", async () => {
    let connections = 0;
    const port = await listening(() => connections++);
    expect(await exitOf(`http://127.0.0.1:${port}`, "off", { HOLDFAST_DISABLED: "1" })).toEqual({
      code: 0,
      signal: null,
      output: "idle\n",
    });
    expect(connections).toBe(0);
  });
});
