/** Structured logs: one JSON object a line on stdout. Secrets are cut out by name wherever they hide. */
import pino, { type Logger } from "pino";

export type Log = Logger;
export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const SECRET = ["authorization", "cookie", "password", "token", "secret"].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

export function createLog(level: LogLevel): Log {
  return pino({ level, base: { name: "holdfast" }, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths: SECRET, censor: "[cut]" } });
}
