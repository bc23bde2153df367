/** The shop as a program of its own: what it prints, and that nothing outlives it. */
import { fork, type ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { startShop } from "../../demo/main.ts";
import { isAlive } from "./support/shop-visitor.ts";
import { until } from "./support/until.ts";

const root = join(import.meta.dirname, "../..");
const STORY_MS = 100_000;

describe("the shop as a program", () => {
  let child: ChildProcess | undefined;
  let printed = "";

  afterEach(() => {
    child?.kill("SIGKILL");
  });

  function run(...args: string[]): Promise<number | null> {
    printed = "";
    child = fork(join(root, "demo/main.ts"), args, {
      cwd: root,
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, TSX_TSCONFIG_PATH: join(root, "demo/tsconfig.json") },
    });
    const hear = (chunk: Buffer): void => void (printed += chunk.toString());
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    return new Promise((resolve) => child?.once("close", (code) => resolve(code)));
  }

  it("says how it is used when it is not told where the console is", async () => {
    expect(await run("--load", "10")).toBe(1);
    expect(printed).toContain("usage:");
  });

  it("refuses a port that is taken, with nothing left running", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    await expect(startShop({ consoleUrl: "http://127.0.0.1:9", tokens: "hfa_nobody", shopPort: port, directorPort: 0, load: false })).rejects.toThrow(/EADDRINUSE/);
    await new Promise((resolve) => other.close(resolve));
  });

  it(
    "prints where to look, and its services die with it even when it is killed",
    async () => {
      void run("--console", "http://127.0.0.1:9", "--token", "hfa_nobody", "--no-schedule", "--load", "0", "--shop-port", "0", "--director-port", "0");
      const found = await until("the shop is open", () => /shop\s+(http:\S+)[\s\S]*director\s+(http:\S+)/i.exec(printed), 90_000);
      expect((await fetch(found[1] ?? "")).status).toBe(200);
      const pids = Object.values((await (await fetch(`${found[2] ?? ""}/processes`)).json()) as Record<string, number>);
      expect(pids).toHaveLength(10);
      child?.kill("SIGKILL");
      await until("every service is gone", () => !pids.some(isAlive));
    },
    STORY_MS,
  );
});
