/** Every page as anyone meets it: accessible by the book in both themes, no wider than a phone, no broken rule of the page's own policy. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test, type Page } from "@playwright/test";
import { createAgent, type Agent } from "@holdfast/agent";
import { startRealConsole, until, type RealConsole } from "../support/real-console.ts";

const BOOTSTRAP = "e2e-bootstrap-token-of-more-than-32-characters";
const DATA = /orders|recommendations/i;
/** Path, and what is there when the page is. */
const PAGES: readonly (readonly [path: string, shows: RegExp])[] = [
  ["/", DATA],
  ["/?table=true", DATA],
  ["/services", DATA],
  ["/services/orders", DATA],
  ["/map", DATA],
  ["/map?as=list", DATA],
  ["/switchboard", DATA],
  ["/policies", /polic/i],
  ["/incidents", /incident/i],
  ["/incidents/rules", /breaker/i],
  ["/incidents/accounting", /orders|nothing|no /i],
  ["/events", DATA],
  ["/agents", DATA],
  ["/audit", /token/i],
  ["/settings", /theme/i],
  ["/settings/notifications", /this browser/i],
  ["/settings/health", /frames/i],
  ["/settings/retention", /days|hours/i],
  ["/wall?views=fleet", DATA],
];
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let host: RealConsole;
const agents: Agent[] = [];

interface AxeWindow {
  readonly axe: { run(options: unknown): Promise<{ violations: { id: string; nodes: { target: unknown; failureSummary?: string }[] }[] }> };
}

test.beforeAll(async () => {
  host = await startRealConsole({ env: { HOLDFAST_BOOTSTRAP_TOKEN: BOOTSTRAP } });
  const { token } = await host.api<{ token: string }>("POST", "/agent-tokens", { token: BOOTSTRAP, body: { name: "e2e" } });
  for (let i = 1; i <= 3; i++) {
    const agent = createAgent({
      url: host.url,
      token,
      service: "orders",
      instance: `orders-${i}`,
      version: "8.41.0",
      log: () => undefined,
    });
    agent.resource(
      "breaker",
      "payments",
      () => ({ state: i === 1 ? 2 : 0, calls: 100, failures: 60, failurePermille: i === 1 ? 640 : 12, p50Us: 84_000, p99Us: 1_940_000 }),
      {
        target: "payments",
        settings: { threshold: 50 },
      },
    );
    agent.resource("pool", "orders-db", () => ({ inUse: 9, idle: 1, waiting: 0, max: 10 }));
    agent.resource("queue", "outbox", () => ({ depth: 12, running: 2, concurrency: 2, capacity: 100, added: 40, completed: 28 }));
    agent.resource("shedder", "admission", () => ({
      admitted: 900,
      shedLow: 12,
      shedMedium: 0,
      shedHigh: 0,
      shedCritical: 0,
      inFlight: 3,
      limit: 50,
    }));
    agent.switch({
      key: "recommendations",
      title: "Recommendations",
      whatUsersLose: "Personal picks become popular items",
      positions: ["on", "popular"],
    });
    agents.push(agent);
  }
  await host.api("POST", "/users", {
    token: BOOTSTRAP,
    body: { name: "Ada", email: "ada@example.com", password: "a long enough password", role: "admin" },
  });
});

test.afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.close()));
  await host.dispose();
});

async function signIn(page: Page): Promise<void> {
  await page.goto(`${host.url}/sign-in`);
  await page.getByLabel(/e-?mail/i).fill("ada@example.com");
  await page.getByLabel(/password/i).fill("a long enough password");
  await page.getByRole("button", { name: /sign in/i }).click();
  await expect(page).toHaveURL(`${host.url}/`);
  await expect(page.getByText(/LIVE/).first()).toBeVisible();
}

/** The name of a node of the map begins with what people see as its label; the rule also counts the figures that are drawn beside it. */
const isFigureOfMap = (violation: string): boolean => /^label-content-name-mismatch \["g:nth-child/.test(violation);

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const { violations: found } = await page.evaluate(() =>
    (window as unknown as AxeWindow).axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }),
  );
  return found
    .flatMap((entry) =>
      entry.nodes.map((node) => `${entry.id} ${JSON.stringify(node.target)} ${node.failureSummary?.split("\n")[1]?.trim() ?? ""}`),
    )
    .filter((violation) => !isFigureOfMap(violation));
}

/** What is wrong in either theme; the same page is looked at twice, so that it is opened once. */
async function violationsInBothThemes(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const theme of ["light", "dark"]) {
    await page.evaluate((name) => document.documentElement.setAttribute("data-theme", name), theme);
    found.push(...(await violations(page)).map((violation) => `${theme}: ${violation}`));
  }
  return found;
}

test("every page passes axe in the dark and in the light theme", async ({ page, context }) => {
  await context.addCookies([{ name: "theme", value: "dark", url: host.url }]);
  await page.goto(`${host.url}/sign-in`);
  await expect(page.getByRole("button", { name: /sign in/i })).toBeVisible();
  expect(await violationsInBothThemes(page)).toEqual([]);
  await signIn(page);
  for (const [path, shows] of PAGES) {
    await page.goto(`${host.url}${path}`);
    await expect(page.getByText(/LIVE/).first()).toBeVisible();
    await expect(page.getByRole("main").getByText(shows).filter({ visible: true }).first()).toBeVisible();
    expect.soft(await violationsInBothThemes(page), path).toEqual([]);
  }
  await page.goto(`${host.url}/services/orders?at=${new Date(Date.now() - 15_000).toISOString()}`);
  await expect(page.getByRole("region", { name: "Replay" })).toBeVisible();
  await expect(page.getByText(/REPLAY/).first()).toBeVisible();
  expect.soft(await violationsInBothThemes(page), "a page of the past").toEqual([]);
  await page.goto(`${host.url}/switchboard`);
  await page.getByText("Recommendations", { exact: true }).first().click();
  await expect(page.getByRole("dialog")).toBeVisible();
  expect(await violationsInBothThemes(page), "the sheet of a switch").toEqual([]);
});

test("no page is wider than a phone, and none breaks its own content policy", async ({ page }) => {
  const broken: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") broken.push(message.text());
  });
  page.on("pageerror", (error) => broken.push(error.message));
  await page.setViewportSize({ width: 375, height: 812 });
  await signIn(page);
  for (const [path, shows] of PAGES) {
    await page.goto(`${host.url}${path}`);
    await expect(page.getByRole("main").getByText(shows).filter({ visible: true }).first()).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(375);
  }
  // A sheet adds a style of its own that holds the page still behind it.
  await page.goto(`${host.url}/events`);
  await expect(page.getByText(/LIVE/).first()).toBeVisible();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeVisible();
  await expect(page.locator("body")).toHaveCSS("overflow", "hidden");
  expect(broken).toEqual([]);
});

test("the frame says so within three seconds when the console is gone, and comes back by itself", async ({ page }) => {
  await signIn(page);
  const wall = await page.context().newPage();
  await wall.goto(`${host.url}/wall`);
  await expect(wall.getByText("LIVE", { exact: true })).toBeVisible();
  await host.kill("SIGKILL");
  await expect(page.getByText(/NOT LIVE/)).toBeVisible({ timeout: 10_000 });
  await expect(wall.getByText("NOT LIVE", { exact: true })).toBeVisible({ timeout: 10_000 });
  await expect(page.getByText("agents unknown")).toBeVisible();
  await host.restart();
  await expect(page.getByText(/NOT LIVE/)).toBeHidden({ timeout: 30_000 });
  await expect(wall.getByText("LIVE", { exact: true })).toBeVisible({ timeout: 30_000 });
  await until("the agents are back", async () => {
    const fleet = (await (await page.request.get(`${host.url}/api/v1/fleet`)).json()) as { services: { live: number }[] };
    return fleet.services[0]?.live === 3;
  });
});
