/** What commands share. */
import type { Config } from "../config.ts";

export interface CommandContext {
  readonly config: Config;
  /** What came after the name of the command. */
  readonly args: readonly string[];
  /** A line for the person; never data. */
  readonly say: (line: string) => void;
}

/** Answers the exit code. */
export type Command = (context: CommandContext) => Promise<number>;

/** The command was called wrongly. The message is one sentence. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Options `--name value` and `--name`, and the rest in order. @throws UsageError for an unknown option */
export function readArgs(
  args: readonly string[],
  known: Readonly<Record<string, "value" | "flag">>,
): { readonly rest: readonly string[]; readonly options: ReadonlyMap<string, string> } {
  const rest: string[] = [];
  const options = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (!arg.startsWith("--")) {
      rest.push(arg);
      continue;
    }
    const name = arg.slice(2);
    if (known[name] === undefined) throw new UsageError(`there is no option ${arg}`);
    const value = known[name] === "flag" ? "" : args[++i];
    if (value === undefined) throw new UsageError(`${arg} needs a value`);
    options.set(name, value);
  }
  return { rest, options };
}
