/** A cascade through real breakers in real agents becomes one incident; people work on it by keyboard and mouse, and take the story away. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test, type Page } from "@playwright/test";
import { createAgent, type Agent } from "@holdfast/agent";
import type { IncidentAnswer, WriteUp } from "../../protocol/incident-api.ts";
import type { Breaker, BreakerClass } from "../agent/support/opossum.ts";
import { startRealConsole, until, type RealConsole } from "../support/real-console.ts";

const BOOTSTRAP = "e2e-bootstrap-token-of-more-than-32-characters";
const require = createRequire(import.meta.url);
const CircuitBreaker = require("opossum") as BreakerClass;
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const PASSWORD = "a long enough password";
const REFUSED_CALLS = 40;

interface AxeWindow {
  readonly axe: { run(options: unknown): Promise<{ violations: { id: string; nodes: { target: unknown }[] }[] }> };
}

let host: RealConsole;
/** An administrator's API token. */
let key = "";
const agents: Agent[] = [];
let databaseDown = false;
const options = { timeout: false, errorThresholdPercentage: 50, resetTimeout: 600_000, volumeThreshold: 4, rollingCountTimeout: 60_000 };
const database: Breaker = new CircuitBreaker(async () => {
  if (databaseDown) throw new Error("no connection");
  return "rows";
}, options);
/** Orders call payments, which need their database. */
const payments: Breaker = new CircuitBreaker(() => database.fire(), options);

/** Calls that an open breaker answered at once. */
let refused = 0;
for (const breaker of [database, payments]) breaker.on("reject", () => refused++);

const call = (breaker: Breaker): Promise<unknown> => breaker.fire().catch(() => undefined);

test.beforeAll(async () => {
  host = await startRealConsole({ env: { HOLDFAST_BOOTSTRAP_TOKEN: BOOTSTRAP } });
  const { token } = await host.api<{ token: string }>("POST", "/agent-tokens", { token: BOOTSTRAP, body: { name: "e2e" } });
  for (const [service, breaker, name] of [
    ["payments", database, "payments-db"],
    ["orders", payments, "payments"],
  ] as const) {
    const agent = createAgent({ url: host.url, token, service, instance: `${service}-1`, log: () => undefined });
    agent.observe(breaker, name, { target: name });
    agents.push(agent);
  }
  ({ token: key } = await host.api<{ token: string }>("POST", "/api-tokens", {
    token: BOOTSTRAP,
    body: { name: "e2e", role: "admin" },
  }));
  for (const [name, role] of [
    ["Ada", "admin"],
    ["Vera", "viewer"],
  ])
    await host.api("POST", "/users", {
      token: key,
      body: { name, email: `${String(name).toLowerCase()}@example.com`, password: PASSWORD, role },
    });
});

test.afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.close()));
  for (const breaker of [database, payments]) breaker.shutdown();
  await host.dispose();
});

async function signIn(page: Page, name: string): Promise<void> {
  await page.goto(`${host.url}/sign-in`);
  await page.getByLabel(/e-?mail/i).fill(`${name}@example.com`);
  await page.getByLabel(/password/i).fill(PASSWORD);
  await page.getByRole("button", { name: /sign in/i }).click();
  await expect(page).toHaveURL(`${host.url}/`);
  await expect(page.getByText(/LIVE/).first()).toBeVisible();
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const { violations: found } = await page.evaluate(() =>
    (window as unknown as AxeWindow).axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }),
  );
  return found.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} ${JSON.stringify(target)}`));
}

// The second looks at what the first has left.
test.describe.configure({ mode: "serial" });

const read = <T>(path: string): Promise<T> => host.api<T>("GET", path, { token: key });
const incidents = async () => (await read<{ items: { id: string; number: number }[] }>("/incidents")).items;

test("a cascade is one incident that begins where it was injected, and its story is told with the right numbers", async ({ page }) => {
  test.setTimeout(240_000);
  await signIn(page, "ada");
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await expect(page).toHaveURL(`${host.url}/incidents`);
  await expect(page.getByText("No incident yet")).toBeVisible();

  await test.step("the breaker of the called service opens, then its caller's, and one row appears by itself", async () => {
    for (let i = 0; i < 10; i++) await call(payments);
    databaseDown = true;
    await until("the database's breaker is open", async () => {
      await call(database);
      return database.opened;
    });
    // A caller that notices a second later, as callers do.
    const noticed = Date.now() + 1_500;
    await until("the caller's breaker is open", async () => {
      if (Date.now() > noticed) await call(payments);
      return payments.opened;
    });
    for (let i = 0; i < REFUSED_CALLS; i++) await call(payments);
    expect(refused).toBeGreaterThanOrEqual(REFUSED_CALLS);
    await expect(page.getByRole("list", { name: "Incidents" }).getByRole("listitem")).toHaveCount(1, { timeout: 40_000 });
    await expect(page.getByRole("link", { name: /1 incident open/ })).toBeVisible();
  });

  await test.step("the keyboard leads to it; the first cause is the injected one", async () => {
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/incidents\/1$/);
    const cascade = page.getByRole("region", { name: "What pulled what down" }).getByRole("listitem");
    await expect(cascade).toHaveCount(2);
    await expect(cascade.nth(0)).toContainText("payments → payments-db: breaker open");
    await expect(cascade.nth(0)).toContainText("likely the cause");
    await expect(cascade.nth(1)).toContainText("orders → payments: breaker open");
    expect(await incidents()).toHaveLength(1);
  });

  await test.step("acknowledged by keyboard, taken, noted and marked by mouse", async () => {
    await page.getByRole("button", { name: "Acknowledge" }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("main").getByText("Acknowledged", { exact: true })).toBeVisible();
    await page.getByRole("button", { name: "Assign to me" }).click();
    await expect(page.getByRole("button", { name: "Assign to me" })).toBeHidden();
    await page.getByRole("button", { name: "Add a note" }).click();
    await page.getByLabel("Note", { exact: true }).fill("The <b>database</b> was shut down by hand");
    await page.getByRole("button", { name: "Write the note" }).click();
    await expect(page.getByRole("region", { name: "Timeline" }).getByText("The <b>database</b> was shut down by hand")).toBeVisible();
    await page.getByRole("button", { name: /^Cause: payments → payments-db/ }).click();
    await expect(page.getByText("stated as the cause").first()).toBeVisible();
    await expect(page.getByText(/Marked as a cause by Ada/)).toBeVisible();
  });

  await test.step("an edited entry keeps its original in sight, and a link leads to it", async () => {
    const entry = page.getByRole("region", { name: "Timeline" }).getByRole("listitem").filter({ hasText: "payments-db opened" }).first();
    await entry.getByRole("button", { name: "Edit" }).click();
    await entry.getByLabel("Title").fill("The database went away");
    await entry.getByRole("button", { name: "Save" }).click();
    const told = page.getByRole("listitem").filter({ hasText: "The database went away" });
    await expect(told).toContainText(/Was “.*payments-db opened/);
    const entryKey = await told.first().getAttribute("id");
    await page.goto(`${host.url}/incidents/1#${String(entryKey)}`);
    await expect(page.locator(`[id="${String(entryKey)}"]`)).toBeInViewport();
  });

  await test.step("somebody else's title is told beside one's own, and nothing is lost", async () => {
    const [{ id } = { id: "" }] = await incidents();
    const edit = page.getByRole("button", { name: "Edit the title" });
    await edit.click();
    await page.keyboard.press("Enter");
    await expect(edit, "the focus comes back where it was").toBeFocused();
    await page.keyboard.press("Enter");
    await host.api("PATCH", `/incidents/${id}`, { token: key, body: { title: "Theirs" } });
    await page.getByRole("textbox", { name: "Title" }).fill("Mine");
    await page.keyboard.press("Enter");
    const conflict = page.getByRole("alert").filter({ hasText: "Somebody else changed it" });
    await expect(conflict).toContainText("Theirs");
    await expect(conflict).toContainText("Mine");
    await conflict.getByRole("button", { name: "Write mine over it" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Mine" })).toBeVisible();
    await expect(edit).toBeFocused();
  });

  await test.step("one that is merged into it leads to it", async () => {
    const made = await host.api<IncidentAnswer>("POST", "/incidents", {
      token: key,
      body: { title: "Checkout is slow", severity: 4 },
    });
    await page.goto(`${host.url}/incidents/${String(made.number)}`);
    await page.getByRole("button", { name: "Merge…" }).click();
    await page.getByLabel("Into").selectOption({ label: "#1 Mine" });
    await page.getByRole("button", { name: "Merge", exact: true }).click();
    await expect(page).toHaveURL(/\/incidents\/1(\?from=\d+)?$/);
    await page.goto(`${host.url}/incidents/${String(made.number)}`);
    await expect(page.getByText(`Incident ${String(made.number)} was merged into this one.`)).toBeVisible();
    await expect(page.getByRole("heading", { level: 1, name: "Mine" })).toBeVisible();
  });

  await test.step("resolved by mouse, written up, and taken away with the right numbers", async () => {
    const [{ id } = { id: "" }] = await incidents();
    const counted = async (): Promise<number> => (await read<WriteUp>(`/incidents/${id}/write-up`)).impact.shortCircuited;
    await expect.poll(counted, { message: "every refused call is counted", timeout: 30_000 }).toBe(refused);
    databaseDown = false;
    for (const breaker of [database, payments]) breaker.close();
    await page.getByRole("button", { name: "Resolve" }).click();
    await expect(page.getByRole("main").getByText("Resolved", { exact: true })).toBeVisible();
    await page.getByRole("radio", { name: "Write-up" }).click();
    await page.getByLabel("Summary").fill("The database was away.");
    await page.getByLabel("Went badly").fill("Nobody was told\nIt took long");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const story = page.getByRole("region", { name: "Write-up" });
    await expect(story).toContainText("The database was away.");
    const take = async (name: string): Promise<string> => {
      const saved = page.waitForEvent("download", { timeout: 20_000 });
      await story.getByRole("link", { name, exact: true }).click();
      const download = await saved;
      expect(download.suggestedFilename()).toBe(name === "JSON" ? "incident-1.json" : "incident-1.md");
      return readFileSync(await download.path(), "utf8");
    };
    const [markdown, json] = [await take("Markdown"), await take("JSON")];
    expect(markdown).toMatch(/^# Incident 1: Mine$/m);
    expect(markdown).toMatch(new RegExp(`^\\| Answered at once by open breakers \\| ${String(refused)} \\|$`, "m"));
    expect(markdown).toContain("- It took long");
    expect(markdown).not.toContain("<b>");
    expect(markdown).toContain("The database went away");
    const { impact, cascade, summary } = JSON.parse(json) as WriteUp;
    expect([impact.shortCircuited, summary]).toEqual([refused, "The database was away."]);
    expect(cascade[0]).toMatchObject({ service: "payments", target: "payments-db", confidence: "stated" });
  });

  await test.step("a rule is tried on what was, and says it would have found this", async () => {
    await page.goto(`${host.url}/incidents/rules?rule=breaker-open`);
    await page.getByRole("button", { name: "Try on the last 7 days" }).click();
    await expect(page.getByText(/would have opened 1 incident/)).toBeVisible();
  });

  await test.step("accounting knows both breakers", async () => {
    await page.goto(`${host.url}/incidents/accounting`);
    await expect(page.getByRole("region", { name: "Breakers", exact: true }).getByRole("row")).toHaveCount(3);
  });
});

test("its pages are accessible in both themes, fit a phone, and a viewer sees why the acts are not theirs", async ({ page, context }) => {
  test.setTimeout(180_000);
  const broken: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") broken.push(message.text());
  });
  await page.setViewportSize({ width: 375, height: 812 });
  await signIn(page, "vera");
  for (const theme of ["dark", "light"]) {
    await context.addCookies([{ name: "theme", value: theme, url: host.url }]);
    for (const path of ["/incidents", "/incidents/1", "/incidents/1?tab=write-up", "/incidents/rules", "/incidents/accounting"]) {
      await page.goto(`${host.url}${path}`);
      await expect(
        page
          .getByRole("main")
          .getByText(/payments|Mine|breaker is open/i)
          .filter({ visible: true })
          .first(),
      ).toBeVisible();
      expect(await violations(page), `${path} ${theme}`).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(375);
    }
  }
  await page.goto(`${host.url}/incidents/1`);
  for (const name of ["Reopen", "Assign to me", "Add a note"]) {
    const button = page.getByRole("button", { name });
    await expect(button).toBeDisabled();
    await expect(button).toHaveAttribute("title", /You are a viewer/);
  }
  expect(broken).toEqual([]);
});
