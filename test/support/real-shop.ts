/** Starts the built demo shop against a console, as real processes. */
import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { until } from "./real-console.ts";

const root = join(import.meta.dirname, "../..");

export interface RealShop {
  readonly shopUrl: string;
  fail(name: string, seconds: number): Promise<void>;
  recover(name: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startRealShop(options: { consoleUrl: string; token: string; load?: number }): Promise<RealShop> {
  let printed = "";
  const child: ChildProcess = fork(
    join(root, "demo/main.ts"),
    [
      "--console",
      options.consoleUrl,
      "--token",
      options.token,
      "--no-schedule",
      "--load",
      String(options.load ?? 30),
      "--shop-port",
      "0",
      "--director-port",
      "0",
    ],
    {
      cwd: root,
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, TSX_TSCONFIG_PATH: join(root, "demo/tsconfig.json") },
    },
  );
  child.stdout?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const { shopUrl, directorUrl } = await until(
    "the shop is open",
    () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}\n${printed}`);
      const found = /shop\s+(http:\S+)[\s\S]*director\s+(http:\S+)/i.exec(printed);
      return found ? { shopUrl: found[1] ?? "", directorUrl: found[2] ?? "" } : undefined;
    },
    60_000,
  );
  const director = async (method: string, name: string, body?: unknown): Promise<void> => {
    const response = await fetch(`${directorUrl}/failures/${name}`, {
      method,
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`director: ${response.status} ${await response.text()}`);
  };
  return {
    shopUrl,
    fail: (name, seconds) => director("POST", name, { seconds }),
    recover: (name) => director("DELETE", name),
    stop: async () => {
      child.kill("SIGTERM");
      await gone;
    },
  };
}
