/** Bytes a sample takes in a real database file, with its row and its indexes: eight instances for an hour at one sample a second. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placeResources } from "../../core/fleet.ts";
import { systemClock } from "../../server/clock.ts";
import { createHistory } from "../../server/history/history.ts";
import { createLog } from "../../server/log.ts";
import { openStore } from "../../server/store/open-store.ts";
import { simulatedResources, simulateInstance, SLOTS } from "./workload.ts";

const INSTANCES = 8;
const SECONDS = 3600;
const START = 1_790_000_000_000;

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}

/** An empty database is not counted. */
export async function bytesPerSample(workerUrl: URL): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  const log = createLog("error");
  try {
    await (await openStore({ dataDir, log, workerUrl })).store.close();
    const empty = sizeOf(dataDir);
    const { store } = await openStore({ dataDir, log, workerUrl });
    const history = createHistory({ store, clock: systemClock, log });
    const resources = placeResources(simulatedResources());
    const agents = Array.from({ length: INSTANCES }, (_, seed) => ({
      simulation: simulateInstance(seed),
      source: { environment: "production", service: `service-${seed % 4}`, instance: `service-${seed % 4}-${seed}`, boot: `boot-${seed}` },
    }));
    const row = new Float64Array(SLOTS);
    for (let second = 0; second < SECONDS; second++) {
      for (const { simulation, source } of agents) {
        simulation.next().forEach((value, slot) => (row[slot] = value + 1));
        history.append(source, { seq: second + 1, at: START + second * 1000 + ((second * 7) % 5), row, slots: SLOTS, resources });
      }
    }
    await history.close();
    await store.close();
    return (sizeOf(dataDir) - empty) / (INSTANCES * SECONDS * SLOTS);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
