/**
 * The main job, end to end, with a real console, a real shop and a real browser: first run, a breaker opens on screen, an operator
 * flips a switch, every instance confirms it, the console is killed and comes back with everything, the lease ends by itself.
 */
import { expect, test } from "@playwright/test";
import { startRealConsole, until, type RealConsole } from "../support/real-console.ts";
import { startRealShop, type RealShop } from "../support/real-shop.ts";

let host: RealConsole;
let shop: RealShop | undefined;

test.beforeAll(async () => {
  host = await startRealConsole();
});

test.afterAll(async () => {
  await shop?.stop();
  await host.dispose();
});

test("an operator sees a dependency fail, degrades a feature, has it confirmed, and finds it all after a crash", async ({ page }) => {
  test.setTimeout(240_000);
  page.on("pageerror", (error) => {
    throw error;
  });

  await test.step("first run: the printed link makes the first account", async () => {
    await page.goto(host.url);
    await expect(page).toHaveURL(/sign-in/);
    await page.goto(await host.setupLink());
    await page.getByLabel(/your name|^name/i).fill("Ada Novak");
    await page.getByLabel(/e-?mail/i).fill("ada@example.com");
    await page
      .getByLabel(/password/i)
      .first()
      .fill("correct horse battery staple");
    await page.getByRole("button", { name: /create|set up|continue/i }).click();
    await expect(page).toHaveURL(`${host.url}/`);
    await expect(page.getByText("createAgent").first()).toBeVisible();
  });

  const token = await test.step("a token is made on the agents page and shown once", async () => {
    await page.goto(`${host.url}/agents`);
    await page
      .getByRole("button", { name: /new token|create token|make a token/i })
      .first()
      .click();
    await page.getByLabel(/name/i).first().fill("shop");
    await page
      .getByRole("button", { name: /^create|^make/i })
      .last()
      .click();
    const secret = await page
      .getByText(/hfa_[A-Za-z0-9]{49}/)
      .first()
      .textContent();
    return /hfa_[A-Za-z0-9]{49}/.exec(secret ?? "")?.[0] ?? "";
  });

  await test.step("the shop appears", async () => {
    shop = await startRealShop({ consoleUrl: host.url, token });
    await page.goto(host.url);
    await expect(page.getByText("storefront").first()).toBeVisible();
    await expect(page.getByText(/LIVE/).first()).toBeVisible();
  });

  await test.step("payments get slow and the breaker of orders is seen open", async () => {
    await shop?.fail("payments-slow", 120);
    await page.goto(`${host.url}/services/orders`);
    await expect(page.getByText(/\bopen\b/i).first()).toBeVisible({ timeout: 40_000 });
    await page.goto(`${host.url}/events?kind=breaker.`);
    await expect(page.getByText(/payments.*opened/i).first()).toBeVisible();
    await shop?.recover("payments-slow");
  });

  await test.step("recommendations are flipped and every instance says applied", async () => {
    await page.goto(`${host.url}/switchboard`);
    await page.getByText("Personal recommendations", { exact: true }).first().click();
    const sheet = page.getByRole("dialog");
    await sheet.getByText("popular", { exact: true }).first().click();
    await sheet
      .getByLabel(/reason/i)
      .first()
      .fill("take load off while payments recover");
    const hold = sheet.getByRole("button", { name: /hold/i });
    await hold.hover();
    await page.mouse.down();
    await expect(sheet.getByText(/applied/i).first()).toBeVisible();
    await page.mouse.up();
    await until("every targeted instance applied", async () => {
      const flips = await page.request
        .get(`${host.url}/api/v1/flips?limit=1`)
        .then((answer) => answer.json() as Promise<{ items: { receipts: { targeted: number; applied: number } }[] }>);
      const receipts = flips.items[0]?.receipts;
      return receipts !== undefined && receipts.targeted > 0 && receipts.applied === receipts.targeted;
    });
    await until("the shop page shows popular items", async () =>
      (await (await fetch(shop?.shopUrl ?? "")).text()).includes('data-source="popular"'),
    );
  });

  await test.step("killed and started again, the console has the history and the switch", async () => {
    await host.kill("SIGKILL");
    await page.goto("about:blank");
    await host.restart();
    await page.goto(`${host.url}/events`);
    await expect(page.getByText(/payments.*opened/i).first()).toBeVisible();
    await page.goto(`${host.url}/switchboard`);
    await expect(page.getByText(/popular/).first()).toBeVisible();
    expect(await (await fetch(shop?.shopUrl ?? "")).text()).toContain('data-source="popular"');
  });

  await test.step("a lease ends by itself and everything is back", async () => {
    const api = page.request;
    const flips = (await (await api.get(`${host.url}/api/v1/flips?limit=1`)).json()) as { items: { id: string }[] };
    await api.post(`${host.url}/api/v1/flips/${flips.items[0]?.id ?? ""}/revert`, {
      data: { reason: "payments are back" },
      headers: { origin: host.url },
    });
    const short = await api.post(`${host.url}/api/v1/switches/recommendations/flips`, {
      data: { position: "popular", reason: "a short lease", expiresInSeconds: 5 },
      headers: { origin: host.url },
    });
    expect(short.status()).toBe(201);
    await until("the shop degrades again", async () => (await (await fetch(shop?.shopUrl ?? "")).text()).includes('data-source="popular"'));
    await until("the lease has ended", async () => (await (await fetch(shop?.shopUrl ?? "")).text()).includes('data-source="personal"'));
    await page.goto(`${host.url}/events?kind=flip.`);
    await expect(page.getByText(/expired|ended by itself/i).first()).toBeVisible();
  });
});
