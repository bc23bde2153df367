/**
 * Time travel in a real browser, on a real console with a real agent: a breaker opens and closes and a switch is flipped; then the same
 * states are seen again where they were, on every page, and live is live again.
 */
import { expect, test, type Page } from "@playwright/test";
import { createAgent, type Agent } from "@holdfast/agent";
import { startRealConsole, until, type RealConsole } from "../support/real-console.ts";

const BOOTSTRAP = "e2e-bootstrap-token-of-more-than-32-characters";
let host: RealConsole;
let agentToken: string;
let apiToken: string;
let agent: Agent | undefined;
/** What the breaker says of itself; the agent reads it once a second. */
const breaker = { state: 0, calls: 1000, failures: 0, failurePermille: 4, p50Us: 84_000, p99Us: 240_000 };

test.beforeAll(async () => {
  host = await startRealConsole({ env: { HOLDFAST_BOOTSTRAP_TOKEN: BOOTSTRAP } });
  ({ token: agentToken } = await host.api<Made>("POST", "/agent-tokens", { token: BOOTSTRAP, body: { name: "replay" } }));
  ({ token: apiToken } = await host.api<Made>("POST", "/api-tokens", { token: BOOTSTRAP, body: { name: "replay", role: "admin" } }));
  await host.api("POST", "/users", {
    token: apiToken,
    body: { name: "Ada", email: "ada@example.com", password: "a long enough password", role: "admin" },
  });
});

test.afterAll(async () => {
  await agent?.close();
  await host.dispose();
});

interface Made {
  readonly token: string;
}

interface Told {
  readonly items: readonly { readonly type: string; readonly at: number }[];
}

const api = <T>(path: string) => host.api<T>("GET", path, { token: apiToken });
/** When the newest event of a type happened, by the console's clock. */
const when = (type: string) =>
  until(
    `${type} is in the log`,
    async () => (await api<Told>(`/events?kind=${type}&limit=1`)).items.find((event) => event.type === type)?.at,
  );

async function signIn(page: Page): Promise<void> {
  await page.goto(`${host.url}/sign-in`);
  await page.getByLabel(/e-?mail/i).fill("ada@example.com");
  await page.getByLabel(/password/i).fill("a long enough password");
  await page.getByRole("button", { name: /sign in/i }).click();
  await expect(page).toHaveURL(`${host.url}/`);
}

/** The card of the breaker, on the page of its service. */
const card = (page: Page) => page.getByRole("region", { name: "Breakers" });
const bar = (page: Page) => page.getByRole("region", { name: "Replay" });

async function goTo(page: Page, at: number): Promise<void> {
  await bar(page).getByLabel("Go to a time").fill(new Date(at).toISOString());
  await page.keyboard.press("Enter");
  await expect(bar(page).getByText("not live")).toBeVisible();
}

test("what was seen live is seen again at its moment, and live is live again", async ({ page }) => {
  test.setTimeout(180_000);
  const broken: string[] = [];
  page.on("pageerror", (error) => broken.push(error.message));

  agent = createAgent({
    url: host.url,
    token: agentToken,
    service: "orders",
    instance: "orders-1",
    version: "8.41.0",
    log: () => undefined,
  });
  agent.resource("breaker", "payments", () => ({ ...breaker, calls: (breaker.calls += 10) }), {
    target: "payments",
    settings: { threshold: 50 },
  });
  const recommendations = agent.switch({
    key: "recommendations",
    title: "Recommendations",
    whatUsersLose: "Personal picks become popular items",
    positions: ["personal", "popular"],
  });
  await signIn(page);
  await page.goto(`${host.url}/services/orders`);

  const moments = await test.step("live: the breaker opens and closes, and the switch is flipped", async () => {
    await expect(card(page).getByText("closed", { exact: true })).toBeVisible();
    await page.waitForTimeout(3000);
    const calm = Date.now();
    Object.assign(breaker, { state: 2, failures: 640, failurePermille: 640 });
    agent?.event("breaker.opened", { failurePermille: 640 });
    await expect(card(page).getByText(/^open/).first()).toBeVisible();
    const opened = Date.now();
    await page.waitForTimeout(3000);
    await host.api("POST", "/switches/recommendations/flips", {
      token: apiToken,
      body: { position: "popular", reason: "take load off orders", expiresInSeconds: 3600 },
    });
    await until("the agent follows", () => recommendations.position === "popular");
    await page.waitForTimeout(3000);
    Object.assign(breaker, { state: 0, failurePermille: 4 });
    await expect(card(page).getByText("closed", { exact: true })).toBeVisible();
    const closed = Date.now();
    await page.waitForTimeout(8000);
    return { calm, opened, flipped: await when("flip.created"), closed };
  });

  await test.step("the time control goes back, and nothing there looks like now", async () => {
    await page.getByRole("button", { name: "Go back in time" }).click();
    await expect(bar(page)).toBeVisible();
    await goTo(page, moments.opened + 1500);
    await expect(card(page).getByText(/^open/).first()).toBeVisible();
    await expect(page.getByText(/^REPLAY/)).toBeVisible();
    await expect(page).toHaveURL(/at=\d{4}-/);
  });

  await test.step("before it opened it is closed, after it closed it is closed, and open between", async () => {
    await goTo(page, moments.calm - 1000);
    await expect(card(page).getByText("closed", { exact: true })).toBeVisible();
    await goTo(page, moments.closed + 2500);
    await expect(card(page).getByText("closed", { exact: true })).toBeVisible();
    await goTo(page, moments.opened + 1500);
    await expect(card(page).getByText(/^open/).first()).toBeVisible();
  });

  await test.step("a seek within what is in memory asks the console for nothing of the past", async () => {
    const asked: string[] = [];
    page.on("request", (request) => {
      if (request.url().includes("/replay/")) asked.push(request.url());
    });
    for (let i = 0; i < 5; i++) await page.keyboard.press("Escape");
    await page.getByRole("main").click({ position: { x: 5, y: 5 } });
    for (let i = 0; i < 4; i++) await page.keyboard.press(",");
    for (let i = 0; i < 4; i++) await page.keyboard.press(".");
    await expect(card(page).getByText(/^open/).first()).toBeVisible();
    expect(asked).toEqual([]);
  });

  await test.step("a change of page that is slow is not ended by the moment that is written meanwhile", async () => {
    await page.route(/_rsc=/, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      await route.continue();
    });
    await page.keyboard.press(".");
    await page.keyboard.press("g");
    await page.keyboard.press("e");
    await expect(page).toHaveURL(/\/events\?.*at=/);
    await page.keyboard.press(",");
    await page.getByRole("link", { name: "Fleet", exact: true }).click();
    await expect(page).toHaveURL(/\/\?.*at=/);
    await page.unroute(/_rsc=/);
  });

  await test.step("the switchboard stands as it stood, and cannot be flipped from there", async () => {
    await page.getByRole("link", { name: "Switchboard", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Switchboard" })).toBeVisible();
    await expect(page).toHaveURL(/switchboard\?.*at=/);
    await goTo(page, moments.flipped - 1500);
    await expect(page.locator(".sw-row").getByText("personal", { exact: true })).toBeVisible();
    await page.locator(".sw-row").first().click();
    await expect(
      page
        .getByRole("dialog")
        .getByText(/this is a replay, not now/i)
        .first(),
    ).toBeVisible();
    await expect(page.getByRole("dialog").getByRole("button", { name: /hold to switch/i })).toHaveCount(0);
    await page.keyboard.press("Escape");
    await goTo(page, moments.flipped + 2500);
    await expect(page.locator(".sw-row").getByText("popular", { exact: true })).toBeVisible();
  });

  await test.step("what changed around a moment is told, and leads there", async () => {
    await page
      .getByRole("button", { name: /what changed/i })
      .first()
      .click();
    const sheet = page.getByRole("dialog");
    await expect(sheet.getByText(/recommendations/i).first()).toBeVisible();
    await page.keyboard.press("Escape");
  });

  await test.step("as it was: the difference to before the flip is shown", async () => {
    await goTo(page, moments.flipped - 1500);
    await page.getByRole("button", { name: "As it was" }).click();
    await expect(page.getByRole("dialog").getByText("popular").first()).toBeVisible();
    await expect(page.getByRole("dialog").getByText(/hold to make 1 change/i)).toBeVisible();
    await page.keyboard.press("Escape");
  });

  await test.step("a link with the moment opens the replay there; playing goes on from it", async () => {
    const at = new Date(moments.opened + 1500).toISOString();
    await page.goto(`${host.url}/services/orders?at=${at}`);
    await expect(card(page).getByText(/^open/).first()).toBeVisible();
    await bar(page).getByLabel("Speed").selectOption("10");
    await bar(page).getByRole("button", { name: "Play" }).click();
    await expect(card(page).getByText("closed", { exact: true })).toBeVisible();
    await bar(page)
      .getByRole("button", { name: "Hold" })
      .or(bar(page).getByRole("button", { name: "Play" }))
      .first()
      .click();
  });

  await test.step("before the recording it says so", async () => {
    await goTo(page, Date.now() - 40 * 24 * 3_600_000);
    await expect(page.getByText(/nothing was recorded before/i)).toBeVisible();
  });

  await test.step("live is live again, and the address too", async () => {
    await page
      .getByRole("button", { name: /back to live/i })
      .first()
      .click();
    await expect(page.getByText(/^LIVE/)).toBeVisible();
    await expect(card(page).getByText("closed", { exact: true })).toBeVisible();
    await expect(page).not.toHaveURL(/at=/);
  });
  expect(broken).toEqual([]);
});
