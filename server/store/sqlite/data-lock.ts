import { createClient } from "@libsql/client";
import { StoreStartError } from "../store.ts";
import { fileUrl } from "./connection.ts";

/**
 * Keeps a second console off the same data: two processes would each hold a fleet the other does not know of. The lock is an open
 * exclusive transaction on a small database of its own, so the kernel frees it when the process dies, however it dies.
 * @throws StoreStartError when it is taken.
 */
export async function lockData(path: string, dataDir: string): Promise<{ release: () => Promise<void> }> {
  const client = createClient({ url: fileUrl(path) });
  try {
    await client.executeMultiple("pragma busy_timeout = 0; pragma journal_mode = DELETE;");
    await client.execute("begin exclusive");
  } catch (error) {
    client.close();
    if (!/SQLITE_BUSY|database is locked/.test(String(error))) throw error;
    throw new StoreStartError(
      `Another console is already running on the data in ${dataDir}. Stop it first, or give this one its own folder with HOLDFAST_DATA.`,
      { cause: error },
    );
  }
  return {
    release: async () => {
      await client.execute("rollback");
      client.close();
    },
  };
}
