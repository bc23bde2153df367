/** The configuration, read once at start from the environment; nothing else in the server reads it. */
import { resolve } from "node:path";
import { DEFAULT_RETENTION, HOUR_MS, type Retention, type TierName } from "../core/tiers.ts";
import { LOG_LEVELS, type LogLevel } from "./log.ts";
import { wrongEntries } from "./notify/allowed-hosts.ts";

export interface Config {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Absolute path of the folder with the embedded database and the secret. */
  readonly dataDir: string;
  /** PostgreSQL; undefined is the embedded database. */
  readonly databaseUrl: string | undefined;
  /** Origin of the console as browsers see it, without a slash at the end; undefined: the address it listens on. */
  readonly publicUrl: string | undefined;
  readonly bootstrapToken: string | undefined;
  readonly logLevel: LogLevel;
  /** How long each tier of history is kept. */
  readonly retention: Retention;
  /** Hosts that notifications may go to; empty: none. */
  readonly notifyHosts: readonly string[];
  /** Next's development mode. */
  readonly dev: boolean;
}

/** Every fault found in the environment, one line each, ready to print. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly lines: readonly string[];
  constructor(lines: readonly string[]) {
    super(lines.join("\n"));
    this.lines = lines;
  }
}

/** The exit code for a wrong configuration: EX_CONFIG of sysexits.h. */
export const EXIT_CONFIG = 78;

const DEFAULT_PORT = 4400;
const BOOTSTRAP_MIN = 32;
type Environment = Readonly<Record<string, string | undefined>>;

/** @throws ConfigError with all faults at once. */
export function readConfig(environment: Environment = process.env): Config {
  const faults: string[] = [];
  const value = (name: string): string | undefined => {
    const text = environment[name]?.trim();
    return text === undefined || text === "" ? undefined : text;
  };
  const fault = (name: string, what: string, cure: string): void => {
    faults.push(`${name}: ${what}; ${cure}`);
  };

  const host = value("HOLDFAST_HOST") ?? "127.0.0.1";
  if (/[\s/]/.test(host) || host.includes("://"))
    fault("HOLDFAST_HOST", `"${host}" is not a host name or address`, "give only the host, such as 127.0.0.1 or 0.0.0.0");

  const portText = value("HOLDFAST_PORT");
  const port = portText === undefined ? DEFAULT_PORT : /^\d{1,5}$/.test(portText) ? Number(portText) : NaN;
  if (!(port <= 65_535)) fault("HOLDFAST_PORT", `"${portText ?? ""}" is not a port`, "give a number from 0 to 65535 (0 takes a free one)");

  const databaseUrl = value("DATABASE_URL");
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\/\S+$/.test(databaseUrl)) {
    fault(
      "DATABASE_URL",
      "it does not begin with postgresql://",
      "give postgresql://user:password@host:5432/name, or unset it to use the embedded database",
    );
  }

  const bootstrapToken = value("HOLDFAST_BOOTSTRAP_TOKEN");
  if (bootstrapToken !== undefined && (bootstrapToken.length < BOOTSTRAP_MIN || !/^[\x21-\x7e]+$/.test(bootstrapToken))) {
    fault(
      "HOLDFAST_BOOTSTRAP_TOKEN",
      `it needs at least ${BOOTSTRAP_MIN} printable characters without spaces`,
      "make one with: openssl rand -hex 32",
    );
  }

  const logLevel = value("HOLDFAST_LOG_LEVEL") ?? "info";
  if (!isLogLevel(logLevel)) fault("HOLDFAST_LOG_LEVEL", `"${logLevel}" is not a level`, `use one of ${LOG_LEVELS.join(", ")}`);

  const publicUrl = readPublicUrl(value("HOLDFAST_PUBLIC_URL"), fault);
  const retention = readRetention(value, fault);
  const notifyHosts = (value("HOLDFAST_NOTIFY_HOSTS") ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
  for (const wrong of wrongEntries(notifyHosts))
    fault(
      "HOLDFAST_NOTIFY_HOSTS",
      `"${wrong}" is not a host`,
      "give hosts such as hooks.slack.com, *.example.com:8443 or 10.1.2.0/24, with commas between",
    );
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    host,
    port,
    dataDir: resolve(value("HOLDFAST_DATA") ?? "./data"),
    databaseUrl,
    publicUrl,
    bootstrapToken,
    logLevel: isLogLevel(logLevel) ? logLevel : "info",
    retention,
    notifyHosts,
    dev: value("NODE_ENV") === "development",
  };
}

function isLogLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text);
}

const KEEP: Readonly<Record<TierName, string>> = {
  "1s": "HOLDFAST_KEEP_SECONDS",
  "1m": "HOLDFAST_KEEP_MINUTES",
  "1h": "HOLDFAST_KEEP_HOURS",
};
const KEEP_MOST_MS = 3_660 * 24 * HOUR_MS;

/** A coarser tier is kept at least as long as a finer one: it is where a chart goes on. */
function readRetention(value: (name: string) => string | undefined, fault: (name: string, what: string, cure: string) => void): Retention {
  const read = (tier: TierName): number => {
    const text = value(KEEP[tier]);
    if (text === undefined) return DEFAULT_RETENTION[tier];
    const [, count, unit] = /^(\d{1,5})(h|d)$/.exec(text) ?? [];
    const ms = Number(count) * (unit === "d" ? 24 : 1) * HOUR_MS;
    if (ms >= HOUR_MS && ms <= KEEP_MOST_MS) return ms;
    fault(KEEP[tier], `"${text}" is not a time to keep`, "give hours or days from 1h to 3660d, such as 48h or 30d");
    return DEFAULT_RETENTION[tier];
  };
  const retention = { "1s": read("1s"), "1m": read("1m"), "1h": read("1h") };
  if (retention["1s"] > retention["1m"] || retention["1m"] > retention["1h"])
    fault(
      KEEP["1m"],
      "a coarser tier is kept for a shorter time than a finer one",
      "keep seconds no longer than minutes, and minutes no longer than hours",
    );
  return retention;
}

function readPublicUrl(text: string | undefined, fault: (name: string, what: string, cure: string) => void): string | undefined {
  if (text === undefined) return undefined;
  const cure = "give the origin that people type, such as https://holdfast.example.com";
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    fault("HOLDFAST_PUBLIC_URL", `"${text}" is not an http or https address`, cure);
    return undefined;
  }
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "" || url.username !== "") {
    fault("HOLDFAST_PUBLIC_URL", "it has more than scheme, host and port", cure);
    return undefined;
  }
  return url.origin;
}

/** True when only this machine can connect. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Address for people and links. `port` is the one really listened on. */
export function publicUrlOf(config: Config, port: number): string {
  if (config.publicUrl !== undefined) return config.publicUrl;
  const host =
    config.host === "0.0.0.0" || config.host === "::" ? "127.0.0.1" : config.host.includes(":") ? `[${config.host}]` : config.host;
  return `http://${host}:${port}`;
}

/** Origins a browser may write and open sockets from: the public one, and the loopback names while bound to loopback. */
export function allowedOrigins(config: Config, port: number): ReadonlySet<string> {
  const origins = new Set([publicUrlOf(config, port)]);
  if (isLoopback(config.host)) for (const name of ["127.0.0.1", "localhost"]) origins.add(`http://${name}:${port}`);
  return origins;
}
