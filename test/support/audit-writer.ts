/**
 * A process that makes changes with audit entries as fast as it can and prints each once it is acknowledged: to be killed in the middle.
 * Its one argument is the store (JSON).
 */
import { randomUUID } from "node:crypto";
import { writeSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { createLog } from "../../server/log.ts";
import { openStore } from "../../server/store/open-store.ts";
import { newAudit, newEvent, newFlip } from "../contract/samples.ts";

export interface WrittenStore {
  readonly dataDir: string;
  readonly databaseUrl?: string;
  /** File of the embedded database's thread. */
  readonly worker: string;
}

const { worker, ...place } = JSON.parse(process.argv[2] ?? "") as WrittenStore;
const { store } = await openStore({ ...place, workerUrl: pathToFileURL(worker), log: createLog("silent") });

async function sign(): Promise<void> {
  for (;;) {
    const requestId = randomUUID();
    await store.appendAudit([newAudit({ requestId })]);
    writeSync(1, `ack ${requestId}\n`);
  }
}
async function flip(): Promise<void> {
  for (;;) {
    const requestId = randomUUID();
    const made = newFlip("production");
    await store.createFlip(made, [], newEvent("production", { audit: newAudit({ requestId, flipId: made.id }) }));
    writeSync(1, `ack ${requestId}\n`);
  }
}
await Promise.all([sign(), sign(), flip(), flip()]);
