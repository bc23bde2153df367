/** The shop under a real console: payments turn slow, and what follows is one incident that begins at payments. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_RETENTION } from "../../core/tiers.ts";
import { startShop, type Shop } from "../../demo/main.ts";
import type { IncidentAnswer, IncidentSummary } from "../../protocol/incident-api.ts";
import { createLog } from "../../server/log.ts";
import { startServer, type RunningServer } from "../../server/start.ts";
import { until } from "../support/real-console.ts";

const root = join(import.meta.dirname, "../..");
const BOOTSTRAP = "bootstrap-token-of-the-cascade-0123456789";
const INSTANCES = 10;

describe("a cascade in the shop", () => {
  let folder: string;
  let dataDir: string;
  let server: RunningServer;
  let shop: Shop | undefined;

  async function call<T>(path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${BOOTSTRAP}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${String(response.status)} ${await response.text()}`);
    return (await response.json()) as T;
  }

  const incidents = async (): Promise<IncidentSummary[]> => (await call<{ items: IncidentSummary[] }>("/incidents")).items;

  beforeAll(async () => {
    const cache = join(root, "node_modules", ".cache");
    mkdirSync(cache, { recursive: true });
    folder = mkdtempSync(join(cache, "holdfast-cascade-"));
    dataDir = mkdtempSync(join(tmpdir(), "holdfast-cascade-"));
    const entry = join(folder, "shop-service.mjs");
    await build({
      entryPoints: [join(root, "demo/service.ts")],
      outfile: entry,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      packages: "external",
      alias: {
        ...Object.fromEntries(
          ["coordination", "http", "resilience"].map((room) => [`@holdfast/agent/${room}`, join(root, `agent/src/entry-${room}.ts`)]),
        ),
        "@holdfast/agent": join(root, "agent/src/index.ts"),
      },
      logLevel: "warning",
    });
    server = await startServer(
      {
        host: "127.0.0.1",
        port: 0,
        dataDir,
        databaseUrl: undefined,
        publicUrl: undefined,
        retention: DEFAULT_RETENTION,
        notifyHosts: [],
        bootstrapToken: BOOTSTRAP,
        logLevel: "silent",
        dev: false,
      },
      { log: createLog("silent") },
    );
    const { token } = await call<{ token: string }>("/agent-tokens", { name: "shop" });
    shop = await startShop({
      consoleUrl: server.url,
      tokens: token,
      shopPort: 0,
      directorPort: 0,
      load: 50,
      schedule: false,
      entry: pathToFileURL(entry),
    });
    await until("the whole shop is there", async () => {
      const { services } = await call<{ services: { live: number }[] }>("/fleet");
      return services.reduce((sum, { live }) => sum + live, 0) === INSTANCES;
    });
  }, 100_000);

  afterAll(async () => {
    await shop?.stop();
    await server.stop();
    for (const path of [folder, dataDir]) rmSync(path, { recursive: true, force: true });
  });

  it("becomes one incident whose first cause is the injected one", { timeout: 60_000 }, async () => {
    expect(await incidents()).toEqual([]);
    const { directorUrl } = shop as Shop;
    const failed = await fetch(`${directorUrl}/failures/payments-slow`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ seconds: 120 }),
    });
    expect(failed.ok).toBe(true);
    const first = await until("an incident is opened", async () => (await incidents())[0], 45_000);
    const incident = await call<IncidentAnswer>(`/incidents/${first.id}`);
    const [cause] = incident.suspects;
    expect([cause?.service, cause?.target]).toContain("payments");
    expect(incident.services).toContain("orders");
    expect(cause?.reasons.length).toBeGreaterThan(0);
    expect(await incidents()).toHaveLength(1);
  });
});
