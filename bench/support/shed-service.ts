/**
 * A service of one thread: each request holds the event loop for a while, waits, and answers. Guarded by a shedder, a peer's, or nothing.
 * Driven over IPC: {mode} -> {port}.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { AddressInfo } from "node:net";
import underPressure from "@fastify/under-pressure";
import fastify, { type FastifyRequest } from "fastify";
import { fastifyGuard } from "../../agent/src/entry-http.ts";
import { loadShedder } from "../../agent/src/entry-resilience.ts";
import type { PriorityClass } from "../../protocol/kinds.ts";

export type ShedMode = "off" | "holdfast" | "underPressure";

const BUSY_MS = 4;
const WAIT_MS = 10;
/** The same for both. */
const MAX_UTILISATION_PERMILLE = 850;
const MAX_DELAY_MS = 100;

function holdLoop(): void {
  const until = performance.now() + BUSY_MS;
  while (performance.now() < until);
}

async function serve(mode: ShedMode): Promise<number> {
  const app = fastify();
  if (mode === "holdfast") {
    const shedder = loadShedder("bench", { eluPermille: MAX_UTILISATION_PERMILLE, loopDelayMs: MAX_DELAY_MS });
    const priorityOf = (request: FastifyRequest) => request.headers["x-class"] as PriorityClass;
    app.register(fastifyGuard<FastifyRequest>({ shedder, priorityOf }));
  } else if (mode === "underPressure") {
    app.register(underPressure, {
      maxEventLoopDelay: MAX_DELAY_MS,
      maxEventLoopUtilization: MAX_UTILISATION_PERMILLE / 1_000,
      eventLoopUtilizationMode: "interval",
    });
  }
  app.get("/", async () => {
    holdLoop();
    await delay(WAIT_MS);
    return { ok: true };
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  return (app.server.address() as AddressInfo).port;
}

process.on("message", ({ mode }: { readonly mode: ShedMode }) => {
  void serve(mode).then(
    (port) => process.send?.({ port }),
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
