/** The shop without a console: nothing listens where its agents knock, and nothing of that is felt. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startShop } from "../../demo/main.ts";
import { runShopProgram, type ShopProgram } from "./support/shop-program.ts";
import { isAlive, ShopVisitor } from "./support/shop-visitor.ts";
import { until } from "./support/until.ts";

const START_MS = 100_000;
const STORY_MS = 90_000;

describe("a shop without a console", () => {
  let program: ShopProgram;
  let visitor: ShopVisitor;
  let directorUrl: string;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "holdfast-shop-test-"));
    program = runShopProgram(
      "--console",
      "http://127.0.0.1:9",
      "--token",
      "hfa_nobody",
      "--no-schedule",
      "--state-dir",
      folder,
      "--load",
      "30",
      "--shop-port",
      "0",
      "--director-port",
      "0",
    );
    const found = await until(
      "the shop prints where to look",
      () => /shop\s+(http:\S+)[\s\S]*director\s+(http:\S+)/i.exec(program.printed()),
      START_MS - 5_000,
    );
    directorUrl = found[2] ?? "";
    visitor = new ShopVisitor({ shopUrl: found[1] ?? "", directorUrl });
  }, START_MS);

  afterAll(() => {
    program.child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  it("runs ten processes, two of them storefronts and two of them orders", async () => {
    expect(Object.keys(await visitor.pids()).sort()).toEqual([
      "catalog-1",
      "images-1",
      "inventory-1",
      "orders-1",
      "orders-2",
      "payments-1",
      "recommendations-1",
      "search-1",
      "storefront-1",
      "storefront-2",
    ]);
  });

  it("shows a whole page: products, personal picks, pictures, a search box and no banner", async () => {
    const home = await until("nothing is degraded", async () => {
      const page = await visitor.get("/");
      return page.text.includes('data-source="personal"') && !page.text.includes("data-banner") && page;
    });
    expect(home.status).toBe(200);
    expect(home.text).toContain("Ridgeline 2 tent");
    expect(home.text).toContain('role="search"');
    expect(home.text).toContain('data-quality="full"');
    const picture = await visitor.page("/pictures/lee-tarp");
    expect(picture.headers.get("content-type")).toBe("image/svg+xml");
    expect(picture.headers.get("x-image-quality")).toBe("full");
  });

  it("finds what a visitor types and writes it back as text, never as markup", async () => {
    const found = await until("search answers", async () => {
      const page = await visitor.get("/search?q=wool");
      return page.text.includes('data-search-mode="results"') && page;
    });
    expect(found.text).toContain("Fleck wool base layer");
    const hostile = await visitor.page(`/search?q=${encodeURIComponent('"><img onerror=alert(1)>')}`);
    expect(hostile.text).not.toContain("<img onerror");
    expect((await visitor.page("/products/none")).status).toBe(404);
    expect((await visitor.page("/c/%E0%A4%A")).status).toBe(400);
  });

  it("sells: a checkout leads to an order that is paid or declined", async () => {
    const page = await visitor.submit("/checkout", { item: "lee-tarp" });
    expect(page.text).toMatch(/data-status="(paid|declined)"/);
    expect((await visitor.post("/api/checkout", { items: ["no-such-thing"] })).status).toBe(400);
  });

  it("says what can fail and refuses what cannot", async () => {
    const { items } = JSON.parse((await visitor.direct("GET", "/failures")).text) as { items: { name: string; active: boolean }[] };
    expect(items.map((item) => item.name)).toEqual(
      expect.arrayContaining([
        "payments-slow",
        "pool-exhausted",
        "queue-backlog",
        "search-down",
        "flash-sale",
        "images-down",
        "recommendations-down",
      ]),
    );
    expect(items.every((item) => !item.active)).toBe(true);
    expect((await visitor.direct("POST", "/failures/earthquake")).status).toBe(404);
    expect((await visitor.direct("POST", "/failures/search-down", { seconds: -1 })).status).toBe(400);
    const foreign = await fetch(`${directorUrl}/failures/search-down`, { method: "POST", headers: { origin: "http://evil.example" } });
    expect(foreign.status).toBe(403);
  });

  it(
    "falls back by itself when its dependencies fail all at once, and recovers by itself",
    async () => {
      const failures = ["recommendations-down", "search-down", "images-down", "pool-exhausted", "payments-slow"];
      for (const name of failures) await visitor.fail(name);
      await until("everyone sees popular items", async () => (await visitor.get("/")).text.includes('data-source="popular"'));
      await until("visitors browse by category", async () =>
        (await visitor.get("/search?q=wool")).text.includes('data-search-mode="browse"'),
      );
      await until(
        "pictures are placeholders",
        async () => (await visitor.get("/pictures/lee-tarp")).headers.get("x-image-quality") === "placeholder",
      );
      await until("products may be stale", async () => (await visitor.get("/")).text.includes('data-banner="stale"'));
      const order = await until("an order waits to be paid", async () => {
        const taken = await visitor.post("/api/checkout", { items: ["lee-tarp"] });
        return taken.status === 202 && (JSON.parse(taken.text) as { id: string });
      });
      const page = await visitor.get(`/orders/${order.id}`);
      expect(page.text).toContain('data-banner="payments"');
      expect(page.text).toContain("temporarily unavailable");

      for (const name of failures) await visitor.recover(name);
      await until("everything is back", async () => {
        const { text } = await visitor.get("/");
        return (
          text.includes('data-source="personal"') &&
          text.includes('data-quality="full"') &&
          text.includes('role="search"') &&
          !text.includes("data-banner")
        );
      });
      await until(
        "the order that waited is settled",
        async () => (await visitor.json(`/api/orders/${order.id}`))["status"] !== "payment-pending",
      );
    },
    STORY_MS,
  );

  it(
    "starts a service again when it dies, and the others find it",
    async () => {
      const before = (await visitor.pids())["payments-1"] ?? 0;
      process.kill(before, "SIGKILL");
      await until("payments run again", async () => ((await visitor.pids())["payments-1"] ?? before) !== before);
      await until("orders are paid again", async () => {
        const taken = await visitor.post("/api/checkout", { items: ["lee-tarp"] });
        return taken.status === 201;
      });
    },
    STORY_MS,
  );

  it("takes its services with it even when it is killed", async () => {
    const pids = Object.values(await visitor.pids());
    expect(pids.every(isAlive)).toBe(true);
    program.child.kill("SIGKILL");
    await until("every service is gone", () => !pids.some(isAlive));
  });
});

describe("a shop that cannot open", () => {
  it("says how it is used when it is not told where the console is", async () => {
    const program = runShopProgram("--load", "10");
    expect(await program.ended).toBe(1);
    expect(program.printed()).toContain("usage:");
  });

  it("refuses a port that is taken, before it starts anything", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    await expect(
      startShop({ consoleUrl: "http://127.0.0.1:9", tokens: "hfa_nobody", shopPort: port, directorPort: 0, load: false }),
    ).rejects.toThrow(/EADDRINUSE/);
    await new Promise((resolve) => other.close(resolve));
  });
});
