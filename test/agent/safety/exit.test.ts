import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { startFakeConsole } from "../support/fake-console.ts";
import { startTorment } from "./support/torments.ts";

const HOST = fileURLToPath(new URL("./support/busy-host.ts", import.meta.url));
const IN_USE = "visit, key, lock, queued, tried, one leader";
/** From the last line of the host to its end, by its own clock. */
const BOUND_MS = 300;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

interface End {
  readonly code: number | null;
  readonly errors: string;
  readonly inUse: string | undefined;
  readonly ms: number;
}

function endOf(url: string, wanted: string, env: Record<string, string> = {}): Promise<End> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--import", "tsx", HOST, url, wanted], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const watchdog = setTimeout(() => child.kill("SIGKILL"), 18_000);
    let [output, errors] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    child.on("close", (code) => {
      clearTimeout(watchdog);
      const [inUse, ms] = output.split("\n");
      resolve({ code, errors, inUse, ms: ms === "" ? NaN : Number(ms) });
    });
  });
}

async function expectExit(url: string, wanted: string, env: Record<string, string> = {}): Promise<void> {
  const { ms, ...end } = await endOf(url, wanted, env);
  expect(end).toEqual({ code: 0, errors: "", inUse: IN_USE });
  expect(ms).toBeLessThan(BOUND_MS);
}

describe("a host with everything in use exits by itself at once", () => {
  it("while connected, with its policy kept in a file", async () => {
    const control = await startFakeConsole();
    cleanups.push(() => control.close());
    await expectExit(control.url, "open", { POLICY_FILE: join(tmpdir(), `holdfast-busy-${process.pid}`) });
  });

  it("while the console is dead", async () => {
    await expectExit("http://127.0.0.1:1", "waiting");
  });

  it("while the console hangs", async () => {
    const console = await startTorment((socket) => socket.resume());
    cleanups.push(() => console.close());
    await expectExit(console.url, "connecting");
  });

  it("after close()", async () => {
    const control = await startFakeConsole();
    cleanups.push(() => control.close());
    await expectExit(control.url, "open", { CLOSE: "1" });
  });

  it("with the kill switch", async () => {
    await expectExit("http://127.0.0.1:1", "off", { HOLDFAST_DISABLED: "1" });
  });
});
