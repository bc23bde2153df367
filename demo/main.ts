/**
 * The demo shop: real services, real traffic, real failures, streaming into a console through the agent's public API. As a library,
 * `startShop`; as a program, `npx tsx demo/main.ts --console http://127.0.0.1:4400 --token hfa_...`.
 */
import { once } from "node:events";
import type { Server } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { Director } from "./director.ts";
import { createDirectorServer } from "./director-server.ts";
import { openEdge } from "./edge.ts";
import { LoadGenerator } from "./load.ts";
import { seeded } from "./random.ts";
import { Supervisor } from "./supervisor.ts";

export interface ShopOptions {
  /** Base URL of the console. The shop works the same when nothing is there. */
  readonly consoleUrl: string;
  /** One agent token for all services, or one for each by name. */
  readonly tokens: string | Readonly<Record<string, string>>;
  /** 0 for any free port. Default 4480. */
  readonly shopPort?: number;
  /** 0 for any free port. Default 4481. */
  readonly directorPort?: number;
  /** Mean requests a second of the load generator, or false for none. Default 80. */
  readonly load?: boolean | number;
  /** Let something fail every few minutes. Default true. */
  readonly schedule?: boolean;
  /** Module of a service process; default the source, run by tsx. */
  readonly entry?: URL;
  /** Where agents keep their last good policy. Default a temporary folder that goes with the shop. */
  readonly stateDir?: string;
  /** What goes wrong on the stage: processes that die, agents that cannot connect. Default: nobody listens. */
  readonly log?: (line: string) => void;
}

export interface Shop {
  readonly shopUrl: string;
  readonly directorUrl: string;
  /** Process ids of the services that run now, by instance. */
  readonly pids: Readonly<Record<string, number>>;
  /** Ends all processes. Safe to call twice. */
  stop(): Promise<void>;
}

const DEFAULT_RATE = 80;
const START_WITHIN_MS = 90_000;

/** Opens the shop. Rejects, with nothing left running, when a port is taken or a service does not start. */
export async function startShop(options: ShopOptions): Promise<Shop> {
  const { tokens, log = () => undefined } = options;
  const endings: (() => Promise<unknown>)[] = [];
  const closeAll = async (): Promise<void> => {
    while (endings.length > 0) await endings.pop()?.();
  };
  try {
    const temporary = options.stateDir === undefined ? await mkdtemp(join(tmpdir(), "holdfast-shop-")) : null;
    if (temporary !== null) endings.push(() => rm(temporary, { recursive: true, force: true }));
    const supervisor = new Supervisor({
      consoleUrl: options.consoleUrl,
      tokenFor: (service) => (typeof tokens === "string" ? tokens : (tokens[service] ?? "")),
      entry: options.entry ?? new URL("./service.ts", import.meta.url),
      stateDir: options.stateDir ?? temporary ?? tmpdir(),
      log,
    });
    const edge = await openEdge(options.shopPort ?? 4480, () => supervisor.addressesOf("storefront"));
    endings.push(() => edge.close());
    const shopUrl = `http://127.0.0.1:${edge.port}`;
    const { load, rate } = loadFor(shopUrl, options.load ?? true);
    const director = new Director({
      setFaults: (role, faults) => supervisor.setFaults(role, faults),
      setLost: (instance, lost) => supervisor.setLost(instance, lost),
      surge: (factor) => load.surge(factor),
      scrape: (rate) => load.scrape(rate),
    });
    const control = createDirectorServer({
      director,
      load: () => ({ rate: rate > 0 ? load.rate : 0, classes: load.counts }),
      processes: () => supervisor.pids,
    });
    control.listen(options.directorPort ?? 4481, "127.0.0.1");
    endings.push(() => closeServer(control));
    await once(control, "listening");
    endings.push(() => supervisor.stop());
    await open(supervisor);
    endings.push(() => {
      director.stop();
      return load.stop();
    });
    if (rate > 0) load.start();
    if (options.schedule ?? true) director.follow(seeded(Date.now()));
    const directorUrl = `http://127.0.0.1:${(control.address() as AddressInfo).port}`;
    let stopped: Promise<void> | null = null;
    return {
      shopUrl,
      directorUrl,
      get pids() {
        return supervisor.pids;
      },
      stop: () => (stopped ??= closeAll()),
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function loadFor(url: string, wanted: boolean | number): { load: LoadGenerator; rate: number } {
  const rate = typeof wanted === "number" ? wanted : wanted ? DEFAULT_RATE : 0;
  return { load: new LoadGenerator({ url, requestsPerSecond: rate, random: seeded(Date.now()) }), rate };
}

function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  return closed;
}

async function open(supervisor: Supervisor): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the shop did not open within ${START_WITHIN_MS / 1_000} s:\n${supervisor.missing}`)),
      START_WITHIN_MS,
    );
  });
  try {
    await Promise.race([supervisor.start(), late]);
  } finally {
    clearTimeout(timer);
  }
}

const USAGE =
  "usage: tsx demo/main.ts --console URL --token hfa_... [--shop-port 4480] [--director-port 4481] [--load 80] [--state-dir FOLDER] [--no-schedule]";

async function runAsProgram(): Promise<void> {
  const { values } = parseArgs({
    options: {
      console: { type: "string" },
      token: { type: "string" },
      "shop-port": { type: "string", default: "4480" },
      "director-port": { type: "string", default: "4481" },
      load: { type: "string", default: String(DEFAULT_RATE) },
      "state-dir": { type: "string" },
      "no-schedule": { type: "boolean", default: false },
    },
  });
  if (values.console === undefined || values.token === undefined) throw new Error(USAGE);
  const numbers = [values["shop-port"], values["director-port"], values.load].map(Number);
  const [shopPort = 0, directorPort = 0, load = 0] = numbers;
  if (numbers.some((number) => !Number.isFinite(number) || number < 0)) throw new Error(USAGE);
  const shop = await startShop({
    consoleUrl: values.console,
    tokens: values.token,
    shopPort,
    directorPort,
    load,
    schedule: !values["no-schedule"],
    ...(values["state-dir"] === undefined ? {} : { stateDir: values["state-dir"] }),
    log: (line) => process.stderr.write(`${line}\n`),
  });
  const leave = (): void => {
    void shop.stop().then(() => process.exit(0));
  };
  process.once("SIGINT", leave);
  process.once("SIGTERM", leave);
  // Forked by a test: without the one who asked for it there is nobody to serve.
  process.once("disconnect", leave);
  process.stdout.write(
    `The shop is open.\n\n  shop      ${shop.shopUrl}\n  director  ${shop.directorUrl}   (what shall fail?)\n  console   ${values.console}\n\nStop with Ctrl-C.\n`,
  );
}

// In a bundle this file shares its URL with others; only as a program of its own does it keep its name.
if (basename(process.argv[1] ?? "") === "main.ts" && import.meta.url.endsWith("/demo/main.ts")) {
  runAsProgram().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
