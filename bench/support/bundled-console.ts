/**
 * A console without pages as a process of its own, bundled as for production: imports between source files cost the codecs half their
 * speed. It answers over IPC with what it used.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle } from "./bundle.ts";
import type { ProcessUse } from "./measured-console.ts";

const root = join(import.meta.dirname, "../..");
/** The entry and its store worker, side by side as in dist. */
export async function bundleConsole(): Promise<{ readonly entry: string; readonly worker: URL }> {
  const made = await bundle({
    console: "bench/support/measured-console.ts",
    "store-worker": "server/store/sqlite/worker.ts",
    "pack-worker": "server/history/pack-worker.ts",
    "roll-worker": "server/history/roll-worker.ts",
    "cut-worker": "server/replay/cut-worker.ts",
  });
  return { entry: made.console, worker: pathToFileURL(made["store-worker"]) };
}

export interface BundledConsole {
  readonly url: string;
  /** What was used since the last call. */
  use(): Promise<ProcessUse>;
  dispose(): Promise<void>;
}

export async function startBundledConsole(env: Readonly<Record<string, string>>): Promise<BundledConsole> {
  const { entry } = await bundleConsole();
  const dataDir = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  const child = fork(entry, {
    cwd: root,
    execArgv: ["--enable-source-maps"],
    env: { ...process.env, NODE_ENV: "production", HOLDFAST_PORT: "0", HOLDFAST_DATA: dataDir, HOLDFAST_LOG_LEVEL: "error", ...env },
  });
  const { url } = (await answer(child)) as { readonly url: string };
  return {
    url,
    async use() {
      child.send("use");
      return (await answer(child)) as ProcessUse;
    },
    async dispose() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function answer(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  try {
    const [message] = (await Promise.race([
      once(child, "message", { signal: ended.signal }),
      once(child, "exit", { signal: ended.signal }).then(([code]) => Promise.reject(new Error(`the console ended with ${String(code)}`))),
    ])) as [unknown];
    return message;
  } finally {
    ended.abort();
  }
}
