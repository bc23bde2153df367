/**
 * A process that writes events as fast as it can and prints each sequence once it is acknowledged: to be killed in the middle.
 * `tsx test/support/store-writer.ts <dataDir> <boot>`. Continues a little before the last sequence that is on disk, as an agent does that
 * missed acknowledgements.
 */
import { writeSync } from "node:fs";
import { createLog } from "../../server/log.ts";
import { openStore } from "../../server/store/open-store.ts";
import { StoreStartError } from "../../server/store/store.ts";

const [dataDir = "", boot = ""] = process.argv.slice(2);
const agent = { environment: "production", service: "orders", instance: "orders-1", boot };

try {
  const { store } = await openStore({ dataDir, log: createLog("silent") });
  writeSync(1, "open\n");
  let next = Math.max(1, (await store.lastEventSeq(agent)) - 20);
  const append = async (): Promise<void> => {
    for (;;) {
      const first = next;
      next += 5;
      const events = Array.from({ length: 5 }, (_, index) => ({
        seq: first + index,
        at: Date.now(),
        type: "breaker.opened",
        data: { seq: first + index },
      }));
      const logged = await store.appendAgentEvents([{ ...agent, receivedAt: Date.now(), skewMs: 0, events }]);
      writeSync(1, logged.map((event) => `ack ${String(event.data["seq"])}\n`).join(""));
    }
  };
  await Promise.all(Array.from({ length: 4 }, append));
} catch (error) {
  if (!(error instanceof StoreStartError)) throw error;
  writeSync(2, `${error.message}\n`);
  process.exitCode = 3;
}
