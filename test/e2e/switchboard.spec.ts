/** The switchboard in a real browser, on a console that keeps everything in a real PostgreSQL: typed confirmation, revert, a set, restart, a viewer. */
import { expect, test, type Locator, type Page } from "@playwright/test";
import { createAgent, type Agent } from "@holdfast/agent";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { startRealConsole, until, type RealConsole } from "../support/real-console.ts";

const PASSWORD = "correct horse battery staple";
let database: TestPostgres;
let host: RealConsole;
let agent: Agent | undefined;

test.beforeAll(async () => {
  database = await startPostgres();
  host = await startRealConsole({ env: { DATABASE_URL: await database.createDatabase() } });
});

test.afterAll(async () => {
  await agent?.close();
  await host.dispose();
  await database.stop();
});

async function openSwitch(page: Page, title: string) {
  await page.goto(`${host.url}/switchboard`);
  await page.getByText(title, { exact: true }).first().click();
  return page.getByRole("dialog");
}

/** Holds the key on the button until it has acted. */
async function holdUntil(page: Page, button: Locator, done: Locator): Promise<void> {
  await expect(button).toBeEnabled();
  await button.focus();
  await page.keyboard.down(" ");
  await expect(done).toBeVisible();
  await page.keyboard.up(" ");
}

async function post<T>(page: Page, path: string, data: unknown): Promise<T> {
  const answer = await page.request.post(`${host.url}/api/v1${path}`, { data, headers: { origin: host.url } });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()) as T;
}

test("a switch is flipped by typing, reverted by typing, and all of it is there after a restart", async ({ page }) => {
  await page.goto(await host.setupLink());
  await page.getByLabel(/your name/i).fill("Ada Novak");
  await page.getByLabel(/e-?mail/i).fill("ada@example.com");
  await page.getByLabel(/password/i).fill(PASSWORD);
  await page.getByRole("button", { name: /create the account/i }).click();
  await expect(page).toHaveURL(`${host.url}/`);

  const { token } = await post<{ token: string }>(page, "/agent-tokens", { name: "reviews" });
  agent = createAgent({ url: host.url, token, service: "shop", instance: "shop-1", log: () => undefined });
  const reviews = agent.switch({ key: "shop.reviews", title: "Reviews", whatUsersLose: "Stars stay, texts hide" });
  await until("the switch is known", async () => {
    const answer = await page.request.get(`${host.url}/api/v1/switches`);
    return ((await answer.json()) as { items: { key: string }[] }).items.some((item) => item.key === "shop.reviews");
  });

  const pictures = agent.switch({ key: "shop.pictures", title: "Pictures", whatUsersLose: "Placeholders instead" });

  const sheet = await openSwitch(page, "Reviews");
  await sheet.getByText("off", { exact: true }).first().click();
  await sheet
    .getByLabel(/reason/i)
    .first()
    .fill("texts are slow to load");
  await sheet.getByRole("button", { name: /or type/i }).click();
  await sheet.getByLabel(/type shop\.reviews to confirm/i).fill("shop.review");
  await sheet.getByLabel(/type shop\.reviews to confirm/i).press("Enter");
  expect(reviews.position).toBe("on");
  await sheet.getByLabel(/type shop\.reviews to confirm/i).fill("shop.reviews");
  await sheet.getByLabel(/type shop\.reviews to confirm/i).press("Enter");
  await expect(sheet.getByText(/applied/i).first()).toBeVisible();
  await until("the agent has it", () => reviews.position === "off");

  await sheet
    .getByRole("button", { name: /revert/i })
    .first()
    .click();
  await sheet.getByLabel(/reason to revert/i).fill("texts are fast again");
  await sheet
    .getByRole("button", { name: /or type/i })
    .last()
    .click();
  await sheet.getByLabel(/type shop\.reviews to confirm/i).fill("shop.reviews");
  await sheet.getByLabel(/type shop\.reviews to confirm/i).press("Enter");
  await until("the agent is back", () => reviews.position === "on");
  await expect(sheet.getByText(/reverted by/i).first()).toBeVisible();

  await test.step("two are ticked, changed as one set and put back as one, by keys", async () => {
    const positions = () => [reviews.position, pictures.position];
    await page.goto(`${host.url}/switchboard`);
    for (const title of ["Reviews", "Pictures"]) {
      const box = page.getByRole("checkbox", { name: `Tick ${title}` });
      await box.press(" ");
      await expect(box).toBeChecked();
    }
    await page.getByRole("group", { name: "Ticked" }).getByRole("button", { name: "Change 2" }).press("Enter");
    const set = page.getByRole("dialog");
    await set.getByLabel("Reason", { exact: true }).fill("the shop is slow");
    await holdUntil(
      page,
      set.getByRole("button", { name: /^Hold to make 2 changes as one/ }),
      set.getByRole("region", { name: "Receipts" }),
    );
    await expect(set.getByText("1/1 applied")).toHaveCount(2);
    expect(positions()).toEqual(["off", "off"]);
    await set.getByLabel("Reason to take it back").fill("the shop is fast again");
    await holdUntil(page, set.getByRole("button", { name: /^Hold to undo 2 changes as one/ }), set.getByText("Taken back: 2 changes."));
    await until("both are back", () => positions().every((position) => position === "on"));
  });

  const again = await openSwitch(page, "Reviews");
  await again.getByText("off", { exact: true }).first().click();
  await again
    .getByLabel(/reason/i)
    .first()
    .fill("texts are slow again");
  const act = again.locator(".hf-hold").first();
  await expect(act).toBeEnabled();
  await expect(page.getByText(/^LIVE/)).toBeVisible();
  await host.kill("SIGTERM");
  await expect(act, "nobody acts on a picture that is old").toBeDisabled();
  await expect(act).toContainText("This page is not live");
  await page.goto("about:blank");
  await host.restart();
  await page.goto(`${host.url}/events?kind=flip.`);
  await expect(page.getByText(/texts are slow to load/).first()).toBeVisible();
  await expect(page.getByText(/texts are fast again/).first()).toBeVisible();
  await until("the agent has come back", () => agent?.status.connected === true);
});

test("a viewer is told why nothing can be flipped", async ({ page, browser }) => {
  await page.goto(`${host.url}/sign-in`);
  await page.getByLabel(/e-?mail/i).fill("ada@example.com");
  await page.getByLabel(/password/i).fill(PASSWORD);
  await page.getByRole("button", { name: /sign in/i }).click();
  await expect(page).toHaveURL(`${host.url}/`);
  await post(page, "/users", { name: "Vera", email: "vera@example.com", password: PASSWORD, role: "viewer" });

  const other = await (await browser.newContext()).newPage();
  await other.goto(`${host.url}/sign-in`);
  await other.getByLabel(/e-?mail/i).fill("vera@example.com");
  await other.getByLabel(/password/i).fill(PASSWORD);
  await other.getByRole("button", { name: /sign in/i }).click();
  await expect(other).toHaveURL(`${host.url}/`);
  const sheet = await openSwitch(other, "Reviews");
  await expect(sheet.getByText(/viewer/i).first()).toBeVisible();
  await expect(sheet.getByRole("button", { name: /hold/i })).toBeDisabled();
  await other.context().close();
});
