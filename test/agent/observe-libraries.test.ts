import type { EventEmitter } from "node:events";
import { createServer } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { createRequire } from "node:module";
import { createPool } from "generic-pool";
import PQueue9 from "p-queue";
import PQueue10 from "p-queue-10";
import pg from "pg";
import * as undici7 from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAgent, type Agent } from "@holdfast/agent";
import { sampleWhere, startFakeConsole, type ConsoleLink, type FakeConsole } from "./support/fake-console.ts";
import type { Breaker, BreakerClass } from "./support/opossum.ts";
import { until } from "./support/until.ts";

const require = createRequire(import.meta.url);

let control: FakeConsole;
let agent: Agent;
let link: ConsoleLink;
const cleanups: (() => unknown)[] = [];

beforeEach(async () => {
  control = await startFakeConsole();
  agent = createAgent({ url: control.url, token: "hfa_test", service: "orders", log: () => undefined });
  link = await control.link();
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
  await agent.close();
  await control.close();
  expect(control.violations).toEqual([]);
});

describe.each([
  ["opossum 9", "opossum"],
  ["opossum 10", "opossum-10"],
])("%s", (_title, module) => {
  const CircuitBreaker = require(module) as BreakerClass;

  function breakerOf(action: () => Promise<unknown>, options: Record<string, unknown> = {}): Breaker {
    const breaker = new CircuitBreaker(action, {
      timeout: 1000,
      errorThresholdPercentage: 50,
      resetTimeout: 60_000,
      volumeThreshold: 2,
      ...options,
    });
    cleanups.push(() => breaker.shutdown());
    return breaker;
  }

  it("is declared with its settings and target, and counts calls, failures and fallbacks", async () => {
    let fail = false;
    const breaker = breakerOf(async () => {
      if (fail) throw new Error("down");
      return "ok";
    });
    breaker.fallback(() => "fallback");
    agent.observe(breaker, "payments", { target: "payments", settings: { owner: "team" } });
    await breaker.fire();
    await breaker.fire();
    fail = true;
    await breaker.fire();
    const values = await sampleWhere(link, "payments", (now) => now["calls"] === 3);
    expect(values).toMatchObject({
      state: 0,
      calls: 3,
      failures: 1,
      timeouts: 0,
      rejected: 0,
      fallbacks: 1,
      inFlight: 0,
      failurePermille: 333,
      nextProbeMs: null,
    });
    expect(values["p99Us"]).not.toBeNull();
    const declared = link.resources.find((resource) => resource.name === "payments");
    expect(declared).toMatchObject({
      kind: "breaker",
      source: "opossum",
      target: "payments",
      settings: { timeout: 1000, volumeThreshold: 2, owner: "team" },
    });
  });

  it("says at once that it opened, half-opened and closed, with the failure rate", async () => {
    let fail = true;
    const breaker = breakerOf(
      async () => {
        if (fail) throw new Error("down");
        return "ok";
      },
      { resetTimeout: 30 },
    );
    agent.observe(breaker, "payments");
    for (let i = 0; i < 3; i++) await breaker.fire().catch(() => undefined);
    const opened = await until("opened", () => link.events.find((event) => event.type === "breaker.opened"));
    expect(opened).toMatchObject({
      resource: { kind: "breaker", name: "payments" },
      data: { from: "closed", to: "open", failurePermille: 1000 },
    });
    await until("half-open", () => link.events.find((event) => event.type === "breaker.half_opened"));
    fail = false;
    await until("probe succeeds", () => breaker.halfOpen);
    await breaker.fire();
    const closed = await until("closed", () => link.events.find((event) => event.type === "breaker.closed"));
    expect(closed.data).toMatchObject({ from: "half_open", to: "closed" });
    expect(link.events.filter((event) => event.type === "breaker.opened")).toHaveLength(1);
  });

  it("shows time-outs, rejections, calls in flight and the time to the next probe", async () => {
    const breaker = breakerOf(() => new Promise(() => undefined), { timeout: 10 });
    agent.observe(breaker, "slow");
    for (let i = 0; i < 2; i++) await breaker.fire().catch(() => undefined);
    await breaker.fire().catch(() => undefined);
    const values = await sampleWhere(link, "slow", (now) => now["rejected"] === 1);
    expect(values).toMatchObject({ state: 2, timeouts: 2, failures: 2 });
    expect(values["nextProbeMs"]).toBeGreaterThan(30_000);
    expect(values["nextProbeMs"]).toBeLessThanOrEqual(60_000);
  });

  it("shows calls in flight, and a disabled breaker", async () => {
    let release: (value: unknown) => void = () => undefined;
    const breaker = breakerOf(() => new Promise((resolve) => (release = resolve)), { timeout: false });
    agent.observe(breaker, "held");
    const call = breaker.fire();
    await sampleWhere(link, "held", (now) => now["inFlight"] === 1);
    release("done");
    await call;
    breaker.disable();
    await sampleWhere(link, "held", (now) => now["state"] === 5);
    await until("told", () => link.events.find((event) => event.type === "breaker.disabled"));
  });

  it("is let go by its disposer without a listener left, and by its own shutdown", async () => {
    const breaker = breakerOf(async () => "ok");
    const before = breaker.listenerCount("success");
    const dispose = agent.observe(breaker, "temporary");
    expect(breaker.listenerCount("success")).toBe(before + 1);
    dispose();
    dispose();
    expect(breaker.listenerCount("success")).toBe(before);
    await until("retired", () => link.retired.size === 1);
    agent.observe(breaker, "temporary");
    breaker.shutdown();
    await until("retired again", () => link.retired.size === 2);
  });
});

describe.each([
  ["p-queue 9", PQueue9],
  ["p-queue 10", PQueue10 as unknown as typeof PQueue9],
])("%s", (_title, PQueue) => {
  it("shows depth, running, pause and counts", async () => {
    const queue = new PQueue({ concurrency: 1 });
    const dispose = agent.observe(queue, "mails");
    let release: () => void = () => undefined;
    const first = queue.add(() => new Promise<void>((resolve) => (release = resolve)));
    const second = queue.add(async () => "ok");
    const third = queue.add(async () => {
      throw new Error("bad mail");
    });
    third.catch(() => undefined);
    expect(await sampleWhere(link, "mails", (now) => now["depth"] === 2)).toMatchObject({
      running: 1,
      concurrency: 1,
      paused: 0,
      added: 3,
    });
    release();
    await Promise.allSettled([first, second, third]);
    queue.pause();
    expect(await sampleWhere(link, "mails", (now) => now["paused"] === 1)).toMatchObject({
      depth: 0,
      running: 0,
      completed: 2,
      failed: 1,
      capacity: null,
    });
    dispose();
  });

  it("without a limit has unknown concurrency", async () => {
    const queue = new PQueue();
    agent.observe(queue, "free");
    expect(await sampleWhere(link, "free", (now) => now["depth"] === 0)).toMatchObject({ concurrency: null, running: 0 });
    queue.pause();
  });
});

describe("generic-pool", () => {
  it("shows use, and saturation with its end as events", async () => {
    const pool = createPool({ create: async () => ({}), destroy: async () => undefined }, { max: 1, min: 0 });
    agent.observe(pool, "render");
    const held = await pool.acquire();
    const waiting = pool.acquire();
    expect(await sampleWhere(link, "render", (now) => now["waiting"] === 1)).toMatchObject({ inUse: 1, idle: 0, max: 1 });
    const saturated = await until("saturated", () => link.events.find((event) => event.type === "pool.saturated"));
    expect(saturated).toMatchObject({ resource: { kind: "pool", name: "render" }, data: { inUse: 1, waiting: 1, max: 1 } });
    await pool.release(held);
    await pool.release(await waiting);
    await until("recovered", () => link.events.find((event) => event.type === "pool.recovered"));
    await pool.drain();
    await pool.clear();
  });
});

describe("pg.Pool", () => {
  it("shows its numbers and settings, and never the password", async () => {
    const pool = new pg.Pool({ host: "127.0.0.1", port: 1, user: "app", password: "s3cret", max: 7, connectionTimeoutMillis: 50 });
    cleanups.push(() => pool.end());
    agent.observe(pool, "orders-db");
    await pool.connect().catch(() => undefined);
    (pool as EventEmitter).emit("acquire", {});
    const values = await sampleWhere(link, "orders-db", (now) => now["acquired"] === 1);
    expect(values).toMatchObject({ inUse: 0, idle: 0, waiting: 0, max: 7 });
    expect(link.resources.find((resource) => resource.name === "orders-db")).toMatchObject({
      source: "pg",
      settings: { max: 7, connectionTimeoutMillis: 50 },
    });
    expect(JSON.stringify(link.messages)).not.toContain("s3cret");
  });
});

/** undici 8 needs Node 22: there it must be tested, and cannot be left out unnoticed. */
const undicis: (readonly [string, typeof undici7])[] = [["undici 7", undici7]];
if (Number(process.versions.node.split(".")[0]) >= 22) undicis.push(["undici 8", (await import("undici-8")) as unknown as typeof undici7]);

it("undici 8 is tested wherever it runs", async () => {
  const runs = await import("undici-8").then(
    () => true,
    () => false,
  );
  expect(undicis.map(([title]) => title)).toEqual(runs ? ["undici 7", "undici 8"] : ["undici 7"]);
});

describe.each(undicis)("%s", (_title, { Agent: UndiciAgent, Client, Pool }) => {
  async function slowServer(): Promise<{ readonly origin: string; readonly release: () => void }> {
    const held: (() => void)[] = [];
    const server = createServer((_request, response) => void held.push(() => response.end("ok")));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, release: () => held.splice(0).forEach((end) => end()) };
  }

  it("Pool shows what runs and waits", async () => {
    const server = await slowServer();
    const pool = new Pool(server.origin, { connections: 2, pipelining: 1 });
    cleanups.push(() => pool.destroy());
    agent.observe(pool, "catalog", { settings: { connections: 2 } });
    const calls = Array.from({ length: 5 }, () => pool.request({ path: "/", method: "GET" }).then((answer) => answer.body.dump()));
    expect(await sampleWhere(link, "catalog", (now) => now["waiting"] === 3)).toMatchObject({ inUse: 2, idle: 0, max: 2, acquired: null });
    const releasing = setInterval(server.release, 5);
    await Promise.all(calls);
    clearInterval(releasing);
    expect(await sampleWhere(link, "catalog", (now) => now["inUse"] === 0)).toMatchObject({ waiting: 0, idle: 2 });
  });

  it("Client is a pool of one", async () => {
    const server = await slowServer();
    const client = new Client(server.origin);
    cleanups.push(() => client.destroy());
    agent.observe(client, "single");
    const call = client.request({ path: "/", method: "GET" }).catch(() => undefined);
    await sampleWhere(link, "single", (now) => now["inUse"] === 1 && now["max"] === 1);
    server.release();
    await call;
  });

  it("Agent is one pool for each origin, as they appear", async () => {
    const [one, two] = [await slowServer(), await slowServer()];
    const dispatcher = new UndiciAgent({ connections: 1 });
    cleanups.push(() => dispatcher.destroy());
    agent.observe(dispatcher, "out");
    const calls = [one, two].map((server) =>
      dispatcher.request({ origin: server.origin, path: "/", method: "GET" }).catch(() => undefined),
    );
    for (const server of [one, two]) await sampleWhere(link, `out ${new URL(server.origin).host}`, (now) => now["inUse"] === 1);
    one.release();
    two.release();
    await Promise.all(calls);
  });
});

describe("servers", () => {
  it("of node:http show requests, errors, in flight and latency without touching an answer", async () => {
    const held: (() => void)[] = [];
    const server = createServer((request, response) => {
      if (request.url === "/held") held.push(() => response.end("late"));
      else response.writeHead(request.url === "/bad" ? 503 : 200).end("body");
    });
    agent.observe(server, "http");
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => server.close());
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const waiting = fetch(`${base}/held`).then((answer) => answer.text());
    expect(await (await fetch(`${base}/ok`)).text()).toBe("body");
    expect((await fetch(`${base}/bad`)).status).toBe(503);
    const values = await sampleWhere(link, "http", (now) => now["requests"] === 3 && now["errors"] === 1);
    expect(values["inFlight"]).toBe(1);
    expect(values["p50Us"]).not.toBeNull();
    held.forEach((end) => end());
    expect(await waiting).toBe("late");
    await sampleWhere(link, "http", (now) => now["inFlight"] === 0);
    server.closeAllConnections();
  });

  it("of node:http2 are counted by stream, which leaves their API mode alone", async () => {
    const server = createHttp2Server();
    server.on("stream", (stream, headers) => {
      stream.respond({ ":status": headers[":path"] === "/bad" ? 500 : 200 });
      stream.end("h2");
    });
    agent.observe(server, "h2");
    expect(server.listenerCount("request")).toBe(0);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    cleanups.push(() => {
      client.destroy();
      server.close();
    });
    for (const path of ["/", "/bad"]) {
      const stream = client.request({ ":path": path });
      await new Promise((resolve) => stream.on("close", resolve).resume());
    }
    expect(await sampleWhere(link, "h2", (now) => now["requests"] === 2)).toMatchObject({ errors: 1, inFlight: 0 });
  });
});

describe("the process and anything else", () => {
  it("always reports the process", async () => {
    const values = await sampleWhere(link, "process", (now) => (now["rssKb"] ?? 0) > 0 && now["eluPermille"] !== null);
    expect(values["heapUsedKb"]).toBeGreaterThan(1000);
    expect(link.resources[0]).toMatchObject({ id: 0, kind: "process", name: "process" });
  });

  it("reports what a reader answers: fractions rounded, negatives and non-numbers unknown", async () => {
    agent.resource("bulkhead", "checkout", () => ({ inUse: 2.6, max: 10, waiting: -1, rejected: Number.NaN, queueMax: null }));
    expect(await sampleWhere(link, "checkout", (now) => now["max"] === 10)).toMatchObject({
      inUse: 3,
      waiting: null,
      rejected: null,
      queueMax: null,
      waitP99Us: null,
    });
  });

  it("tells the transitions of a breaker and a shedder that are only sampled", async () => {
    let state = 0;
    let shedLow = 0;
    agent.resource("breaker", "own", () => ({ state }));
    agent.resource("shedder", "door", () => ({ admitted: 5, shedLow: shedLow++ }));
    await sampleWhere(link, "own", (now) => now["state"] === 0);
    state = 2;
    const opened = await until("opened", () => link.events.find((event) => event.type === "breaker.opened"));
    expect(opened.data).toEqual({ from: "closed", to: "open" });
    const shed = await until("shedding", () => link.events.find((event) => event.type === "shed.started"));
    expect(shed).toMatchObject({ resource: { kind: "shedder", name: "door" }, data: { classes: "low" } });
  });
});
