/** Starts the process that is killed, and reads what it was promised. */
import { spawn } from "node:child_process";
import type { Work } from "./kill-point.ts";

export interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** @param before a program that runs it, such as a tracer, with its arguments */
export async function runChild(file: string, work: Work, before: readonly string[] = []): Promise<Ended> {
  const command = [process.execPath, file, JSON.stringify(work)];
  const [program, args] = before[0] === undefined ? [process.execPath, command.slice(1)] : [before[0], [...before.slice(1), ...command]];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout.on("data", (part: Buffer) => (output += part.toString()));
  child.stderr.on("data", (part: Buffer) => (errors += part.toString()));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (...end) => resolve(end));
  });
  return { signal, code, lines: output.split("\n"), errors };
}

/** One position for each agent; a word's last one counts. */
export function positions({ lines }: Ended, word: "stored" | "ack", known: readonly number[]): number[] {
  const found = [...known];
  for (const line of lines) {
    const [said, agent, seq] = line.split(" ");
    if (said === word) found[Number(agent)] = Math.max(found[Number(agent)] ?? 0, Number(seq));
  }
  return found;
}
