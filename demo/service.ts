/**
 * One process of the shop. The supervisor tells it who it is; it creates its agent as any customer's service would, listens, and ends
 * when it is told to or when the supervisor is gone.
 */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAgent, type Agent } from "@holdfast/agent";
import { Addresses } from "./kit/addresses.ts";
import { Faults } from "./kit/faults.ts";
import { createHost } from "./kit/host.ts";
import type { Service, ServiceContext } from "./kit/service-context.ts";
import type { FromService, StartMessage, ToService } from "./messages.ts";
import { seeded } from "./random.ts";
import { startCatalog } from "./services/catalog.ts";
import { startImages } from "./services/images.ts";
import { startInventory } from "./services/inventory.ts";
import { startOrders } from "./services/orders.ts";
import { startPayments } from "./services/payments.ts";
import { startRecommendations } from "./services/recommendations.ts";
import { startSearch } from "./services/search.ts";
import { startStorefront } from "./services/storefront.ts";
import type { Role } from "./shop-plan.ts";

const SERVICES: Readonly<Record<Role, (context: ServiceContext) => Service | Promise<Service>>> = {
  storefront: startStorefront,
  catalog: startCatalog,
  search: startSearch,
  recommendations: startRecommendations,
  orders: startOrders,
  payments: startPayments,
  inventory: startInventory,
  images: startImages,
};

const DRAIN_MS = 1_500;

const faults = new Faults();
const addresses = new Addresses();
let running: { readonly agent: Agent; readonly server: Server; readonly service: Service } | null = null;

function tell(message: FromService): void {
  if (process.connected) process.send?.(message);
}

async function start({ plan, consoleUrl, token, policyFile, stateDir, seed, restarts }: StartMessage): Promise<void> {
  const { role, instance, zone, team, version } = plan;
  const agent = createAgent({
    url: consoleUrl,
    token,
    service: role,
    instance,
    version,
    labels: { zone, team },
    policyFile,
    log: (level, message) => tell({ t: "log", level, message }),
  });
  // Policies and what else the service makes report to this agent by themselves: it is the one of the process.
  const service = await SERVICES[role]({ plan, agent, faults, addresses, random: seeded(seed), stateDir });
  const { router, guard, idempotency } = service;
  const server = createHost({
    instance,
    router,
    faults,
    guard,
    idempotency,
    log: (message) => tell({ t: "log", level: "error", message }),
  });
  agent.observe(server, "http");
  agent.event(
    restarts === 0 ? "deploy" : "note",
    restarts === 0 ? { version } : { text: `started again after it died, ${restarts} so far` },
  );
  server.listen(0, "127.0.0.1", () => tell({ t: "listening", port: (server.address() as AddressInfo).port }));
  running = { agent, server, service };
}

function stop(): void {
  setTimeout(() => process.exit(0), DRAIN_MS);
  if (running === null) process.exit(0);
  const { agent, server, service } = running;
  const served = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  void Promise.all([served, service.close?.(), agent.close()]).then(() => process.exit(0));
}

/** The supervisor reads the last words and starts it again. */
function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`, () => process.exit(1));
}

process.on("message", (message: ToService) => {
  if (message.t === "start") start(message).catch(fail);
  else if (message.t === "addresses") addresses.set(message.book);
  else faults.set(message.faults);
});
process.on("disconnect", () => process.exit(0));
process.once("SIGTERM", stop);
// Ctrl-C in a terminal reaches every process of the shop; the supervisor alone decides the order of leaving.
process.on("SIGINT", () => undefined);
tell({ t: "loaded" });
