/** The shop under a console that speaks the real protocol: what its agents report, and what each switch does to its visitors. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startShop, type Shop } from "../../demo/main.ts";
import { startFakeConsole, type ConsoleLink, type FakeConsole } from "../agent/support/fake-console.ts";
import { transaction, type Item } from "../agent/support/transaction.ts";
import { newestReading, readingIn } from "./support/readings.ts";
import { isAlive, ShopVisitor, type Answer } from "./support/shop-visitor.ts";
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
      alias: {
        ...Object.fromEntries(
          ["coordination", "http", "resilience"].map((room) => [`@holdfast/agent/${room}`, join(root, `agent/src/entry-${room}.ts`)]),
        ),
        "@holdfast/agent": join(root, "agent/src/index.ts"),
      },
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
    await decide(having, { kind: "switch", key, body: { position }, leaseMs: null });
  }

  /** Puts one item of policy on these instances, and waits until each says that it is applied. */
  async function decide(having: readonly ConsoleLink[], item: Pick<Item, "kind" | "key" | "body" | "leaseMs">): Promise<void> {
    expect(having.length).toBeGreaterThan(0);
    const wanted = ++revision;
    const id = `${item.kind}-${item.key.replace(/\W/g, "-")}`;
    for (const link of having) link.say(transaction("delta", wanted, [{ id, revision: wanted, ...item }]));
    await until(`${item.key} is decided everywhere`, () =>
      having.every((link) => link.messages.some((message) => message.t === "ack" && message.revision === wanted)),
    );
  }

  /** Takes the item away again. */
  async function undo(having: readonly ConsoleLink[], kind: string, key: string): Promise<void> {
    const wanted = ++revision;
    for (const link of having) link.say(transaction("delta", wanted, [], [`${kind}-${key.replace(/\W/g, "-")}`]));
    await until(`${key} is taken back everywhere`, () =>
      having.every((link) => link.messages.some((message) => message.t === "ack" && message.revision === wanted)),
    );
  }

  /** Sum of a column over the instances of a service. */
  function sum(service: string, resource: string, column: string): number {
    return links()
      .filter((link) => link.hello?.service === service)
      .reduce((total, link) => total + (newestReading(link, resource)[column] ?? 0), 0);
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
        "breaker payments",
        "bulkhead payments",
        "timeout payments",
        "retry payments",
        "fallback payments",
        "fault payments",
        "idempotency orders",
        "saga checkout",
        "lease housekeeping",
        "pool orders-db generic-pool",
        "pool http payments-1 undici",
        "queue outbox p-queue",
        "queue pending-payments",
        "server http node",
      ]),
    );
    expect(orders.resources.find((resource) => resource.kind === "breaker" && resource.name === "payments")).toMatchObject({
      target: "payments",
    });
    const kindsOf = (instance: string): Set<string> =>
      new Set(linkOf(instance).resources.map(({ kind, source }) => [kind, source ?? ""].join(" ").trim()));
    expect([...kindsOf("storefront-2")]).toEqual(expect.arrayContaining(["shedder", "limiter", "deadline", "breaker"]));
    expect([...kindsOf("search-1")]).toContain("breaker opossum");
    expect([...kindsOf("recommendations-1")]).toContain("breaker opossum");
    expect([...kindsOf("inventory-1")]).toEqual(expect.arrayContaining(["breaker cockatiel", "bulkhead cockatiel", "timeout cockatiel"]));
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
    const before = newest("recommendations-1", "server http")["requests"];
    for (let i = 0; i < 4; i++) expect((await visitor.page("/")).text).toContain('data-source="popular"');
    await twoMoreSamples("recommendations-1");
    expect(newest("recommendations-1", "server http")["requests"]).toBe(before);
    await flip("recommendations", "on");
    await until("picks are personal again", async () => (await visitor.get("/")).text.includes('data-source="personal"'));
  });

  it("offers categories while search is switched to browsing", async () => {
    await flip("search", "browse");
    const page = await visitor.page("/search?q=wool");
    expect(page.text).toContain('data-search-mode="browse"');
    expect(page.text).toContain('data-banner="search"');
    expect((await visitor.page("/")).text).not.toContain('role="search"');
    await flip("search", "on");
    await until("search finds again", async () => (await visitor.get("/search?q=wool")).text.includes('data-search-mode="results"'));
  });

  it("shows placeholders while pictures are switched to them", async () => {
    await flip("images", "placeholder");
    expect((await visitor.page("/pictures/lee-tarp")).headers.get("x-image-quality")).toBe("placeholder");
    const home = (await visitor.page("/")).text;
    expect(home).toContain('data-quality="placeholder"');
    expect(home).not.toContain('data-quality="full"');
    await flip("images", "full");
    await until("pictures are full again", async () => (await visitor.get("/pictures/lee-tarp")).headers.get("x-image-quality") === "full");
  });

  it("warns of stale data while the catalog is switched to its cache", async () => {
    await flip("catalog.database", "cached");
    const home = (await visitor.page("/")).text;
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
    await until("the shedder says so", () => sum("storefront", "shedder low-class switch", "shedLow") > 0);
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
        () => newest("orders-1", "breaker payments")["state"] === 0 && newest("orders-2", "breaker payments")["state"] === 0,
      );
    },
    STORY_MS,
  );

  it(
    "fills the outbox when mail is slow, and drains it afterwards",
    async () => {
      await visitor.fail("queue-backlog");
      await until("the outbox grows", () => (newest("orders-1", "queue outbox")["depth"] ?? 0) >= 5);
      await visitor.recover("queue-backlog");
      await until("the outbox is drained", () => (newest("orders-1", "queue outbox")["depth"] ?? 99) < 5);
    },
    STORY_MS,
  );

  it(
    "exhausts the catalog's connections, so that callers wait, then the cache answers",
    async () => {
      await visitor.fail("pool-exhausted");
      await until("every connection is taken and somebody waits", () => {
        return linkOf("catalog-1").samples.some((sample) => {
          const { inUse, max, waiting } = readingIn(linkOf("catalog-1"), "pool catalog-db", sample);
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
      const shed = (column: string): number => sum("storefront", "shedder storefront", column);
      await twoMoreSamples("storefront-1");
      const [low, high] = [shed("shedLow"), shed("shedHigh")];
      await visitor.fail("flash-sale");
      await until("low requests are shed", () => shed("shedLow") > low + 20);
      expect(shed("shedLow") - low).toBeGreaterThan(shed("shedHigh") - high);
      expect(shed("shedCritical")).toBe(0);
      await visitor.recover("flash-sale");
    },
    STORY_MS,
  );

  it(
    "limits one client that asks without end, and nobody else",
    async () => {
      await visitor.fail("scraper");
      await until("it is limited", () => sum("storefront", "limiter clients", "limited") > 20);
      expect((await visitor.page("/api/products/lee-tarp")).status).toBe(200);
      await visitor.recover("scraper");
    },
    STORY_MS,
  );

  it("takes an order once, however often it is sent with the same key", async () => {
    const replays = (): number => sum("orders", "idempotency orders", "replays");
    await twoMoreSamples("orders-1");
    const before = replays();
    const send = (items: readonly string[]): Promise<Answer> =>
      visitor.post("/api/checkout", { items }, { "idempotency-key": "one-click" });
    const [first, again] = [await send(["lee-tarp"]), await send(["lee-tarp"])];
    expect([first.status, again.text]).toEqual([201, first.text]);
    expect((await send(["col-28"])).status).toBe(422);
    await until("the replay is counted", () => replays() > before);
  });

  it(
    "undoes what a declined card leaves, is stuck while inventory takes nothing back, and goes on when it does",
    async () => {
      // One card in fifty is declined.
      const checkouts = Promise.all(Array.from({ length: 150 }, () => visitor.post("/api/checkout", { items: ["spark-kit"] })));
      await until("a checkout is compensated", () => sum("orders", "saga checkout", "compensated") > 0);
      await checkouts;
      await visitor.fail("releases-refused");
      await until("a checkout is stuck", async () => {
        await Promise.all(Array.from({ length: 10 }, () => visitor.post("/api/checkout", { items: ["spark-kit"] })));
        return sum("orders", "saga checkout", "stuck") > 0;
      });
      expect(links().some((link) => link.events.some((event) => event.type === "saga.stuck"))).toBe(true);
      await visitor.recover("releases-refused");
      await until("nothing is stuck", () => sum("orders", "saga checkout", "stuck") === 0);
    },
    STORY_MS,
  );

  it(
    "trips the payments breaker for real when the console drills it, and loses no order by it",
    async () => {
      const orders = links().filter((link) => link.hello?.service === "orders");
      const before = orders.map((link) => link.events.length);
      await decide(orders, { kind: "fault", key: "payments", leaseMs: 60_000, body: { values: { errorPermille: 1_000 } } });
      await until("both breakers are open", () =>
        orders.every((link, i) =>
          link.events.slice(before[i]).some((event) => event.type === "breaker.opened" && event.resource?.name === "payments"),
        ),
      );
      const taken = await visitor.post("/api/checkout", { items: ["lee-tarp"] });
      expect(taken.status).toBe(202);
      await undo(orders, "fault", "payments");
      const { id } = JSON.parse(taken.text) as { id: string };
      await until("it is paid after the drill", async () => (await visitor.json(`/api/orders/${id}`))["status"] !== "payment-pending");
    },
    STORY_MS,
  );

  it("has its outbox widened by the console while it runs", async () => {
    const orders = links().filter((link) => link.hello?.service === "orders");
    await decide(orders, { kind: "settings", key: "outbox", leaseMs: 60_000, body: { policy: "queue", values: { concurrency: 7 } } });
    await until("the queue has it", () => orders.every((link) => newestReading(link, "queue outbox")["concurrency"] === 7));
    await undo(orders, "settings", "outbox");
    await until("it is as it was", () => orders.every((link) => newestReading(link, "queue outbox")["concurrency"] === 3));
  });

  it(
    "loses an instance and carries on without it, with a leader, until it is back",
    async () => {
      await until("one of the two leads", () => sum("orders", "lease housekeeping", "held") === 1);
      await visitor.fail("instance-lost");
      await until("orders-2 is gone", () => !("orders-2" in shop.pids));
      await until("orders-1 takes the orders", async () =>
        (await visitor.post("/api/checkout", { items: ["lee-tarp"] })).text.includes('"orders-1-'),
      );
      await until("orders-1 leads", () => newest("orders-1", "lease housekeeping")["held"] === 1);
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
