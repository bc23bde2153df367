/** The commands an operator has for the data, by name. */
import { ConfigError, EXIT_CONFIG, type Config } from "../config.ts";
import { StoreStartError } from "../store/store.ts";
import { backup, restore } from "./backup.ts";
import { UsageError, type Command } from "./command.ts";
import { exportData } from "./export.ts";
import { move } from "./move.ts";
import { verify } from "./verify.ts";

/** EX_USAGE of sysexits.h. */
const EXIT_USAGE = 64;

const COMMANDS: Readonly<Record<string, { readonly run: Command; readonly help: string }>> = {
  backup: { run: backup, help: "backup FOLDER                 a whole copy, while the console runs" },
  restore: { run: restore, help: "restore FOLDER [--force]      puts a backup in place; the console must be stopped" },
  verify: { run: verify, help: "verify [--head SEQ:HASH]      reads everything, recomputes the audit log, and says what does not fit" },
  export: {
    run: exportData,
    help: "export [events|changes|receipts|samples] [--environment E] [--service S] [--from T] [--to T] [--out FILE]   JSON lines",
  },
  "move-to-postgresql": {
    run: move,
    help: "move-to-postgresql            from HOLDFAST_DATA to DATABASE_URL; can be cut off and run again",
  },
};

/** Answers the exit code. Lines for the person go to `say`; data goes to standard output. */
export async function runCommand(argv: readonly string[], config: () => Config, say: (line: string) => void): Promise<number> {
  const [name = "help", ...args] = argv;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    for (const { help } of Object.values(COMMANDS)) say(help);
    return name === "help" ? 0 : EXIT_USAGE;
  }
  try {
    return await command.run({ config: config(), args, say });
  } catch (error) {
    if (error instanceof ConfigError) {
      for (const line of error.lines) say(line);
      return EXIT_CONFIG;
    }
    if (error instanceof UsageError) {
      say(`${error.message}\n${command.help}`);
      return EXIT_USAGE;
    }
    say(
      error instanceof StoreStartError
        ? error.message
        : `failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return 1;
  }
}
