/** `npm start`: reads the configuration, starts everything with the pages, ends on a signal. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import next from "next";
import { ConfigError, EXIT_CONFIG, readConfig, type Config } from "./config.ts";
import { createLog } from "./log.ts";
import { ListenError, startServer, type Pages } from "./start.ts";
import { StoreStartError } from "./store/store.ts";

/** After this the process ends whatever still runs. */
const STOP_WITHIN_MS = 9_500;
const HURRY_AFTER_MS = 1_000;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(line: string): void {
  process.stderr.write(`holdfast: ${line}\n`);
}

function configuration(): Config {
  try {
    return readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const line of error.lines) complain(line);
    process.exit(EXIT_CONFIG);
  }
}

async function createPages({ server, port }: { readonly server: Server; readonly port: number }, { dev, host }: Config): Promise<Pages> {
  const app = next({ dev, hostname: host, port, httpServer: server });
  await app.prepare();
  const handle = app.getRequestHandler();
  const upgrade = dev ? app.getUpgradeHandler() : null;
  return {
    handle: (request: IncomingMessage, response: ServerResponse) => handle(request, response),
    ...(upgrade ? { upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void upgrade(request, socket, head) } : {}),
    close: () => app.close(),
  };
}

async function main(): Promise<void> {
  const config = configuration();
  const log = createLog(config.logLevel);
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "an error nobody handled; stopping");
    process.exit(1);
  });
  let running: Awaited<ReturnType<typeof startServer>>;
  try {
    running = await startServer(config, { log, print: say, pages: (context) => createPages(context, config) });
  } catch (error) {
    if (!(error instanceof ListenError) && !(error instanceof StoreStartError)) log.fatal({ err: error }, "the console could not start");
    complain(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }

  let since: number | null = null;
  const stop = (signal: NodeJS.Signals): void => {
    if (since !== null) {
      // A terminal sends Ctrl-C to everybody and the script that started us passes it on: only a later one means hurry.
      if (performance.now() - since > HURRY_AFTER_MS) process.exit(130);
      return;
    }
    since = performance.now();
    log.info({ signal }, "stopping");
    setTimeout(() => {
      log.error("could not stop in time; ending anyway");
      process.exit(1);
    }, STOP_WITHIN_MS).unref();
    void running.stop().then(() => {
      log.info("stopped");
      process.exit(0);
    });
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

await main();
