/** Names that nobody would choose, on every page: they are text, they break no layout, and they turn nothing around. */
import { expect, test, type Page } from "@playwright/test";
import { createAgent, type Agent } from "@holdfast/agent";
import { BOOTSTRAP, people, signIn } from "../support/console-people.ts";
import { startRealConsole, until, type RealConsole } from "../support/real-console.ts";

/** 64 characters is the most that a name may have, 120 a title. */
const MARKUP = `<img src=x onerror="window.hacked=1">'"&amp;{{7*7}}`;
const LONG = `${"w".repeat(30)}😀${"W".repeat(32)}`;
const HEBREW = "תשלומים";
const ARABIC = "المدفوعات 42";
const TITLE = `<script>window.hacked=1</script>${"x".repeat(85)}😀`;
/** A service's name of two characters that direction marks would turn is refused before it comes this far. */
const OVERRIDE = "pay\u202Estnem";

let host: RealConsole;
let key = "";
let page: Page;
const agents: Agent[] = [];
const refused: string[] = [];
const broken: string[] = [];

// One fleet and one browser for all.
test.describe.configure({ mode: "default" });

test.beforeAll(async ({ browser }) => {
  host = await startRealConsole({ env: { HOLDFAST_BOOTSTRAP_TOKEN: BOOTSTRAP } });
  const made = await people(host, ["Ada"]);
  key = made.key;
  const services = [MARKUP, LONG, HEBREW];
  services.forEach((service, i) => {
    const instance = [`<b onclick=alert(1)>"${String(i)}`, LONG, ARABIC][i] ?? "";
    const agent = createAgent({
      url: host.url,
      token: made.agentToken,
      service,
      instance,
      version: `<i>${String(i)}</i>`,
      labels: { team: MARKUP, zone: HEBREW },
      log: () => undefined,
    });
    const target = services[(i + 1) % services.length] ?? "";
    // One is open, so that the names reach the attention rail, incidents and the log.
    agent.resource(
      "breaker",
      target,
      () => ({ state: i === 0 ? 2 : 0, calls: 100, failures: 60, failurePermille: 640, p50Us: 84_000, p99Us: 1_940_000 }),
      {
        target,
        settings: { note: MARKUP },
      },
    );
    agent.resource("pool", LONG, () => ({ inUse: 9, idle: 1, waiting: 0, max: 10 }));
    agent.resource("queue", MARKUP, () => ({ depth: 12, running: 2, concurrency: 2, capacity: 100, added: 40, completed: 28 }));
    agent.resource("bulkhead", ARABIC, () => ({ inUse: 1, max: 10, waiting: 0, queueMax: 5 }));
    agent.switch({
      key: `hostile-${String(i)}`,
      title: i === 2 ? ARABIC : TITLE,
      whatUsersLose: MARKUP,
      positions: [MARKUP, HEBREW, LONG],
    });
    agent.event("note", { text: ARABIC });
    agents.push(agent);
  });
  agents.push(createAgent({ url: host.url, token: made.agentToken, service: OVERRIDE, log: (line) => refused.push(line) }));
  await host.api("POST", "/incidents", { token: key, body: { title: TITLE, severity: 3, services } });
  page = await (await browser.newContext({ reducedMotion: "reduce", viewport: { width: 375, height: 812 } })).newPage();
  page.on("pageerror", (error) => broken.push(error.message));
  page.on("console", (message) => (message.type() === "error" ? broken.push(message.text()) : undefined));
  page.on("dialog", (dialog) => {
    broken.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await signIn(page, host.url, "Ada");
  await until("the switches are known", async () => {
    const { items } = await host.api<{ items: unknown[] }>("GET", "/switches", { token: key });
    return items.length === 3;
  });
  await host.api("POST", "/switches/hostile-0/flips", {
    token: key,
    body: { position: HEBREW, reason: ARABIC, expiresInSeconds: 600 },
  });
});

test.afterAll(async () => {
  await page.context().close();
  await Promise.all(agents.map((agent) => agent.close()));
  await host.dispose();
});

const PAGES: readonly (readonly [path: string, shows: string])[] = [
  ["/", MARKUP],
  ["/?table=true", LONG],
  ["/services", HEBREW],
  [`/services/${encodeURIComponent(MARKUP)}`, LONG],
  [`/services/${encodeURIComponent(HEBREW)}`, ARABIC],
  ["/map", HEBREW],
  ["/map?as=list", HEBREW],
  ["/switchboard", TITLE],
  ["/switchboard?show=switched", HEBREW],
  ["/policies", "Policies"],
  ["/incidents", TITLE],
  ["/incidents/1", TITLE],
  ["/incidents/1?tab=write-up", TITLE],
  ["/incidents/accounting", LONG],
  ["/events", ARABIC],
  ["/agents", HEBREW],
  ["/audit", HEBREW],
  ["/wall", HEBREW],
];

/** What makes the page wider than the window; nothing when it is not. */
const overflow = (): Promise<string[]> =>
  page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const scrolls = (element: Element): boolean =>
      element.parentElement !== null && (getComputedStyle(element.parentElement).overflowX !== "visible" || scrolls(element.parentElement));
    const wide = [...document.querySelectorAll("body *")].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 1 && !scrolls(element),
    );
    const outer = wide.filter((element) => !wide.some((other) => other !== element && other.contains(element)));
    const inner = wide.filter((element) => !wide.some((other) => other !== element && element.contains(other)));
    const named = (element: Element): string =>
      `${element.tagName}.${element.getAttribute("class") ?? ""} ${element.textContent.slice(0, 30)}`;
    return [...new Set([...outer, ...inner].map(named))].slice(0, 8);
  });

test("no name runs, and no page is wider than a phone or a desk", async () => {
  for (const [path, shows] of PAGES) {
    await page.setViewportSize({ width: 375, height: 812 });
    await page.goto(`${host.url}${path}`);
    await expect(page.locator("main").getByText(shows).filter({ visible: true }).first(), path).toBeVisible();
    expect.soft(await overflow(), `${path} on a phone`).toEqual([]);
    await page.setViewportSize({ width: 1440, height: 900 });
    expect.soft(await overflow(), `${path} on a desk`).toEqual([]);
    expect(await page.evaluate(() => "hacked" in window), path).toBe(false);
  }
  expect(broken).toEqual([]);
});

test("neither do the sheet of a switch and the palette", async () => {
  await page.setViewportSize({ width: 375, height: 812 });
  await page.goto(`${host.url}/switchboard?switch=hostile-0`);
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByText(MARKUP).first()).toBeVisible();
  const inside = (): Promise<boolean> =>
    sheet.evaluate((box) => box.scrollWidth <= box.clientWidth + 1 && box.getBoundingClientRect().right <= window.innerWidth + 1);
  expect.soft(await inside(), "the sheet of a switch").toBe(true);
  await sheet.getByRole("button", { name: "Receipt" }).first().click();
  await expect(sheet.getByRole("region", { name: "Receipt" })).toBeVisible();
  expect.soft(await inside(), "its receipt").toBe(true);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  for (const typed of ["img", HEBREW, "www"]) {
    await page.getByRole("combobox").fill(typed);
    await expect(page.getByRole("option").first()).toBeVisible();
    expect.soft(await inside(), `the palette with ${typed}`).toBe(true);
  }
  expect(await page.evaluate(() => "hacked" in window)).toBe(false);
  expect(broken).toEqual([]);
});

test("a name from right to left leaves the words and figures beside it where they were", async () => {
  await page.setViewportSize({ width: 1440, height: 900 });
  for (const [path, shows] of PAGES.filter(([, name]) => name === HEBREW || name === ARABIC)) {
    await page.goto(`${host.url}${path}`);
    await expect(page.locator("main").getByText(shows).filter({ visible: true }).first(), path).toBeVisible();
    // A name stands in an element of its own that is isolated, or is set off by marks where a sentence holds it.
    const turned = await page.evaluate(() => {
      const strong = /[\u0590-\u08ff]/;
      const found: string[] = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const text = node.nodeValue ?? "";
        if (!strong.test(text)) continue;
        const parent = node.parentElement;
        if (!parent?.checkVisibility()) continue;
        const marked = /[\u2066-\u2069]/.test(text);
        const isolated = /isolate|plaintext/.test(getComputedStyle(parent).unicodeBidi);
        // On both sides of an arrow stands one name.
        const whole = text.split(" → ").every((part) => !strong.test(part) || !/[A-Za-z0-9]/.test(part.replace("42", "")));
        const alone = whole && (isolated || getComputedStyle(parent).display !== "inline");
        if (!marked && !alone) found.push(`${parent.tagName}.${parent.className} ${text.slice(0, 60)}`);
      }
      return [...new Set(found)];
    });
    expect.soft(turned, path).toEqual([]);
  }
});

test("a name that hides its direction is refused at the door and said so", async () => {
  const { services } = await host.api<{ services: { name: string }[] }>("GET", "/fleet", { token: key });
  expect(services.map(({ name }) => name).filter((name) => name.includes("\u202E"))).toEqual([]);
  expect(services).toHaveLength(3);
  expect(refused.join("\n")).not.toBe("");
});
