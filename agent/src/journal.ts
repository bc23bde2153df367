/** What the agent says to the host's log: each thing once, never through an exception. */
import type { LogFunction, LogLevel } from "./types.ts";

/** Distinct lines remembered; beyond it nothing new is written. */
const MAX_LINES = 200;

export class Journal {
  /** Errors of observed objects, callbacks and the host's own calls that were caught. */
  errors = 0;
  /** Resources and switches refused. */
  capped = 0;
  readonly #log: LogFunction;
  readonly #said = new Set<string>();

  constructor(log: LogFunction | undefined) {
    this.#log = log ?? emitWarning;
  }

  /** Writes the message unless this `topic` was written before. */
  once(topic: string, level: LogLevel, message: string): void {
    if (this.#said.has(topic) || this.#said.size >= MAX_LINES) return;
    this.#said.add(topic);
    this.write(level, message);
  }

  write(level: LogLevel, message: string): void {
    try {
      this.#log(level, `holdfast: ${message}`);
    } catch {
      this.errors++;
    }
  }
}

function emitWarning(level: LogLevel, message: string): void {
  if (level !== "info") process.emitWarning(message, { type: "HoldfastWarning" });
}

/** Words for anything that can be thrown, without running more of it than needed. */
export function describeError(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return "an error that cannot be described";
  }
}
