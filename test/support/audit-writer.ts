/**
 * A process that makes changes with audit entries as fast as it can and prints each once it is acknowledged: to be killed in the middle.
 * `tsx test/support/audit-writer.ts <dataDir>`
 */
import { randomUUID } from "node:crypto";
import { writeSync } from "node:fs";
import { createLog } from "../../server/log.ts";
import { openStore } from "../../server/store/open-store.ts";
import { newAudit, newEvent, newFlip } from "../contract/samples.ts";

const [dataDir = ""] = process.argv.slice(2);
const { store } = await openStore({ dataDir, log: createLog("silent") });

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
