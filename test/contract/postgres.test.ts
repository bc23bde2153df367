import { createLog } from "../../server/log.ts";
import { startPostgres } from "../support/postgres.ts";
import { storeContract } from "./store-contract.ts";

storeContract("PostgreSQL", async () => {
  const server = await startPostgres();
  return {
    options: { databaseUrl: await server.createDatabase(), dataDir: "/nonexistent", log: createLog("silent") },
    remove: () => server.stop(),
  };
});
