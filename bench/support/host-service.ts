/**
 * An HTTP service as people write them: node:http, a pipeline around each request's work, three opossum breakers and a p-queue beneath.
 * The same service with and without an agent. Driven over IPC by the orders of host-modes.ts.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import PQueue from "p-queue";
import { pipeline } from "../../agent/src/entry-resilience.ts";
import type { Agent } from "../../agent/src/index.ts";
import type { ConsoleAt, HostFacts, HostOrder } from "./host-modes.ts";

interface Breaker {
  fire(item: number): Promise<unknown>;
}
type BreakerClass = new (work: (item: number) => Promise<unknown>, options: object) => Breaker;

const CircuitBreaker = createRequire(import.meta.url)("opossum") as BreakerClass;
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
let agent: Agent | null = null;

/** A row as a store would answer it, in another turn of the loop. */
function lookUp(item: number): Promise<object> {
  return new Promise((resolve) => setImmediate(() => resolve({ item, name: `item ${item}`, price: item * 3, stock: item % 7 })));
}

async function start(at: ConsoleAt | null): Promise<number> {
  if (at !== null) {
    const { createAgent } = await import("../../agent/src/index.ts");
    agent = createAgent({ ...at, service: "bench-host", log: () => undefined });
  }
  const queue = new PQueue({ concurrency: 50 });
  const breakers = ["catalog", "prices", "stock"].map((name) => {
    const breaker = new CircuitBreaker(lookUp, { timeout: 1_000, rollingPercentilesEnabled: false });
    agent?.observe(breaker, name);
    return breaker;
  });
  agent?.observe(queue, "renders");
  const orders = pipeline("orders", { timeout: {}, breaker: {}, bulkhead: { maxConcurrent: 200 }, retry: { idempotent: true } });
  let served = 0;
  const work = async (): Promise<string> => {
    const item = served++ % 1_000;
    const rows = await Promise.all(breakers.map((breaker) => breaker.fire(item)));
    return queue.add(async () => JSON.stringify(rows));
  };
  const server = createServer((_request, response) => {
    orders.run(work).then(
      (body) => response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body),
      () => response.writeHead(503, { "content-length": 0 }).end(),
    );
  });
  agent?.observe(server, "http");
  server.keepAliveTimeout = 0;
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

let cpu = process.cpuUsage();

process.on("message", (order: HostOrder) => {
  if (order.do === "start") void start(order.console).then((port) => process.send?.({ port }));
  else if (order.do === "cpu") {
    const used = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    process.send?.({ cpuSeconds: (used.user + used.system) / 1e6 });
  } else {
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    const { connected = false, reconnects = 0 } = agent?.status ?? {};
    process.send?.({ heapBytes: heapUsed, rssBytes: rss, connected, reconnects } satisfies HostFacts);
  }
});
process.on("disconnect", () => process.exit(0));
