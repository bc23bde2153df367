import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../../server/log.ts";
import { storeContract } from "./store-contract.ts";

storeContract("SQLite", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "holdfast-store-"));
  return { options: { dataDir, log: createLog("silent") }, remove: async () => rmSync(dataDir, { recursive: true }) };
});
