/** `move-to-postgresql`: run it while the console runs, as often as you like; stop the console and run it once more. */
import { moveToPostgres } from "../store/transfer/move-to-postgres.ts";
import { UsageError, type Command } from "./command.ts";
import { noteCommand } from "./note-command.ts";

/** Not an error: there is more to do. As `sysexits.h` has it for what may succeed later. */
const EXIT_TEMPORARY = 75;

export const move: Command = async (context) => {
  const { config, say } = context;
  if (config.databaseUrl === undefined) throw new UsageError("say where to: set DATABASE_URL to an empty PostgreSQL database");
  const done = await moveToPostgres({ dataDir: config.dataDir, databaseUrl: config.databaseUrl, say });
  if (done) await noteCommand(context, { action: "data.moved", thing: "PostgreSQL", before: { dataDir: config.dataDir } });
  if (done) say("moved. Start the console with this DATABASE_URL; the embedded data was left as it is.");
  else say("what only grows is copied. The console still runs: stop it and run this again for the rest, which is short.");
  return done ? 0 : EXIT_TEMPORARY;
};
