/** The shop under a console that speaks the real protocol: what its agents report, and what each switch does to its visitors. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startShop, type Shop } from "../../demo/main.ts";
import { startFakeConsole, type ConsoleLink, type FakeConsole } from "../agent/support/fake-console.ts";
import { newestReading, readingIn } from "./support/readings.ts";
import { isAlive, ShopVisitor } from "./support/shop-visitor.ts";
import { until } from "./support/until.ts";

const root = join(import.meta.dirname, "../..");
const START_MS = 100_000;
const STORY_MS = 60_000;

describe("a shop under a console", () => {
  let folder: string;
  let host: FakeConsole;
  let opened: Shop | undefined;
  let shop: Shop;
  let visitor: ShopVisitor;
  let revision = 0;

  beforeAll(async () => {
    // As the demo runs it: one bundle for all services, packages outside.
    const cache = join(root, "node_modules", ".cache");
    mkdirSync(cache, { recursive: true });
    folder = mkdtempSync(join(cache, "holdfast-shop-"));
    const entry = join(folder, "shop-service.mjs");
    await build({
      entryPoints: [join(root, "demo/service.ts")],
      outfile: entry,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      packages: "external",
      alias: { "@holdfast/agent": join(root, "agent/src/index.ts") },
      logLevel: "warning",
    });
    host = await startFakeConsole();
    opened = await startShop({
      consoleUrl: host.url,
      tokens: "hfa_test",
      shopPort: 0,
      directorPort: 0,
      load: 50,
      schedule: false,
      entry: pathToFileURL(entry),
    });
    shop = opened;
    visitor = new ShopVisitor(shop);
    await until("ten agents have said what they have", () => links().length === 10 && links().every((link) => link.samples.length > 0));
  }, START_MS);

  afterAll(async () => {
    const pids = Object.values(opened?.pids ?? {});
    await opened?.stop();
    await host.close();
    rmSync(folder, { recursive: true, force: true });
    expect(pids.some(isAlive)).toBe(false);
  });

  /** The newest link of each instance. */
  function links(): ConsoleLink[] {
    const newest = new Map<string, ConsoleLink>();
    for (const link of host.links) if (link.hello !== null) newest.set(link.hello.instance, link);
    return [...newest.values()];
  }

  function linkOf(instance: string): ConsoleLink {
    const link = links().find((each) => each.hello?.instance === instance);
    if (link === undefined) throw new Error(`${instance} never said hello`);
    return link;
  }

  /** Puts a switch in a position on every instance that has it, and waits until each says so. */
  async function flip(key: string, position: string): Promise<void> {
    const having = links().filter((link) => link.switches.has(key));
    expect(having.length).toBeGreaterThan(0);
    revision++;
    for (const link of having) {
      link.say([
        { t: "intent", txn: revision, mode: "delta", revision },
        {
          t: "put",
          txn: revision,
          id: `flip-${key.replace(/\W/g, "-")}`,
          kind: "switch",
          key,
          revision,
          leaseMs: null,
          body: { position },
        },
        { t: "commit", txn: revision, revision },
      ]);
    }
    const wanted = revision;
    await until(`${key} is ${position} everywhere`, () =>
      having.every((link) => link.messages.some((message) => message.t === "ack" && message.revision === wanted)),
    );
  }

  /** Values of a resource in the newest sample. */
  function newest(instance: string, resource: string): Record<string, number | null> {
    return newestReading(linkOf(instance), resource);
  }

  /** What was under way before is over and reported. */
  async function twoMoreSamples(instance: string): Promise<void> {
    const seen = linkOf(instance).samples.length;
    await until(`two more samples of ${instance}`, () => linkOf(instance).samples.length >= seen + 2);
  }

  it("reports real resources by their kind, name and target, with labels and versions", () => {
    const orders = linkOf("orders-1");
    expect(orders.token).toBe("hfa_test");
    expect(orders.hello).toMatchObject({ service: "orders", instance: "orders-1", labels: { zone: "zone-a", team: "checkout" } });
    expect(orders.hello?.version).toMatch(/^\d+\.\d+\.\d+$/);
    const described = orders.resources.map(({ kind, name, source }) => `${kind} ${name} ${source ?? ""}`.trim());
    expect(described).toEqual(
      expect.arrayContaining([
        "breaker payments opossum",
        "breaker inventory opossum",
        "pool orders-db generic-pool",
        "pool http payments-1 undici",
        "queue outbox p-queue",
        "queue pending-payments p-queue",
        "server http node",
      ]),
    );
    expect(orders.resources.find((resource) => resource.kind === "breaker" && resource.name === "payments")).toMatchObject({
      target: "payments",
      settings: { threshold: 50, timeoutMs: 800, volume: 3 },
    });
    expect(linkOf("storefront-2").resources.some((resource) => resource.kind === "shedder")).toBe(true);
    expect(links().every((link) => link.events.some((event) => event.type === "deploy"))).toBe(true);
  });

  it("declares the degraded behaviours where they happen", () => {
    const where = (key: string): string[] =>
      links()
        .filter((link) => link.switches.has(key))
        .map((link) => link.hello?.instance ?? "")
        .sort();
    for (const key of ["search", "recommendations", "images", "storefront.low-class"])
      expect(where(key)).toEqual(["storefront-1", "storefront-2"]);
    expect(where("catalog.database")).toEqual(["catalog-1"]);
    expect(where("payments")).toEqual(["orders-1", "orders-2"]);
    expect([...linkOf("storefront-1").switches.values()].every((declared) => declared.whatUsersLose.length > 10)).toBe(true);
  });

  it("shows popular items while recommendations are switched to them, without asking", async () => {
    await flip("recommendations", "popular");
    await twoMoreSamples("recommendations-1");
    const before = newest("recommendations-1", "http")["requests"];
    for (let i = 0; i < 4; i++) expect((await visitor.get("/")).text).toContain('data-source="popular"');
    await twoMoreSamples("recommendations-1");
    expect(newest("recommendations-1", "http")["requests"]).toBe(before);
    await flip("recommendations", "on");
    await until("picks are personal again", async () => (await visitor.get("/")).text.includes('data-source="personal"'));
  });

  it("offers categories while search is switched to browsing", async () => {
    await flip("search", "browse");
    const page = await visitor.get("/search?q=wool");
    expect(page.text).toContain('data-search-mode="browse"');
    expect(page.text).toContain('data-banner="search"');
    expect((await visitor.get("/")).text).not.toContain('role="search"');
    await flip("search", "on");
    await until("search finds again", async () => (await visitor.get("/search?q=wool")).text.includes('data-search-mode="results"'));
  });

  it("shows placeholders while pictures are switched to them", async () => {
    await flip("images", "placeholder");
    expect((await visitor.get("/pictures/lee-tarp")).headers.get("x-image-quality")).toBe("placeholder");
    const home = (await visitor.get("/")).text;
    expect(home).toContain('data-quality="placeholder"');
    expect(home).not.toContain('data-quality="full"');
    await flip("images", "full");
    await until("pictures are full again", async () => (await visitor.get("/pictures/lee-tarp")).headers.get("x-image-quality") === "full");
  });

  it("warns of stale data while the catalog is switched to its cache", async () => {
    await flip("catalog.database", "cached");
    const home = (await visitor.get("/")).text;
    expect(home).toContain('data-banner="stale"');
    expect(home).toContain("Ridgeline 2 tent");
    await flip("catalog.database", "live");
    await until("the banner is gone", async () => !(await visitor.get("/")).text.includes('data-banner="stale"'));
  });

  it("keeps orders while payments are switched to the queue, and pays them afterwards", async () => {
    await flip("payments", "queue");
    const page = await visitor.submit("/checkout", { item: "col-28" });
    expect(page.text).toContain('data-status="payment-pending"');
    expect(page.text).toContain("temporarily unavailable");
    const { id } = JSON.parse((await visitor.post("/api/checkout", { items: ["col-28", "lee-tarp"] })).text) as { id: string };
    expect((await visitor.json(`/api/orders/${id}`))["status"]).toBe("payment-pending");
    await flip("payments", "on");
    await until("the kept order is settled", async () => (await visitor.json(`/api/orders/${id}`))["status"] !== "payment-pending");
  });

  it("turns low requests away with Retry-After while their class is switched to shed, and nothing else", async () => {
    await flip("storefront.low-class", "shed");
    const low = await visitor.get("/api/prefetch/lee-tarp");
    expect(low.status).toBe(503);
    expect(Number(low.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await visitor.get("/api/recommendations")).status).toBe(503);
    await until("the rest is served", async () => (await visitor.get("/api/products/lee-tarp")).status === 200);
    await until("the shedder says so", () => (newest("storefront-1", "admission")["shedLow"] ?? 0) > 0);
    await flip("storefront.low-class", "serve");
    await until("low requests are served", async () => (await visitor.get("/api/prefetch/lee-tarp")).status === 200);
  });

  it(
    "opens the payments breakers of both orders when payments are slow, tells at once, and takes the orders all the same",
    async () => {
      await visitor.fail("payments-slow");
      const opened = (instance: string): boolean =>
        linkOf(instance).events.some((event) => event.type === "breaker.opened" && event.resource?.name === "payments");
      await until("both breakers are open", () => opened("orders-1") && opened("orders-2"));
      expect((await visitor.post("/api/checkout", { items: ["lee-tarp"] })).status).toBe(202);
      await visitor.recover("payments-slow");
      await until(
        "both breakers are closed",
        () => newest("orders-1", "payments")["state"] === 0 && newest("orders-2", "payments")["state"] === 0,
      );
    },
    STORY_MS,
  );

  it(
    "fills the outbox when mail is slow, and drains it afterwards",
    async () => {
      await visitor.fail("queue-backlog");
      await until("the outbox grows", () => (newest("orders-1", "outbox")["depth"] ?? 0) >= 5);
      await visitor.recover("queue-backlog");
      await until("the outbox is drained", () => (newest("orders-1", "outbox")["depth"] ?? 99) < 5);
    },
    STORY_MS,
  );

  it(
    "exhausts the catalog's connections, so that callers wait, then the cache answers",
    async () => {
      await visitor.fail("pool-exhausted");
      await until("every connection is taken and somebody waits", () => {
        return linkOf("catalog-1").samples.some((sample) => {
          const { inUse, max, waiting } = readingIn(linkOf("catalog-1"), "catalog-db", sample);
          return max !== null && inUse === max && (waiting ?? 0) > 0;
        });
      });
      await until("the cache answers", async () => (await visitor.get("/")).text.includes('data-banner="stale"'));
      await visitor.recover("pool-exhausted");
      await until("the database answers again", async () => !(await visitor.get("/")).text.includes('data-banner="stale"'));
    },
    STORY_MS,
  );

  it(
    "sheds low requests and never a critical one when a flash sale brings a crowd",
    async () => {
      const shedLow = (): number =>
        (newest("storefront-1", "admission")["shedLow"] ?? 0) + (newest("storefront-2", "admission")["shedLow"] ?? 0);
      await twoMoreSamples("storefront-1");
      const before = shedLow();
      await visitor.fail("flash-sale");
      await until("low requests are shed", () => shedLow() > before + 20);
      for (const instance of ["storefront-1", "storefront-2"]) expect(newest(instance, "admission")["shedCritical"]).toBe(0);
      await visitor.recover("flash-sale");
    },
    STORY_MS,
  );

  it(
    "loses an instance and carries on without it until it is back",
    async () => {
      await visitor.fail("instance-lost");
      await until("orders-2 is gone", () => !("orders-2" in shop.pids));
      await until("orders-1 takes the orders", async () =>
        (await visitor.post("/api/checkout", { items: ["lee-tarp"] })).text.includes('"orders-1-'),
      );
      const before = linkOf("orders-2");
      await visitor.recover("instance-lost");
      await until("orders-2 says hello again", () => linkOf("orders-2") !== before);
    },
    STORY_MS,
  );

  it("sends nothing that the protocol refuses", () => {
    expect(host.violations).toEqual([]);
  });
});
