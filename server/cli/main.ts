/** `npm run holdfast -- COMMAND`. Configuration as for the console, from the environment. */
import { readConfig } from "../config.ts";
import { runCommand } from "./run-command.ts";

process.exitCode = await runCommand(
  process.argv.slice(2),
  () => readConfig(),
  (line) => void process.stderr.write(`holdfast: ${line}\n`),
);
