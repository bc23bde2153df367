/** The composition root: makes every part, joins them at their doors, and takes them down in order. */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { ApiDeps } from "./api/api-deps.ts";
import { createApi } from "./api/api.ts";
import { createHealth } from "./api/health.ts";
import { IDEMPOTENCY_KEPT_MS } from "./api/idempotency.ts";
import { createRequestListener, type PageHandler } from "./api/request-listener.ts";
import { noteRetention } from "./audit/note-retention.ts";
import { Auth } from "./auth/auth.ts";
import { createBetterAuthPeople } from "./auth/better-auth-people.ts";
import { loadSecret } from "./auth/secret.ts";
import type { Bus } from "./bus/bus.ts";
import { createInProcessBus } from "./bus/in-process-bus.ts";
import { systemClock, type Clock } from "./clock.ts";
import { allowedOrigins, isLoopback, publicUrlOf, type Config } from "./config.ts";
import { createLiveFleet } from "./fleet/create-live-fleet.ts";
import { createAgentGateway } from "./gateway/agent-gateway.ts";
import { createLiveGateway } from "./gateway/live-gateway.ts";
import { createUpgradeRouter } from "./gateway/upgrade-router.ts";
import { createHistory } from "./history/history.ts";
import { createPackThread } from "./history/pack-thread.ts";
import { createRollThread } from "./history/roll-thread.ts";
import { createTiers } from "./history/tiers.ts";
import { createIncidentService } from "./incidents/incident-service.ts";
import { createLog, type Log } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { createNotifier } from "./notify/notifier.ts";
import { createPolicyService } from "./policy/policy-service.ts";
import { createCutThread } from "./replay/cut-thread.ts";
import { createReplay } from "./replay/replay.ts";
import { createStoryRecorder } from "./replay/story-recorder.ts";
import { openStore } from "./store/open-store.ts";
import type { LoggedEventIn } from "./store/store.ts";

/** What renders pages. It comes from outside, because only main.ts may know the framework. */
export interface Pages {
  readonly handle: PageHandler;
  /** Development only: hot reloading. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  close(): Promise<void>;
}

export interface StartOptions {
  /** Absent: only the API and the sockets are served. */
  readonly pages?: (context: { readonly server: Server; readonly port: number }) => Promise<Pages>;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Lines for a person who looks at the terminal. */
  readonly print?: (line: string) => void;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** The one-time link for the first administrator; null when there is somebody already. */
  readonly setupLink: string | null;
  /**
   * Stops accepting, says goodbye to agents and browsers, writes what is in memory, closes the database. Safe to call twice.
   * Rejects never; what failed is in the log. Takes about four seconds at most, plus the writes.
   */
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;
/** For requests that run when the server is told to stop. */
const GRACE_MS = 500;

/** The port cannot be had. The message is one sentence for the operator. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** @throws ListenError, StoreStartError with a sentence for the operator */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  const { clock = systemClock, log = createLog(config.logLevel), print = () => undefined } = options;
  // Undone in reverse when the start fails half-way, and when the server stops.
  const undo: { readonly what: string; readonly run: () => Promise<unknown> }[] = [];
  const onStop = (what: string, run: () => Promise<unknown>): void => void undo.unshift({ what, run });
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      for (const { what, run } of undo) await run().catch((error: unknown) => log.error({ err: error }, `${what} did not stop cleanly`));
    })());

  try {
    let ready = false;
    const server = createServer({ requestTimeout: 60_000, headersTimeout: 15_000, keepAliveTimeout: 65_000 });
    const requests = countRequests(server);
    server.on("request", notYet);
    const port = await listen(server, config);
    onStop("the http server", () => closeServer(server));
    const url = publicUrlOf(config, port);
    const origins = allowedOrigins(config, port);
    if (!isLoopback(config.host) && config.publicUrl === undefined)
      log.warn({ url }, "HOLDFAST_PUBLIC_URL is not set: browsers on other machines will be refused to write");

    // Beside the database, which opens in threads of its own. What fails here is told where it is waited for.
    const preparing = Promise.resolve(options.pages?.({ server, port }));
    preparing.catch(() => undefined);
    onStop("the pages", async () => (await preparing.catch(() => undefined))?.close());

    const metrics = new Metrics();
    const secret = loadSecret(config.dataDir);
    const { store, authDb, provider } = await openStore({
      databaseUrl: config.databaseUrl,
      dataDir: config.dataDir,
      log,
      onCommit: (report) => metrics.observeCommit(report),
    });
    onStop("the store", () => store.close());
    const bus = createInProcessBus(log);
    onStop("the bus", () => bus.close());

    const fleet = await createLiveFleet({ store, bus, clock, log });
    onStop("the fleet", () => fleet.stop());
    const recorder = await createStoryRecorder({ store, fleet, clock, log });
    onStop("the story of the fleet", () => recorder.stop());
    const policy = await createPolicyService({ store, fleet, bus, clock, log, newId: randomUUID });
    onStop("the policy", () => policy.stop());
    const packing = createPackThread(packWorker());
    const history = createHistory({
      store,
      clock,
      log,
      thread: packing,
      dropped: (samples) => metrics.countDropped("history-samples", samples),
    });
    onStop("history", () => history.close().finally(() => packing.close()));
    const rolling = createRollThread();
    const boot = randomUUID();
    const tiers = createTiers({
      store,
      held: () => history.held(),
      clock,
      log,
      retention: config.retention,
      holder: boot,
      roll: (hour) => rolling.roll(hour),
      committed: (events) => publishEvents(bus, events),
      damaged: (pages) => metrics.countDropped("damaged-pages", pages),
    });
    onStop("the jobs", () => tiers.runner.stop().finally(() => rolling.close()));

    const people = await createBetterAuthPeople({ authDb, provider, secret, publicUrl: url, clock, log });
    const auth = new Auth({ people, store, bus, clock, log, bootstrapToken: config.bootstrapToken });
    onStop("the audit log", () => auth.audit.settled());
    await noteRetention(store, clock, config.retention);

    const agents = createAgentGateway({ store, fleet, feed: policy, sink: history, auth, bus, clock, log, metrics });
    const browsers = createLiveGateway({ store, fleet, auth, bus, clock, log, metrics, origins: [...origins] });
    onStop("the sockets", () => Promise.all([agents.stop(), browsers.stop()]));

    const past = { ...tiers.reader, ...tiers.report };
    const incidents = await createIncidentService({ store, fleet, policy, history: past, bus, clock, log, newId: randomUUID });
    onStop("the incidents", () => incidents.stop());
    const notifier = createNotifier({
      ...{ store, clock, log, secret, hosts: config.notifyHosts, publicUrl: url, holder: boot },
      committed: (events) => publishEvents(bus, events),
    });
    onStop("the notifications", () => notifier.stop());
    const cutter = createCutThread();
    onStop("the thread that cuts pages", () => cutter.close());
    const deps: ApiDeps = {
      store,
      fleet,
      policy,
      history: past,
      incidents,
      notifications: notifier.desk,
      replay: createReplay({ store, held: () => history.held(), log, cutter }),
      path: agents.path,
      auth,
      metrics,
      clock,
      log,
      origins: () => origins,
      secret,
      boot,
    };
    const sweep = (): void =>
      void store
        .sweepIdempotency(clock.now() - IDEMPOTENCY_KEPT_MS)
        .catch((error: unknown) => log.warn({ err: error }, "old idempotency keys could not be swept"));
    sweep();
    const sweeper = clock.setInterval(sweep, HOUR_MS);

    const pages = await preparing;
    onStop("accepting", () => {
      ready = false;
      sweeper.cancel();
      server.close();
      server.closeIdleConnections();
      return requests.settled();
    });

    const health = createHealth({ store, auth, metrics, ready: () => ready });
    const listener = createRequestListener({
      api: createApi(deps),
      health,
      pages: pages?.handle,
      auth,
      log,
      overHttps: url.startsWith("https://"),
      dev: config.dev,
    });
    createUpgradeRouter({ agents, browsers, metrics, ...(pages?.upgrade ? { next: pages.upgrade } : {}) }).attach(server);
    server.off("request", notYet);
    server.on("request", listener);
    ready = true;

    const setupToken = await auth.openSetup();
    const setupLink = setupToken === null ? null : `${url}/setup?token=${setupToken}`;
    print(`Holdfast is ready at ${url}`);
    log.info({ url, host: config.host, port, provider, dataDir: config.dataDir }, "ready");
    if (setupLink !== null) {
      print(`Set up the first account within 15 minutes: ${setupLink}`);
      log.warn({ setupLink }, "nobody can sign in yet: open the set-up link within 15 minutes; a restart makes a new one");
    }
    return { url, port, setupLink, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Each environment hears of its own. */
function publishEvents(bus: Bus, events: readonly LoggedEventIn[]): void {
  for (const environment of new Set(events.map((event) => event.environment)))
    bus.publish({ type: "events", environment, events: events.filter((event) => event.environment === environment) });
}

function notYet(request: IncomingMessage, response: ServerResponse): void {
  const alive = request.url === "/healthz";
  response.writeHead(alive ? 200 : 503, {
    "content-type": "application/json",
    "cache-control": "no-store",
    ...(alive ? {} : { "retry-after": "1" }),
  });
  response.end(JSON.stringify({ status: alive ? "ok" : "starting" }));
}

function listen(server: Server, { host, port }: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "EADDRINUSE"
          ? "something else listens there; stop it, or set HOLDFAST_PORT"
          : error.code === "EACCES"
            ? "the system does not allow it; choose a port above 1023 with HOLDFAST_PORT"
            : error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND"
              ? "this machine does not have that address; correct HOLDFAST_HOST"
              : error.message;
      reject(new ListenError(`cannot listen on ${host}:${String(port)}: ${why}`, { cause: error }));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Follows the requests that run. `settled` waits for them a moment: in real time, for the connections are real. */
function countRequests(server: Server): { readonly settled: () => Promise<void> } {
  let running = 0;
  let idle: (() => void) | null = null;
  server.on("request", (_request, response: ServerResponse) => {
    running++;
    response.once("close", () => {
      if (--running === 0) idle?.();
    });
  });
  return {
    settled: () =>
      running === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            idle = resolve;
            setTimeout(resolve, GRACE_MS);
          }),
  };
}

/** Nothing that is worth waiting for is left: whoever still holds a connection is cut. */
function closeServer(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  return Promise.resolve();
}

/** Beside the sources of history; beside the bundle as pack-worker.mjs. */
function packWorker(): URL {
  const source = import.meta.url.endsWith(".ts");
  return new URL(source ? "./history/pack-worker.ts" : "./pack-worker.mjs", import.meta.url);
}
