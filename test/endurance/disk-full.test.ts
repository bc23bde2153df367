/** A console whose disk fills up: it refuses, says so, promises nothing it cannot keep, and goes on by itself when there is space again. */
import { createAgent } from "@holdfast/agent";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCountingAgent } from "../support/counting-agent.ts";
import { startRealConsole, until, type RealConsole } from "../support/real-console.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";

const BOOTSTRAP = "endurance-bootstrap-token-of-more-than-32-characters";
const MEGABYTES = 24;

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

let disk: SmallDisk;
let host: RealConsole;
beforeAll(async () => {
  disk = mountSmallDisk(MEGABYTES);
  host = await startRealConsole({
    dataDir: `${disk.folder}/data`,
    env: { HOLDFAST_BOOTSTRAP_TOKEN: BOOTSTRAP, HOLDFAST_LOG_LEVEL: "error" },
  });
});
afterAll(async () => {
  await host.dispose();
  disk.dispose();
});

const call = (method: string, path: string, body?: unknown, key?: string): Promise<Response> =>
  fetch(`${host.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${BOOTSTRAP}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(key === undefined ? {} : { "idempotency-key": key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const api = <T>(path: string): Promise<T> => host.api("GET", path, { token: BOOTSTRAP });
const flip = (position: string, key: string): Promise<Response> =>
  call("POST", "/api/v1/switches/recommendations/flips", { position, reason: "a test of the disk", expiresInSeconds: null }, key);
const flips = async (): Promise<number> => (await api<Page<unknown>>("/flips?limit=50")).items.length;
const ready = async (): Promise<number> => (await fetch(`${host.url}/readyz`)).status;

async function counted(): Promise<number[]> {
  const found: number[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const at: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<{ data: { seq: number } }> = await api(`/events?service=counted&kind=test.counted&limit=500&order=asc${at}`);
    found.push(...page.items.map(({ data }) => data.seq));
    cursor = page.nextCursor;
  }
  return found;
}

describe("a console whose disk is full", () => {
  it("refuses flips and events, says that it is not ready, and recovers with nothing lost or doubled", { timeout: 120_000 }, async () => {
    const { token } = await host.api<{ token: string }>("POST", "/agent-tokens", { token: BOOTSTRAP, body: { name: "endurance" } });
    const agent = createAgent({ url: host.url, token, service: "shop", instance: "shop-1", log: () => undefined });
    const shown = agent.switch({
      key: "recommendations",
      title: "Recommendations",
      whatUsersLose: "Picks",
      positions: ["full", "popular", "off"],
    });
    const counter = startCountingAgent({ url: host.url, token, service: "counted", boot: "boot-a" });
    try {
      await until("the switch is known", async () => (await call("GET", "/api/v1/switches/recommendations")).ok);
      expect((await flip("popular", "before")).status).toBe(201);
      await until("it is applied", () => shown.position === "popular");
      await until("events are acknowledged", () => counter.acknowledged() > 100);
      expect(await ready()).toBe(200);
      const made = await flips();

      await until("the disk is full and a flip is refused", async () => {
        disk.fill();
        return (await flip("off", "while-full")).status === 503;
      });
      const refused = await flip("off", "while-full");
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, "store_unavailable"]);
      await until("events are no longer acknowledged", async () => {
        disk.fill();
        return counter.sent() > counter.acknowledged() + 100 && (await ready()) === 503;
      });
      expect((await api<{ storeHealthy: boolean }>("/health/self")).storeHealthy).toBe(false);
      // What there was can still be read; nothing that was refused is shown, and nothing was acknowledged that is not there.
      expect([await flips(), shown.position]).toEqual([made, "popular"]);
      const acknowledged = counter.acknowledged();
      expect(await counted()).toEqual(Array.from({ length: acknowledged }, (_, i) => i + 1));
      expect(counter.acknowledged()).toBe(acknowledged);

      disk.free();
      counter.pause();
      await until("everything is acknowledged", () => counter.acknowledged() === counter.sent(), 60_000);
      await until("the console is ready", async () => (await ready()) === 200);
      expect(await counted()).toEqual(Array.from({ length: counter.sent() }, (_, i) => i + 1));
      expect((await flip("off", "while-full")).status).toBe(201);
      await until("it is applied", () => shown.position === "off");
      expect(await flips()).toBe(made + 1);
    } finally {
      counter.close();
      await agent.close();
    }
  });
});
