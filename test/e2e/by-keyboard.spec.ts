/** The whole job without a mouse, and two people with the same switch in hand. */
import { expect, test, type Page } from "@playwright/test";
import { createAgent, type Agent, type SwitchHandle } from "@holdfast/agent";
import type { IncidentAnswer } from "../../protocol/incident-api.ts";
import { BOOTSTRAP, focused, people, signIn, signInByKeys, tabTo } from "../support/console-people.ts";
import { startRealConsole, until, type RealConsole } from "../support/real-console.ts";

let host: RealConsole;
/** An administrator's API token. */
let key = "";
const agents: Agent[] = [];
const reviews: SwitchHandle[] = [];

test.beforeAll(async () => {
  host = await startRealConsole({ env: { HOLDFAST_BOOTSTRAP_TOKEN: BOOTSTRAP } });
  const made = await people(host, ["Ada", "Ben"]);
  key = made.key;
  for (let i = 1; i <= 2; i++) {
    const agent = createAgent({
      url: host.url,
      token: made.agentToken,
      service: "orders",
      instance: `orders-${String(i)}`,
      log: () => undefined,
    });
    agent.resource("breaker", "payments", () => ({ state: 0, calls: 100, failures: 1, failurePermille: 4, p50Us: 84_000, p99Us: 240_000 }));
    reviews.push(agent.switch({ key: "shop.reviews", title: "Reviews", whatUsersLose: "Stars stay, texts hide" }));
    agents.push(agent);
  }
  await host.api<IncidentAnswer>("POST", "/incidents", { token: key, body: { title: "Checkout is slow", severity: 3 } });
  await until("the switch is known", async () => {
    const { items } = await host.api<{ items: { key: string }[] }>("GET", "/switches", { token: key });
    return items.some((entry) => entry.key === "shop.reviews");
  });
});

test.afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.close()));
  await host.dispose();
});

/** A dialog that was closed leaves the focus somewhere on the page. */
async function leaves(page: Page): Promise<void> {
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect.poll(async () => (await focused(page)).lost, { message: "the focus is on something" }).toBe(false);
}

/** Holds the key on what has the focus until it acts. */
async function hold(page: Page, done: () => Promise<unknown>): Promise<void> {
  await page.keyboard.down(" ");
  await done();
  await page.keyboard.up(" ");
}

test("everything that must be done in trouble is done by keys, and the focus is always somewhere and seen", async ({ page }) => {
  const broken: string[] = [];
  page.on("pageerror", (error) => broken.push(error.message));
  const press = async (...strokes: string[]): Promise<void> => {
    for (const stroke of strokes) await page.keyboard.press(stroke);
  };

  await test.step("signs in", async () => {
    await signInByKeys(page, host.url, "Ada");
    await expect(page.getByText(/LIVE/).first()).toBeVisible();
  });

  await test.step("the first tab leads past the frame", async () => {
    await press("Tab");
    expect((await focused(page)).name).toMatch(/skip to content/i);
    await press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
  });

  await test.step("finds a service by the palette", async () => {
    await press("Control+k");
    await expect(page.getByRole("dialog")).toBeVisible();
    await leaves(page);
    await press("Control+k");
    await page.keyboard.type("orders");
    await expect(page.getByRole("option", { name: /orders.*2 instances/ })).toBeVisible();
    for (let i = 0; i < 10 && !(await page.getByRole("option", { name: /orders.*2 instances/, selected: true }).isVisible()); i++)
      await press("ArrowDown");
    await press("Enter");
    await expect(page).toHaveURL(`${host.url}/services/orders`);
    await expect(page.getByRole("heading", { level: 1, name: /orders/ })).toBeVisible();
  });

  await test.step("flips a switch with a reason and a lease, by holding a key", async () => {
    await press("g", "b");
    await expect(page.getByRole("button", { name: /Reviews/ })).toBeVisible();
    await tabTo(page, /Reviews.*Stars stay/);
    await press("Enter");
    const sheet = page.getByRole("dialog");
    await expect(sheet).toBeVisible();
    await leaves(page);
    expect((await focused(page)).name).toMatch(/Reviews/);
    await press("Enter");
    await tabTo(page, /^Reason/);
    await page.keyboard.type("texts are slow to load");
    await tabTo(page, /^Drill|^15 min|^1 h/);
    for (let i = 0; i < 5 && !/^15 min/.test((await focused(page)).name); i++) {
      const { name } = await focused(page);
      await press("ArrowLeft");
      // The group moves the focus a moment after the key.
      await expect.poll(async () => (await focused(page)).name).not.toBe(name);
    }
    await press(" ");
    await expect(sheet.getByRole("radio", { name: "15 min" })).toBeChecked();
    await tabTo(page, /^Hold to switch/);
    await press(" ");
    expect(reviews.map((held) => held.position)).toEqual(["on", "on"]);
    await hold(page, () => expect(sheet.getByRole("region", { name: "Receipt" })).toBeVisible());
  });

  await test.step("reads the receipt and takes it back", async () => {
    const receipt = page.getByRole("dialog").getByRole("region", { name: "Receipt" });
    await expect(receipt).toContainText("2/2 applied");
    await until("the agents have it", () => reviews.every((held) => held.position === "off"));
    expect(await page.evaluate(() => document.querySelector("[role=dialog]")?.contains(document.activeElement))).toBe(true);
    await tabTo(page, /^Revert now/);
    await press("Enter");
    await expect.poll(async () => (await focused(page)).name).toMatch(/^Reason to revert/);
    await page.keyboard.type("texts are fast again");
    await tabTo(page, /^Hold to revert/);
    await hold(page, () => expect(receipt.getByText(/reverted by Ada/)).toBeVisible());
    await until("the agents are back", () => reviews.every((held) => held.position === "on"));
    expect(await page.evaluate(() => document.querySelector("[role=dialog]")?.contains(document.activeElement))).toBe(true);
    await leaves(page);
  });

  await test.step("opens an incident and writes what was seen", async () => {
    await press("g", "i");
    await expect(page.getByRole("list", { name: "Incidents" }).getByRole("listitem")).toHaveCount(1);
    await press("j");
    await press("Enter");
    await expect(page).toHaveURL(/\/incidents\/1$/);
    await expect(page.getByRole("region", { name: "Timeline" })).toBeVisible();
    await press("n");
    await expect(page.getByLabel("Note", { exact: true })).toBeFocused();
    await page.keyboard.type("Payments answer slowly since noon");
    await tabTo(page, /^Write the note/);
    await press("Enter");
    await expect(page.getByRole("region", { name: "Timeline" }).getByText("Payments answer slowly since noon")).toBeVisible();
    await expect.poll(async () => (await focused(page)).lost, { message: "the focus is kept when the form goes" }).toBe(false);
  });

  await test.step("looks for what happened, of several kinds at once", async () => {
    await press("g", "e");
    await expect(page).toHaveURL(`${host.url}/events`);
    await tabTo(page, /Everything/);
    await press("Enter");
    await expect(page.getByRole("checkbox", { name: "Breakers" })).toBeFocused();
    for (const kind of ["Incidents", "Flips"]) {
      for (let i = 0; i < 10 && !(await page.getByRole("checkbox", { name: kind }).evaluate((box) => box.matches(":focus"))); i++)
        await press(kind === "Flips" ? "Shift+Tab" : "Tab");
      await press(" ");
    }
    await expect(page).toHaveURL(/\/events\?kind=incident\.&kind=flip\.$/);
    await press("Escape");
    await expect(page.getByRole("button", { name: "Kind 2 kinds" })).toBeFocused();
    const feed = page.getByRole("feed");
    await expect(feed.getByText(/Checkout is slow/).first()).toBeVisible();
    await expect(feed.getByText(/Reviews|shop\.reviews/).first()).toBeVisible();
    await expect(feed.getByText(/joined/)).toHaveCount(0);
  });

  await test.step("goes back in time and to live", async () => {
    await press("g", "f");
    await expect(page).toHaveURL(`${host.url}/`);
    await expect(page.getByText(/^LIVE/)).toBeVisible();
    await press(",");
    await expect(page.getByText(/^REPLAY/)).toBeVisible();
    await press("l");
    await expect(page.getByText(/^LIVE/)).toBeVisible();
    await expect(page).not.toHaveURL(/at=/);
  });

  await test.step("every dialog of the frame gives the focus back", async () => {
    await tabTo(page, /Find anything/);
    for (const stroke of ["Control+k", "?", "w"]) {
      await press(stroke);
      await expect(page.getByRole("dialog")).toBeVisible();
      await leaves(page);
      expect((await focused(page)).name, `after ${stroke}`).toMatch(/Find anything/);
    }
  });
  expect(broken).toEqual([]);
});

test("two people with the same switch: the slower one sees the difference, looks again, and both read the same receipts", async ({
  browser,
}) => {
  const [ada, ben] = await Promise.all(
    ["Ada", "Ben"].map(async (name) => {
      const page = await (await browser.newContext({ reducedMotion: "reduce" })).newPage();
      await signIn(page, host.url, name);
      await page.goto(`${host.url}/switchboard?switch=shop.reviews`);
      const sheet = page.getByRole("dialog");
      await sheet.getByLabel("Reason").fill(`${name} has seen trouble`);
      await expect(sheet.getByRole("button", { name: /^Hold to switch/ })).toBeEnabled();
      return { page, sheet };
    }),
  );
  if (!ada || !ben) throw new Error("two people are needed");
  const receipts = (page: Page) => page.getByRole("dialog").getByRole("region", { name: "Receipt" });
  const conflicts = (page: Page) => page.getByRole("dialog").getByRole("alert").filter({ hasText: "was changed while you were looking" });
  // Both at once: whether the slower one is told by the console's refusal or by the live socket before that, it is told.
  await Promise.all(
    [ada, ben].map(async ({ page, sheet }) => {
      await sheet.getByRole("button", { name: /^Hold to switch/ }).focus();
      await hold(page, () => expect(receipts(page).or(conflicts(page))).toBeVisible());
    }),
  );
  const [first, second] = (await receipts(ada.page).isVisible()) ? [ada, ben] : [ben, ada];
  await expect(receipts(first.page)).toContainText("2/2 applied");
  await expect(conflicts(second.page)).toContainText(/has seen trouble/);
  await expect(conflicts(second.page)).toContainText("Nothing of yours was changed");
  await expect(second.sheet.getByRole("button", { name: /^Hold to switch/ })).toBeDisabled();
  const { items } = await host.api<{ items: { status: string }[] }>("GET", "/flips?switch=shop.reviews", { token: key });
  expect(items.filter(({ status }) => status === "live")).toHaveLength(1);

  await second.sheet.getByRole("button", { name: /^I have seen it/ }).click();
  await expect(second.sheet.getByRole("button", { name: /^Hold to switch/ })).toBeEnabled();
  await second.sheet
    .getByRole("button", { name: /receipt/i })
    .first()
    .click();
  await expect(receipts(second.page)).toContainText("2/2 applied");
  const told = (page: Page) => page.getByRole("dialog").locator(".sw-facts").innerText();
  const [mine, theirs] = [await told(first.page), await told(second.page)].map((text) => text.replace(/in [\d:smh ]+,/, ""));
  expect(mine).toBe(theirs);
  await Promise.all([ada, ben].map(({ page }) => page.context().close()));
});
