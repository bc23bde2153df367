import { mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAgent } from "@holdfast/agent";
import { DEFAULT_RETENTION } from "../../core/tiers.ts";
import type { Config } from "../../server/config.ts";
import { createLog } from "../../server/log.ts";
import { ListenError, startServer, type RunningServer } from "../../server/start.ts";
import type { Json } from "../support/test-api.ts";
import { eventually } from "../support/test-console.ts";

const BOOTSTRAP = "bootstrap-token-of-the-tests-0123456789";
let dataDir: string;
let server: RunningServer;
let printed: string[];

const config = (overrides: Partial<Config> = {}): Config => ({
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
  ...overrides,
});
const start = (overrides: Partial<Config> = {}) =>
  startServer(config(overrides), { log: createLog("silent"), print: (line) => printed.push(line) });

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${BOOTSTRAP}` },
) {
  const response = await fetch(server.url + path, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json: Json = await response.json();
  return { status: response.status, json, cookie: (response.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "" };
}

/** The answer once it fits. */
async function when(path: string, fits: (json: Json) => boolean): Promise<Json> {
  let found: Json = null;
  let last: Json = null;
  let busy = false;
  await eventually(() => {
    if (!busy && !found) {
      busy = true;
      void call("GET", path).then(({ json }) => {
        busy = false;
        last = json;
        if (fits(json)) found = json;
      });
    }
    return found ?? false;
  }, 15_000).catch(() => {
    throw new Error(`${path} stayed ${JSON.stringify(last)}`);
  });
  return found;
}

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "holdfast-start-"));
  printed = [];
  server = await start();
});
afterEach(async () => {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

describe("the whole server", () => {
  it("carries a flip from the API to a real agent and back, and keeps it over a restart", async () => {
    const made = await call("POST", "/api/v1/agent-tokens", { name: "shop" });
    expect(made.status).toBe(201);
    const options = { token: made.json.token as string, service: "catalog", instance: "c1", log: () => undefined };
    const agent = createAgent({ url: server.url, ...options });
    const handle = agent.switch({
      key: "recommendations",
      title: "Recommendations",
      whatUsersLose: "Picks",
      positions: ["on", "off"],
      safeDefault: "on",
    });
    agent.resource("gauge", "depth", () => ({ value: 7 }));
    await when("/api/v1/switches", (json) => json.items.length === 1);
    await when("/api/v1/fleet", (json) =>
      json.resources.some((resource: Json) => resource.name === "depth" && resource.values.value === 7),
    );

    const flip = await call("POST", "/api/v1/switches/recommendations/flips", {
      position: "off",
      reason: "take load off",
      expiresInSeconds: 3600,
    });
    expect(flip).toMatchObject({ status: 201, json: { status: "live", author: "token:bootstrap" } });
    await eventually(() => handle.position === "off");
    const receipt = await when(`/api/v1/flips/${flip.json.id}`, (json) => json.receipts.applied === 1);
    expect(receipt).toMatchObject({
      receipts: { targeted: 1, applied: 1, refused: 0, pending: 0, unknown: 0 },
      instances: [{ instance: "catalog/c1", state: "applied" }],
    });
    expect(receipt.instances[0].roundTripMs).toBeGreaterThanOrEqual(0);
    await when("/api/v1/switches/recommendations", (json) => json.desired === "off" && json.instances.asDesired === 1);
    await when(
      `/api/v1/series?service=catalog&resource=depth&columns=value&from=${Date.now() - 60_000}&to=${Date.now() + 60_000}`,
      (json) => json.series[0]?.values.includes(7),
    );

    await server.stop();
    await agent.close();
    server = await start();
    const kept = await call("GET", `/api/v1/flips/${flip.json.id}`);
    expect(kept.json).toMatchObject({ status: "live", position: "off", receipts: { targeted: 1, applied: 1 } });
    const log = await call("GET", "/api/v1/events?kind=flip.");
    expect(log.json.items).toMatchObject([
      { type: "flip.created", actor: "token:bootstrap", data: { switch: "recommendations", position: "off", reason: "take load off" } },
    ]);

    const again = createAgent({ url: server.url, ...options });
    const later = again.switch({
      key: "recommendations",
      title: "Recommendations",
      whatUsersLose: "Picks",
      positions: ["on", "off"],
      safeDefault: "on",
    });
    await eventually(() => later.position === "off");
    await call("POST", `/api/v1/flips/${flip.json.id}/revert`, { reason: "calm again" });
    await eventually(() => later.position === "on");
    await again.close();
  }, 60_000);

  it("prints a set-up link that works once, and none when somebody can sign in", async () => {
    expect(printed[0]).toBe(`Holdfast is ready at ${server.url}`);
    const link = printed.map((line) => /http\S+\/setup\?token=(\S+)/.exec(line)?.[1]).find((token) => token !== undefined);
    const order = { token: link, name: "Ada", email: "ada@example.com", password: "correct horse battery" };
    const first = await call("POST", "/api/v1/auth/setup", order, {});
    expect(first).toMatchObject({ status: 200, json: { name: "Ada", role: "admin", kind: "user" } });
    expect(await call("GET", "/api/v1/me", undefined, { cookie: first.cookie })).toMatchObject({
      status: 200,
      json: { email: "ada@example.com" },
    });
    expect((await call("POST", "/api/v1/auth/setup", { ...order, email: "eve@example.com" }, {})).json.code).toBe("setup_done");
    expect((await call("GET", "/api/v1/fleet")).json).toMatchObject({ status: 401, code: "bootstrap_spent" });

    await server.stop();
    printed = [];
    server = await start();
    expect(server.setupLink).toBeNull();
    expect(printed).toHaveLength(1);
    // The session is in the database, and the secret that signs its cookie in the data folder.
    expect((await call("GET", "/api/v1/me", undefined, { cookie: first.cookie })).status).toBe(200);
    expect(statSync(join(dataDir, "secret")).mode & 0o777).toBe(0o600);
  }, 30_000);

  it("says in one sentence why it cannot listen, and leaves nothing running", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const other = mkdtempSync(join(tmpdir(), "holdfast-start-"));
    await expect(start({ port, dataDir: other })).rejects.toThrow(ListenError);
    await expect(start({ port, dataDir: other })).rejects.toThrow(/something else listens there; stop it, or set HOLDFAST_PORT/);
    taken.close();
    rmSync(other, { recursive: true });
  });

  it("refuses a second console on the same data", async () => {
    await expect(start()).rejects.toThrow(/.+/);
    expect((await call("GET", "/healthz")).status).toBe(200);
  });

  it("stops twice without harm, and answers nothing afterwards", async () => {
    await Promise.all([server.stop(), server.stop()]);
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  });

  it("knows no pages when it was started without them", async () => {
    expect((await call("GET", "/")).json).toMatchObject({ status: 404, code: "not_found" });
  });
});
