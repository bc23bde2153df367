/**
 * From the start of the process until it says that it is ready, with ten million events in the log. The database is warm, as after a restart of
 * the process alone. HOLDFAST_BENCH_EVENTS: another number of them.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../../server/log.ts";
import { openStore } from "../../server/store/open-store.ts";
import { databasePath } from "../../server/store/sqlite/open-sqlite.ts";
import { startRealConsole } from "../../test/support/real-console.ts";
import { bundleConsole } from "../support/bundled-console.ts";
import { fillEvents } from "../support/many-events.ts";
import { percentile, round } from "../support/statistics.ts";
import type { SuiteResult } from "../support/suite.ts";

const EVENTS = Number(process.env["HOLDFAST_BENCH_EVENTS"] ?? 10_000_000);
const STARTS = 5;

export async function run(): Promise<SuiteResult> {
  const dataDir = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  try {
    const { worker } = await bundleConsole();
    const { store } = await openStore({ dataDir, log: createLog("error"), workerUrl: worker });
    await store.close();
    await fillEvents(databasePath(dataDir), { count: EVENTS, now: Date.now() });
    const times: number[] = [];
    const started = performance.now();
    const host = await startRealConsole({ dataDir, env: { HOLDFAST_LOG_LEVEL: "error" } });
    times.push(performance.now() - started);
    while (times.length < STARTS) {
      await host.kill("SIGTERM");
      const again = performance.now();
      await host.restart();
      times.push(performance.now() - again);
    }
    const megabytes = statSync(databasePath(dataDir)).size / 2 ** 20;
    await host.dispose();
    return {
      suite: "start",
      figures: { readyMs: round(percentile(times, 50)), worstMs: round(Math.max(...times)), events: EVENTS, megabytes: round(megabytes) },
      ratios: {},
    };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
